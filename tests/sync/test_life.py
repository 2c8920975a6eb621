"""What partners do with a lead in the CRM, and what becomes of it."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.decision import Outcome
from connector.model.lead import Ref
from connector.model.life import ENDS, NEXT, OPEN, Mover, State
from connector.model.progress import Progress
from connector.routing.progress import Meaning
from connector.sources.base import SourceBusy
from connector.store import Store, reading
from connector.store.decisions import ledger_balance
from connector.store.handled import handled
from connector.store.life import Step, steps_of, unexplained
from connector.sync.hearing import NotPossible, answer
from connector.sync.report import CycleReport
from tests.conftest import NOW, Clock
from tests.sync.world import TOML, CsvWorld, a_daemon


@pytest.fixture
def world(tmp_path: Path, store: Store, clock: Clock) -> CsvWorld:
    return CsvWorld(tmp_path, store, clock)


def given_lead(world: CsvWorld, number: int = 1) -> str:
    """One lead with its partner, written and settled; the partner's id."""
    world.lead(number)
    world.run()
    world.run()
    return str(world.decisions(number)[-1].partner)


def says(world: CsvWorld, number: int = 1, **values: str) -> None:
    world.put({"id": f"{number:06d}", "changed_at": world.clock().isoformat(), **values})
    world.run()


def steps(world: CsvWorld, number: int = 1) -> list[Step]:
    with world.store.transaction() as session:
        return steps_of(session, Ref("file", f"{number:06d}"))


def states(world: CsvWorld, number: int = 1) -> list[str]:
    return [step.state for step in steps(world, number)]


def test_a_partner_accepts_in_the_crm(world: CsvWorld) -> None:
    partner = given_lead(world)
    says(world, partner_answer="Accepted")
    assert states(world) == ["assigned", "accepted"]
    step = steps(world)[-1]
    assert (step.partner, step.by, step.who) == (partner, "crm", f"user:{partner}@x.example")
    assert world.load() == {partner: 1}


def test_a_declined_lead_goes_to_the_next_partner_and_never_back(world: CsvWorld) -> None:
    first = given_lead(world)
    says(world, partner_answer="Declined", decline_reason="no capacity")
    second = str(world.decisions(1)[-1].partner)
    assert {first, second} == {"anna", "bert"}
    assert states(world) == ["assigned", "declined", "assigned"]
    assert steps(world)[1].because == "no capacity"
    assert world.load() == {second: 1}
    row = world.rows()["000001"]
    assert row["owner"] == f"user:{second}@x.example"
    assert (row["partner_answer"], row["decline_reason"]) == ("", "")
    world.run()
    says(world, partner_answer="Declined")
    assert world.outcomes([1]) == ["fallback"]
    assert world.rows()["000001"]["owner"] == "queue:Triage"
    assert world.load() == {}


def test_the_answer_of_the_partner_before_is_not_taken_for_the_next_ones(world: CsvWorld) -> None:
    given_lead(world)
    says(world, partner_answer="Declined")
    for _ in range(3):
        world.run()
    assert states(world) == ["assigned", "declined", "assigned"]


def test_a_person_who_took_the_lead_meanwhile_keeps_it(world: CsvWorld) -> None:
    given_lead(world)
    says(world, partner_answer="Declined", owner="user:rep@x.example")
    assert world.outcomes([1]) == ["left_alone"]
    assert world.rows()["000001"]["owner"] == "user:rep@x.example"


def test_leads_that_are_over_load_nobody(world: CsvWorld) -> None:
    partner = given_lead(world)
    assert world.load() == {partner: 1}
    world.put({"id": "000001", "won": "yes", "amount": "5000"})
    world.run(minutes=20)
    assert world.load() == {}
    assert states(world) == ["assigned", "won"]


def test_values_that_nobody_has_explained_are_reported_once(world: CsvWorld) -> None:
    for number in (1, 2):
        given_lead(world, number)
        says(world, number, partner_answer="Perhaps")
    with world.store.transaction() as session:
        assert unexplained(session) == [("file", "Perhaps", "000001")]
    assert states(world) == ["assigned"]


def test_answers_on_the_command_line_take_the_same_way(world: CsvWorld) -> None:
    partner = given_lead(world)
    other = {"anna": "bert", "bert": "anna"}[partner]
    ref, mover, now = Ref("file", "000001"), Mover("command", "me@here"), world.clock()
    with world.store.transaction() as session:
        with pytest.raises(NotPossible, match=f"is {partner}'s, so {other} cannot answer"):
            answer(session, world.cycle.policy, ref, State.ACCEPTED, mover, now, partner=other)
        answer(session, world.cycle.policy, ref, State.ACCEPTED, mover, now, partner=partner)
        with pytest.raises(NotPossible, match="is accepted, so it cannot become accepted"):
            answer(session, world.cycle.policy, ref, State.ACCEPTED, mover, now)
        answer(session, world.cycle.policy, ref, State.DECLINED, mover, now, "changed our mind")
        with pytest.raises(NotPossible, match="no partner has file:000001"):
            answer(session, world.cycle.policy, ref, State.ACCEPTED, mover, now)
    world.run()
    assert world.decisions(1)[-1].partner == other
    assert states(world) == ["assigned", "accepted", "declined", "assigned"]


