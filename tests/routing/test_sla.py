"""By when partners must accept, and where a lead ends that nobody accepts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.decision import Outcome
from connector.model.durations import span
from connector.routing.calendars import ALWAYS
from connector.routing.commands import commands
from connector.routing.pipeline import decide
from connector.routing.policy import BadPolicy
from connector.routing.reasons import say
from connector.routing.sla import Terms, TurnBack
from tests.builders import a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW

FRIDAY = datetime(2026, 11, 6, 15, 0, tzinfo=UTC)
OFFICE = '{ days = "mon-fri", from = "09:00", to = "17:00", timezone = "UTC" }'


def route(**keys: str) -> str:
    lines = [f"{key} = {value}" for key, value in keys.items()]
    return "\n".join(["[[route]]", 'name = "all"', *lines, ""])


def reasons(decision: object) -> list[str]:
    return [reason.code for reason in decision.reasons]  # type: ignore[attr-defined]


def test_the_time_to_accept_runs_in_the_partners_working_hours() -> None:
    rules = partner("anna") + f"working_hours = {OFFICE}\n" + route(accept_within='"4 working hours"')
    decision = decide(a_policy(rules), a_snapshot(FRIDAY), a_lead())
    assert decision.accept_by == datetime(2026, 11, 9, 11, 0, tzinfo=UTC)
    (write,) = commands(a_policy(rules), decision)
    assert write.values["due"] == "2026-11-09T11:00:00+00:00"


def test_hours_that_never_come_set_no_deadline_and_say_so() -> None:
    away = "away = [{ from = 2026-11-01 }]\n"
    rules = partner("anna") + away + partner("bert") + route(accept_within='"1h"', pick='"first_in_list"')
    policy = a_policy(rules)
    decision = decide(policy, a_snapshot(FRIDAY), a_lead())
    assert decision.partner == "bert"
    assert Terms(span("1 working hour")).accept_by(policy.attendance.of("anna"), FRIDAY) is None


def test_reminders_come_before_the_deadline_and_never_with_the_lead() -> None:
    terms = Terms(span("4h"), (timedelta(hours=1), timedelta(minutes=30), timedelta(hours=5)))
    found = terms.reminders(NOW, NOW + timedelta(hours=4))
    assert found == [NOW + timedelta(hours=3), NOW + timedelta(hours=3, minutes=30)]


@pytest.mark.parametrize(
    ("after", "this_month", "back"),
    [(timedelta(hours=8), 0, True), (timedelta(hours=9), 0, False), (timedelta(0), 2, False)],
)
def test_an_early_refusal_gives_the_turn_back_within_limits(
    after: timedelta, this_month: int, back: bool
) -> None:
    terms = Terms(turn_back=TurnBack(span("8h"), 2))
    assert terms.gives_back(ALWAYS, NOW, NOW + after, this_month) is back


@pytest.mark.parametrize(
    ("keys", "where", "told"),
    [
        (
            {"remind_before": '["1h"]'},
            ("remind_before",),
            'there is nothing to remind of; add accept_within = "4 working hours"',
        ),
        (
            {"accept_within": '"2h"', "remind_before": '["1h", "2h"]'},
            ("remind_before", 1),
            "partners have only 2 hours, so this reminder never comes",
        ),
    ],
)
def test_reminders_that_make_no_sense_are_found(
    keys: dict[str, str], where: tuple[str | int, ...], told: str
) -> None:
    with pytest.raises(BadPolicy) as caught:
        a_policy(partner("anna") + route(**keys))
    (finding,) = caught.value.findings
    assert (finding.where, finding.message) == (("route", 0, *where), told)


def test_a_reminder_in_the_partners_own_hours_may_be_as_long_as_they_are() -> None:
    rules = partner("anna") + route(accept_within='"2 working hours"', remind_before='["2h"]')
    (only,) = a_policy(rules).routes
    assert only.terms == Terms(span("2 working hours"), (timedelta(hours=2),))


def test_a_routes_terms_are_those_that_are_written() -> None:
    keys = {
        "accept_within": '"4h"',
        "remind_before": '["1h", "30m"]',
        "if_not_accepted": "{ try_partners = 7 }",
        "give_turn_back": '{ on_decline_within = "2h", most_per_month = 9 }',
    }
    (only,) = a_policy(partner("anna") + route(**keys)).routes
    assert only.terms == Terms(
        span("4h"), (timedelta(hours=1), timedelta(minutes=30)), 7, TurnBack(span("2h"), 9)
    )
    (plain,) = a_policy(partner("anna") + route()).routes
    assert plain.terms == Terms(None, (), 3, None)


def test_a_reminder_at_the_moment_of_the_lead_is_left_out() -> None:
    terms = Terms(span("4h"), (timedelta(hours=4), timedelta(hours=1)))
    assert terms.reminders(NOW, NOW + timedelta(hours=4)) == [NOW + timedelta(hours=3)]


@given(
    pools=st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), min_size=1, max_size=3),
    tries=st.lists(st.integers(1, 6), min_size=3, max_size=3),
    hold=st.booleans(),
    how=st.lists(st.sampled_from(["declined", "breached", "recycled"]), min_size=12, max_size=12),
)
def test_every_lead_that_nobody_takes_ends_within_its_hops_and_never_returns(
    pools: list[set[str]], tries: list[int], hold: bool, how: list[str]
) -> None:
    rules = "".join(partner(name) for name in "abcdef")
    for number, pool in enumerate(pools):
        held = 'hold = "24h", ' if hold else ""
        rules += f"""
            [[route]]
            name = "route {number}"
            pool = {{ partners = {sorted(pool)} }}
            if_nobody_fits = {{ {held}then = "next_route" }}
            if_not_accepted = {{ try_partners = {tries[number]} }}
        """
    policy, snapshot = a_policy(rules), a_snapshot()
    lead, had, hops = a_lead(), {}, 0
    while True:
        decision = decide(policy, snapshot, lead)
        snapshot.apply(decision)
        if decision.outcome is not Outcome.ASSIGNED:
            break
        assert decision.partner not in had
        ended, hops = how[hops], hops + 1
        had[str(decision.partner)] = "declined_before" if ended == "declined" else "held_before"
        snapshot.had_before = {lead.ref: had}
        snapshot.taken_back = {lead.ref: ended}
        lead = a_lead(owner=decision.owner)
    assert decision.outcome is Outcome.FALLBACK
    assert hops <= max(tries[: len(pools)])
    assert {"tried_enough", "nobody_left"} & set(reasons(decision))


def test_a_lead_waits_for_those_who_are_only_busy() -> None:
    rules = partner("anna") + partner("bert", max_open_leads=0)
    policy = a_policy(rules + route(if_nobody_fits='{ hold = "24h" }'))
    snapshot, lead = a_snapshot(), a_lead(owner="user:anna@x.example")
    snapshot.had_before, snapshot.taken_back = {lead.ref: {"anna": "declined_before"}}, {lead.ref: "declined"}
    decision = decide(policy, snapshot, lead)
    assert decision.outcome is Outcome.HELD
    assert say(decision.reasons[0]) == "declined by the partner before"
