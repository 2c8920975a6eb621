"""Rules that do not meet what is there: a partner taken out of the config, hours that never come."""

from datetime import timedelta
from pathlib import Path

import pytest
import toml_rs
from sqlalchemy.orm import Session

from connector.model.decision import Outcome
from connector.reports.status import status
from connector.reports.summary import summarize
from connector.routing.policy import BadPolicy, Policy, understand_policy
from connector.routing.settings import RoutingSettings
from connector.store import Store
from connector.store.brake import NO_LIMITS
from connector.store.retiring import counts
from connector.store.steady import SteadyClock
from tests.conftest import Clock
from tests.sync.test_life import HURRIED, given_lead, says, states
from tests.sync.world import CsvWorld


def policy(world: CsvWorld, toml: str, **files: str) -> Policy:
    settings = RoutingSettings.model_validate(toml_rs.loads(toml))
    return understand_policy(
        settings, world.cycle.policy.crms, files={f"{name}.ics": t for name, t in files.items()}
    )


def report(session: Session) -> dict[str, tuple[str, int]]:
    found = summarize(session, {"bert": "Bert"}, "live").by_partner
    return {who: (line.name, line.assigned) for who, line in found.items()}


@pytest.mark.parametrize("claims", [False, True])
def test_a_partner_taken_out_of_the_config_keeps_its_leads_gets_no_others_and_is_told_of(
    tmp_path: Path, store: Store, clock: Clock, claims: bool
) -> None:
    """It may still accept, decline and be late; what it does not take goes on to who is left."""
    world = CsvWorld(tmp_path, store, clock, toml=HURRIED)
    numbers = range(1, 11)
    for number in numbers:
        given_lead(world, number)
    annas = [n for n in numbers if world.decisions(n)[-1].partner == "anna"]
    assert len(annas) == 5
    without = HURRIED[HURRIED.index('[[partner]]\nid = "bert"') :]
    if claims:
        without += '[[route]]\nname = "offers"\npick = "cherry_pick"\n'
    world.cycle.means.policy = policy(world, without)
    accepts, declines, taken, moved, lapses = annas
    says(world, accepts, partner_answer="Accepted")
    says(world, declines, partner_answer="Declined")
    says(world, taken, owner="user:bert@x.example")
    says(world, moved, claimed_by="bert")
    world.lead(20)
    world.run()
    assert world.decisions(20)[-1].partner == "bert"
    assert states(world, accepts) == ["assigned", "accepted"]
    assert world.decisions(declines)[-1].partner == "bert"
    assert world.decisions(taken)[-1].outcome is Outcome.LEFT_ALONE
    with store.looking() as session:
        assert report(session)["anna"] == ("anna (not in the config)", 3)
        assert counts(session)["anna"] == (3, 0)
        clock_now = SteadyClock(clock, lambda: 0.0)
        stands = status(session, clock_now, clock(), NO_LIMITS, {}, None, timedelta(hours=1), ["bert"])
    assert stands.troubles == (
        "anna has 3 open leads and is not in the config any more; put it back, or give them to others with "
        "connector partners retire --release anna",
    )
    world.run(minutes=5 * 60)
    world.run()
    assert [s for s in states(world, lapses) if s != "assigned"] == ["expired"]
    assert world.rows()[f"{accepts:06d}"]["owner"] == "user:anna@x.example"
    with store.looking() as session:
        assert report(session)["anna"][1] == 1


NEVER = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20260104
RRULE:FREQ=WEEKLY;BYDAY=SU
END:VEVENT
END:VCALENDAR
"""
SUNDAYS = HURRIED.replace("4h", "4 working hours").replace(
    'name = "Anna"',
    'name = "Anna"\nworking_hours = { days = "sun", from = "09:00", to = "17:00" }\n'
    'holidays = { file = "sundays.ics" }',
)


def test_whose_working_hours_never_come_is_hurried_by_nobody_and_the_decision_says_so(
    tmp_path: Path, store: Store, clock: Clock
) -> None:
    world = CsvWorld(tmp_path, store, clock, toml=HURRIED)
    world.cycle.means.policy = policy(world, SUNDAYS, sundays=NEVER)
    for number in (1, 2):
        given_lead(world, number)
    annas = next(n for n in (1, 2) if world.decisions(n)[-1].partner == "anna")
    decision = world.decisions(annas)[-1]
    assert decision.accept_by is None
    assert decision.reasons[-1].code == "never_at_work"
    row = world.rows()[f"{annas:06d}"]
    assert "anna's working hours never come, so there is no time to accept by" in row["reason"].casefold()
    assert row["due"] == ""
    world.run(minutes=30 * 24 * 60)
    world.run()
    assert states(world, annas) == ["assigned"]


def test_a_calendar_that_cannot_be_read_is_a_mistake_in_its_line_and_no_policy(
    tmp_path: Path, store: Store, clock: Clock
) -> None:
    world = CsvWorld(tmp_path, store, clock, toml=HURRIED)
    with pytest.raises(BadPolicy) as bad:
        policy(world, SUNDAYS, sundays=NEVER.replace("20260104", "20261399"))
    (found,) = bad.value.findings
    assert (found.file, found.line) == ("sundays.ics", 2)
    assert "DTSTART cannot be read" in found.message
