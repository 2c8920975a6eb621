"""How long things took, step by step."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.model.performance import Followed
from connector.routing.pace import Took, minutes, speed
from tests.conftest import NOW


def one(accepted: int | None = None, touched: int | None = None) -> Followed:
    def at(minutes: int | None) -> object:
        return None if minutes is None else NOW + timedelta(minutes=minutes)

    return Followed("anna", "all", NOW, NOW - timedelta(minutes=5), at(accepted), at(touched))  # type: ignore[arg-type]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_nine_in_ten_do_not_exceed_the_90th_percentile(times: list[float]) -> None:
    took = Took.of(times)
    assert took.p90 in times
    assert sum(t <= took.p90 for t in times) >= 0.9 * len(times)
    assert sum(t < took.p90 for t in times) < 0.9 * len(times)


def test_speed_is_told_step_by_step() -> None:
    found = speed([one(10, 40), one(20), one()], lambda lead: lead.partner)["anna"]
    assert found["created_to_routed"] == Took(3, 5.0, 5.0)
    assert found["routed_to_accepted"] == Took(2, 15.0, 20.0)
    assert found["accepted_to_touched"] == Took(1, 30.0, 30.0)
    assert found["created_to_touched"] == Took(1, 45.0, 45.0)


def test_clocks_that_disagree_make_no_time_negative() -> None:
    assert minutes(NOW, NOW + timedelta(seconds=90)) == 1.5
    assert minutes(NOW, NOW) == minutes(NOW + timedelta(hours=1), NOW) == 0
