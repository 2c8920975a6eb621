"""Caps and capacity: never exceeded by a route, never in the way of a standing."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.decision import Outcome
from connector.model.partner import Cap
from connector.model.recall import Recall
from connector.routing.capacity import CALENDAR_BACK, Room, began, recall_of
from connector.routing.pipeline import decide
from connector.routing.reasons import REFUSALS, summary
from tests.builders import a_lead, a_policy, a_snapshot, partner, settings
from tests.conftest import NOW
from tests.routing.candidates import a_partner

ROUTE = '[[route]]\nname = "all"\n'
ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/Havana"]

PERIOD: Mapping[str, Callable[[datetime], object]] = {
    "hour": lambda local: (local.utcoffset(), local.isoformat()[:13]),
    "day": lambda local: local.date(),
    "week": lambda local: local.isocalendar()[:2],
    "month": lambda local: (local.year, local.month),
}
"""What two moments of the same period have in common."""


def capped(*caps: tuple[int, str]) -> str:
    tables = ", ".join(f'{{ leads = {leads}, per = "{per}" }}' for leads, per in caps)
    return partner("anna") + f"max_new_leads = [{tables}]\n" + ROUTE


@given(
    st.lists(st.integers(0, 3000), min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(0, 8), st.sampled_from([*PERIOD])), min_size=1, max_size=3),
    st.sampled_from(ZONES),
    st.sampled_from([NOW, datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC)]),
)
def test_a_partner_gets_leads_up_to_each_cap_and_never_beyond(
    gaps: list[int], caps: list[tuple[int, str]], zone: str, start: datetime
) -> None:
    policy = a_policy(capped(*caps), zone=ZoneInfo(zone))
    snapshot = a_snapshot(start)
    counts: Counter[tuple[str, object]] = Counter()
    for number, minutes in enumerate(gaps):
        snapshot.now += timedelta(minutes=minutes)
        local = snapshot.now.astimezone(ZoneInfo(zone))
        periods = {per: (per, PERIOD[per](local)) for per in PERIOD}
        full = [f"cap_per_{per}" for leads, per in caps if counts[periods[per]] >= leads]
        decision = decide(policy, snapshot, a_lead(number))
        snapshot.apply(decision)
        assert (decision.outcome is Outcome.ASSIGNED) == (not full)
        assert [*decision.choices[0].refused] == full[:1]
        counts.update(periods.values() if not full else ())
    assert all(counts[key] <= leads for leads, per in caps for key in counts if key[0] == per)


def test_a_cap_is_said_in_words_and_the_lead_goes_to_who_has_room() -> None:
    toml = partner("bert", max_open_leads=1) + capped((1, "day"))
    policy, snapshot = a_policy(toml), a_snapshot()
    got = []
    for number in range(3):
        last = decide(policy, snapshot, a_lead(number))
        snapshot.apply(last)
        got.append(last.partner)
    assert got == ["anna", "bert", None]
    assert "0 of 2 fit: 1 at capacity, 1 at today's cap" in summary(last)
    assert {f"cap_per_{per}" for per in PERIOD} <= REFUSALS.keys()


def test_a_standing_overrides_a_cap_and_counts_towards_it() -> None:
    policy, snapshot = a_policy(capped((1, "day"))), a_snapshot()
    for number in range(2):
        decision = decide(policy, snapshot, a_lead(number, partner="Anna"))
        snapshot.apply(decision)
        assert decision.partner == "anna"
    assert decide(policy, snapshot, a_lead(3)).choices[0].refused == {"cap_per_day": ("anna",)}


@pytest.mark.parametrize(
    ("now", "zone", "per", "expected"),
    [
        ("2026-11-02T09:20", "Asia/Kolkata", "hour", "2026-11-02T08:30"),
        ("2026-11-02T09:20", "Europe/Berlin", "day", "2026-11-01T23:00"),
        ("2026-10-25T01:30", "Europe/Berlin", "hour", "2026-10-25T01:00"),
        ("2026-10-26T09:00", "Europe/Berlin", "month", "2026-09-30T22:00"),
        ("2026-11-01T12:00", "America/Havana", "day", "2026-11-01T04:00"),
        ("2026-11-08T22:00", "UTC", "week", "2026-11-02T00:00"),
    ],
)
def test_periods_begin_with_the_calendar_of_the_zone(now: str, zone: str, per: str, expected: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert began(moment, ZoneInfo(zone))[per].isoformat()[:16] == expected


def test_the_zone_is_the_configs() -> None:
    from connector.config.load import understood

    rules = settings('timezone = "Asia/Kolkata"\n' + capped((1, "day")))
    assert understood(rules, {}).zone == ZoneInfo("Asia/Kolkata")


DAILY, ROLLING = Cap(2, "day"), Cap(3, "", timedelta(days=90))
LIMITED = a_partner("anna", max_new_leads=(DAILY,))
BY_OWNER = a_partner("bert", max_new_leads_per_owner=(ROLLING,))
BUSY_OWNERS = a_partner("cora", max_open_leads_per_owner=1)
FREE = a_partner("dora", max_open_leads=3)


def test_earlier_leads_are_told_for_whom_and_as_far_back_as_caps_count() -> None:
    assert recall_of([FREE], {"all": ()}) == Recall()
    assert recall_of([LIMITED, FREE], {}) == Recall(frozenset({"anna"}), back=CALENDAR_BACK["day"])
    assert recall_of([BY_OWNER], {}) == Recall(
        frozenset({"bert"}), owners=True, back=ROLLING.window or NOW - NOW
    )
    assert recall_of([BUSY_OWNERS], {}) == Recall(frozenset({"cora"}), owners=True)
    by_route = recall_of([FREE], {"all": (DAILY,), "rest": ()})
    assert by_route == Recall(routes=frozenset({"all"}), back=CALENDAR_BACK["day"])
    every = recall_of([LIMITED, BY_OWNER, BUSY_OWNERS, FREE], {"all": (DAILY,)})
    assert every == Recall(frozenset({"anna", "bert", "cora"}), frozenset({"all"}), True, timedelta(days=90))


def test_what_was_given_when_the_period_began_counts_and_what_a_window_ago_does_not() -> None:
    hour = Cap(1, "hour")
    room = Room(a_snapshot(), began(NOW, UTC))
    assert room.full([hour], [NOW]) == "cap_per_hour"
    assert room.full([hour], [NOW - timedelta(microseconds=1)]) is None
    assert room.full([Cap(1, "", timedelta(hours=1))], [NOW - timedelta(hours=1)]) is None
    assert room.full([Cap(1, "", timedelta(hours=1))], [NOW - timedelta(minutes=59)]) == "cap_rolling"
    assert room.full([DAILY, hour], [NOW - timedelta(hours=2), NOW]) == "cap_per_day"
    assert room.full([], [NOW]) is room.full([DAILY], []) is None


def test_periods_begin_to_the_microsecond() -> None:
    now = datetime(2026, 11, 4, 13, 14, 15, 16, tzinfo=UTC)
    assert began(now, UTC) == {
        "hour": datetime(2026, 11, 4, 13, tzinfo=UTC),
        "day": datetime(2026, 11, 4, tzinfo=UTC),
        "week": datetime(2026, 11, 2, tzinfo=UTC),
        "month": datetime(2026, 11, 1, tzinfo=UTC),
    }
    # Clocks go back over midnight here: the day begins at the first of the two.
    havana = ZoneInfo("America/Havana")
    again = datetime(2026, 11, 1, 0, 30, tzinfo=havana, fold=1)
    assert began(again, havana)["day"] == datetime(2026, 11, 1, 4, tzinfo=UTC)