def test_a_declined_lead_keeps_its_partner_before_in_the_decision(world: CsvWorld) -> None:
    first = given_lead(world)
    says(world, partner_answer="Declined")
    decision = world.decisions(1)[-1]
    assert next(r.code for r in decision.reasons) == "taken_back"
    assert decision.choices[0].refused == {"declined_before": (first,)}


@given(st.lists(st.sampled_from(list(State)), max_size=12))
def test_what_has_ended_never_opens_again(wanted: list[State]) -> None:
    state, ended = State.OFFERED, False
    for then in wanted:
        if then in NEXT[state]:
            state = then
            assert not (ended and state in OPEN)
            ended = state not in OPEN


def test_every_state_has_a_place_in_the_table() -> None:
    assert set(NEXT) == set(State)
    assert set(ENDS.values()) == set(State) - OPEN


MEANING = Meaning.of(
    {"new": ["Open"], "accepted": ["Yes"], "working": ["Contacted"], "declined": ["No"], "lost": ["Dead"]}
)


@pytest.mark.parametrize(
    ("answer", "status", "state"),
    [
        (None, "Open", None),
        ("Yes", "Open", State.ACCEPTED),
        ("yes", "Contacted", State.WORKING),
        ("No", "Contacted", State.DECLINED),
        ("Yes", "Dead", State.LOST),
        (None, None, None),
    ],
)
def test_a_refusal_goes_before_the_status_and_the_status_before_the_answer(
    answer: str | None, status: str | None, state: State | None
) -> None:
    assert MEANING.said({"partner_answer": answer, "status": status}).state is state


@pytest.mark.parametrize(
    ("progress", "how"),
    [
        (Progress(status="Open"), None),
        (Progress(converted=True, open=False), "converted"),
        (Progress(converted=True, open=False, won=True), "won"),
        (Progress(converted=True, open=False, won=False), "lost"),
        (Progress(status="Closed", open=False, won=False), "lost"),
        (Progress(status="Contacted", open=False, won=False), None),
        (Progress(status="BAD_TIMING", open=False), "closed"),
    ],
)
def test_the_crms_own_word_on_an_end_counts_unless_the_status_is_explained(
    progress: Progress, how: str | None
) -> None:
    assert MEANING.ended(progress) == how


def test_everything_that_was_given_is_in_the_report(world: CsvWorld) -> None:
    given_lead(world)
    with world.store.transaction() as session:
        assert sum(reading.assigned_by(session, "live").values()) == 1


HURRIED = TOML.replace(
    "when = { country = { present = true } }",
    """
    accept_within = "4h"
    remind_before = ["1h"]
    if_not_accepted = { try_partners = 2 }
    give_turn_back = { on_decline_within = "2h", most_per_month = 1 }
    """,
)


@pytest.fixture
def hurried(tmp_path: Path, store: Store, clock: Clock) -> CsvWorld:
    return CsvWorld(tmp_path, store, clock, toml=HURRIED, notes=True)


def test_a_lead_that_is_not_accepted_in_time_is_reminded_of_then_given_on_then_the_fallback_owners(
    hurried: CsvWorld,
) -> None:
    first = given_lead(hurried)
    assert hurried.rows()["000001"]["due"] == "2026-11-02T13:01:00+00:00"
    hurried.run(minutes=3 * 60)
    assert steps(hurried)[-1].because == "reminded: Please accept by 2026-11-02 13:01 UTC"
    hurried.run(minutes=10)
    assert hurried.rows()["000001"]["reason"] == "Please accept by 2026-11-02 13:01 UTC"
    assert "Please accept by" in hurried.rows()["000001"]["notes"]
    assert states(hurried) == ["assigned", "assigned"]
    hurried.run(minutes=60)
    hurried.run()
    second = hurried.decisions(1)[-1]
    assert {first, second.partner} == {"anna", "bert"}
    assert states(hurried)[-2:] == ["expired", "assigned"]
    assert steps(hurried)[-2].by == "clock"
    hurried.run(minutes=5 * 60)
    hurried.run()
    last = hurried.decisions(1)[-1]
    assert (last.outcome, [r.code for r in last.reasons][-1]) == (Outcome.FALLBACK, "tried_enough")
    assert hurried.rows()["000001"]["owner"] == "queue:Triage"
    assert hurried.load() == {}
    hurried.run(minutes=24 * 60)
    assert hurried.decisions(1)[-1] == last


