"""Absences by the calendar: who is away goes without, or is owed its share, and comes back to no burst."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from connector.model.snapshot import Snapshot
from connector.routing.pipeline import decide
from connector.routing.policy import Policy
from connector.routing.rotation import LEAD
from tests.builders import a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW

START = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
ROUTE = '[[route]]\nname = "all"\n'
C_AWAY = "away = [{ from = 2026-11-03, until = 2026-11-03 }]\n"
"""A hundred leads come on each of three days: 101 to 200 on the second."""


def days(policy: Policy, snapshot: Snapshot, count: int = 3) -> list[str]:
    """Who got which of a hundred leads a day."""
    got = []
    for number in range(100 * count):
        snapshot.now = START + timedelta(days=number // 100, minutes=14 * (number % 100))
        decision = decide(policy, snapshot, a_lead(number))
        snapshot.apply(decision)
        got.append(str(decision.partner))
    return got


def three(rotation: str = "") -> Policy:
    return a_policy(partner("anna") + partner("bert") + partner("cora") + C_AWAY + ROUTE + rotation)


def longest_run(got: list[str], who: str) -> int:
    """The most leads that one partner was given in a row."""
    runs = "".join("x" if each == who else " " for each in got).split()
    return max(map(len, runs), default=0)


def test_a_b_and_c_are_equal_and_c_is_away_for_leads_101_to_200_and_forgiven() -> None:
    snapshot = a_snapshot(START)
    got = days(three(), snapshot)
    assert "cora" not in got[100:200]
    counts = Counter(got)
    assert all(abs(counts[who] - target) <= 1 for who, target in (("anna", 117), ("bert", 117), ("cora", 67)))
    assert longest_run(got[200:], "cora") == 1
    assert Counter(got[200:230])["cora"] == 10


def test_who_is_owed_its_share_gets_it_later_in_small_doses() -> None:
    rotation = 'rotation = { name = "r", absence = "make_up", make_up_limit = 5, make_up_every = 3 }\n'
    snapshot = a_snapshot(START)
    got = days(three(rotation), snapshot)
    counts = Counter(got)
    assert "cora" not in got[100:200]
    assert 67 + 4 <= counts["cora"] <= 67 + 6
    assert longest_run(got[200:], "cora") <= 2
    assert sum(snapshot.credits["r"].values()) == 0


def test_what_is_owed_lapses_so_long_after_the_return() -> None:
    rotation = 'rotation = { name = "r", absence = "make_up", make_up_limit = 9, make_up_within = "1d" }\n'
    policy, snapshot = three(rotation), a_snapshot(START)
    days(policy, snapshot, 2)
    owed = snapshot.credits["r"]["cora"] / LEAD
    assert owed > 8
    # Back since the night before the third day, at a time when nothing came: on the fifth it is too late.
    snapshot.now = START + timedelta(days=4)
    decision = decide(policy, snapshot, a_lead(999))
    lapsed = next(reason.facts["lapsed"] for reason in decision.reasons if "lapsed" in reason.facts)
    assert lapsed["cora"] < 0
    snapshot.apply(decision)
    assert snapshot.credits["r"]["cora"] / LEAD < 2.5
    assert sum(snapshot.credits["r"].values()) == 0


@pytest.mark.parametrize(
    ("keys", "route", "returned"),
    [
        ("away = [{ until = 2026-10-30 }, { from = 2026-11-05 }]\n", "", datetime(2026, 10, 31, tzinfo=UTC)),
        ('working_hours = { from = "08:00", to = "17:00" }\n', "", None),
        (
            'working_hours = { from = "08:00", to = "17:00" }\n',
            'working_hours = "required"\n',
            datetime(2026, 11, 2, 8, tzinfo=UTC),
        ),
        (
            'working_hours = { from = "10:00", to = "17:00" }\nqueue_outside_hours = false\n',
            "",
            datetime(2026, 10, 30, 10, tzinfo=UTC),
        ),
    ],
)
def test_the_calendar_says_when_a_partner_came_back(keys: str, route: str, returned: datetime | None) -> None:
    policy = a_policy(partner("anna") + keys + ROUTE + route)
    assert policy.attendance.returned(NOW) == ({"anna": returned} if returned else {})