def test_an_accepted_lead_is_left_in_peace(hurried: CsvWorld) -> None:
    given_lead(hurried)
    says(hurried, partner_answer="Accepted")
    for _ in range(4):
        hurried.run(minutes=3 * 60)
    assert states(hurried) == ["assigned", "accepted"]


def test_who_accepts_has_nothing_due_any_more_and_the_record_says_again_why_it_got_the_lead(
    hurried: CsvWorld,
) -> None:
    given_lead(hurried)
    why = hurried.rows()["000001"]["reason"]
    hurried.run(minutes=3 * 60 + 5)
    hurried.run()
    row = hurried.rows()["000001"]
    assert row["due"]
    assert row["reason"].startswith("Please accept by")
    says(hurried, partner_answer="Accepted")
    hurried.run()
    row = hurried.rows()["000001"]
    assert (row["due"], row["reason"]) == ("", why)
    # Our own write is no reason to take a later change by a person for an automation's.
    hurried.run(minutes=1)
    says(hurried, owner="user:rep@x.example")
    assert states(hurried)[-2:] == ["accepted", "recalled"]


COLLEAGUES = HURRIED.replace(
    'owners = { file = ["user:anna@x.example"]',
    'owner_weights = { "user:rep@x.example" = 0 }\n'
    'owners = { file = ["user:anna@x.example", "user:rep@x.example"]',
)


def reminded(tmp_path: Path, store: Store, clock: Clock) -> tuple[CsvWorld, int]:
    """A world in which a reminder of one of anna's leads is still to be written, and its number."""
    world = CsvWorld(tmp_path, store, clock, toml=COLLEAGUES)
    for number in (1, 2):
        given_lead(world, number)
    annas = next(n for n in (1, 2) if world.decisions(n)[-1].partner == "anna")
    world.run(minutes=3 * 60 + 2)
    assert "reminded" in str(steps(world, annas)[-1].because)
    return world, annas


def test_a_colleague_who_takes_a_lead_over_after_a_reminder_has_accepted_it(
    tmp_path: Path, store: Store, clock: Clock
) -> None:
    world, annas = reminded(tmp_path, store, clock)
    says(world, annas, owner="user:rep@x.example")
    world.run()
    assert states(world, annas) == ["assigned", "assigned", "accepted"]
    row = world.rows()[f"{annas:06d}"]
    assert (row["owner"], row["due"]) == ("user:rep@x.example", "")
    assert not row["reason"].startswith("Please accept")
    assert world.load()["anna"] == 1


def test_a_reminder_that_finds_another_owner_takes_nothing_from_what_was(
    tmp_path: Path, store: Store, clock: Clock
) -> None:
    """A person takes the record between reading and writing: the partner has had the lead all along."""
    world, annas = reminded(tmp_path, store, clock)
    source = world.sources["file"]
    ask = source.read_back

    def answer(*args: object) -> object:
        source.read_back = ask
        stamp = world.clock().isoformat()
        world.put({"id": f"{annas:06d}", "changed_at": stamp, "owner": "queue:Triage"})
        return ask(*args)

    source.read_back = answer
    world.run()
    assert states(world, annas)[-1] == "assigned"
    world.run()
    assert steps(world, annas)[-1].because == "decided_again"
    with store.looking() as session:
        assert [one.ref.id for one in handled(session, NOW) if one.partner == "anna"] == [f"{annas:06d}"]


def test_a_fallback_owner_is_told_of_no_time_that_was_somebody_elses(hurried: CsvWorld) -> None:
    given_lead(hurried)
    for _ in range(4):
        hurried.run(minutes=5 * 60)
    row = hurried.rows()["000001"]
    assert (row["owner"], row["due"]) == ("queue:Triage", "")


def test_single_runs_follow_up_as_the_daemon_does(store: Store, clock: Clock, hurried: CsvWorld) -> None:
    """Each in a process of its own, as from a crontab: what was due before them is seen by the next."""
    given_lead(hurried)
    hurried.cycle.leave()

    def once(minutes: float) -> CycleReport:
        clock.advance(minutes=minutes)
        cycle = a_daemon(hurried, store, 1)
        cycle.begin()
        report = cycle.run(once=True)
        cycle.leave()
        return report

    assert once(3 * 60).caught["reminded"] == 1
    assert hurried.rows()["000001"]["reason"].startswith("Please accept by")
    report = once(70)
    assert (report.caught["breached"], report.decided["assigned"], report.delivered["written"]) == (1, 1, 1)
    assert hurried.sources["file"].calls["outcomes"] == 0
    once(5 * 60)
    assert hurried.rows()["000001"]["owner"] == "queue:Triage"


def test_early_refusals_give_the_turn_back_once_a_month_and_earn_nothing(hurried: CsvWorld) -> None:
    def turns() -> dict[str, tuple[int, int]]:
        with hurried.store.transaction() as session:
            return {line.partner: (line.turns, line.units) for line in reading.credits(session, "live")}

    for number in (1, 2):
        given_lead(hurried, number)
    before = turns()
    anna = next(n for n in (1, 2) if hurried.decisions(n)[-1].partner == "anna")
    says(hurried, anna, partner_answer="Declined")
    assert turns()["anna"][0] == before["anna"][0] - 1
    assert turns()["bert"][0] == before["bert"][0] + 1
    assert sum(units for _, units in turns().values()) == 0
    given_lead(hurried, 3)
    assert hurried.decisions(3)[-1].partner == "anna"
    before = turns()
    says(hurried, 3, partner_answer="Declined")
    assert turns()["anna"][0] == before["anna"][0]


def test_a_crm_in_trouble_makes_nobody_late(hurried: CsvWorld) -> None:
    given_lead(hurried)
    path = hurried.paths["file"]
    away = path.rename(path.with_suffix(".away"))
    hurried.run(minutes=6 * 60)
    assert states(hurried) == ["assigned"]
    away.rename(path)
    says(hurried, partner_answer="Accepted")
    assert states(hurried) == ["assigned", "accepted"]


RECYCLED = (
    TOML
    + """
if_not_accepted = { try_partners = 2 }
[[recycle]]
name = "asleep"
no_progress_for = "14d"
when = { country = ["DE"] }
"""
)


def test_leads_that_fall_asleep_come_back_by_rule(tmp_path: Path, store: Store, clock: Clock) -> None:
    world = CsvWorld(tmp_path, store, clock, toml=RECYCLED)
    first = given_lead(world)
    world.run(minutes=13 * 24 * 60)
    says(world, partner_answer="Accepted")
    world.run(minutes=13 * 24 * 60)
    assert states(world) == ["assigned", "accepted"]
    world.run(minutes=2 * 24 * 60)
    world.run()
    assert states(world) == ["assigned", "accepted", "recalled", "assigned"]
    assert steps(world)[2].because == "asleep"
    second = str(world.decisions(1)[-1].partner)
    assert {first, second} == {"anna", "bert"}
    says(world, partner_answer="Working")
    for _ in range(3):
        world.run(minutes=15 * 24 * 60)
    assert states(world)[-1] == "working"


def test_a_colleague_of_the_same_partner_who_takes_the_record_accepts_it(
    tmp_path: Path, store: Store, clock: Clock
) -> None:
    both = TOML.replace(
        'file = ["user:anna@x.example"]', 'file = ["user:anna@x.example", "user:rep@x.example"]'
    )
    world = CsvWorld(tmp_path, store, clock, toml=both)
    partner = given_lead(world)
    assert partner == "anna"
    colleague = {"user:anna@x.example", "user:rep@x.example"} - {world.rows()["000001"]["owner"]}
    world.clock.advance(minutes=20)
    says(world, owner=colleague.pop())
    for _ in range(3):
        world.run()
    assert states(world) == ["assigned", "accepted"]
    assert world.outcomes([1]) == ["assigned"]
    assert world.load() == {"anna": 1}


@pytest.mark.parametrize(
    ("values", "partner_has_it"),
    [
        ({"owner": "user:rep@x.example"}, False),
        ({"owner": "user:ann2@x.example"}, True),
    ],
)
def test_a_person_who_is_quicker_than_our_write_costs_the_partner_no_turn(
    tmp_path: Path, store: Store, clock: Clock, values: dict[str, str], partner_has_it: bool
) -> None:
    """Whichever sees it first, the next reading or the comparison before the write."""
    seats = TOML.replace('["user:anna@x.example"]', '["user:anna@x.example", "user:ann2@x.example"]')
    world = CsvWorld(tmp_path, store, clock, toml=seats)
    written = world.sources["file"].write
    busy = SourceBusy("busy", retry_after=timedelta(hours=1))
    world.sources["file"].write = lambda updates: [busy] * len(updates)
    world.lead(1)
    world.run()
    assert world.load() == {"anna": 1}
    world.sources["file"].write = written
    says(world, 1, **values)
    assert world.load() == ({"anna": 1} if partner_has_it else {})
    with store.looking() as session:
        turns = [line.turns for line in reading.credits(session, "live") if line.rotation == "all"]
        assert sum(turns) == partner_has_it
        assert set(ledger_balance(session).values()) == {0}
    world.lead(2)
    world.run()
    assert world.decisions(2)[-1].partner == ("bert" if partner_has_it else "anna")
