"""A person's word in the fields that we answer in always wins, and what we wrote ourselves is none."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connector.model.decision import Reason
from connector.model.lead import Value
from connector.model.registration import Life, Registration, State
from connector.routing.calendars import Calendar, Hours
from connector.routing.registration.deadlines import next_due, passed
from connector.routing.registration.life import begun
from connector.routing.registration.settings import DealRegistrationSettings
from connector.routing.registration.terms import Terms
from connector.routing.registration.walk import Walk
from connector.routing.registration.words import same_answer, say_inside, values
from tests.conftest import NOW
from tests.routing.registration.builders import a_registration, a_right, claim, ruled, terms, then

DAY = timedelta(days=1)
RULES = 'reward = [{ tier = ["platinum"], percent = 20 }, { percent = 5 }]'


def answered(rules: Terms, life: Life) -> Life:
    """The life once the CRM holds what was ruled."""
    return life.but(said=life.state, held={n: v for n, v in values(rules, life).items() if n in HELD})


HELD = ("protected_until", "expires", "decide_by", "credited_partner")


def says(rules: Terms, life: Life, **answers: Value) -> Walk:
    """The next look, at a record that holds something else in some of its answers."""
    held = {**answered(rules, life).held, **answers}
    seen = replace(a_registration(status=life.state, amount=1000), answers=held)
    return then(rules, answered(rules, life), seen, NOW + DAY)


@pytest.mark.parametrize("name", ["protected_until", "expires"])
def test_a_person_moves_the_end_of_the_protection_either_way(name: str) -> None:
    rules = terms()
    life = ruled(rules, a_registration())
    for until in (NOW + 10 * DAY, NOW + 200 * DAY):
        walk = says(rules, life, **{name: until.isoformat()})
        assert walk.life.protected_until == until
        assert [(event.name, event.by) for event in walk.events] == [("protection_changed", "person")]
        told = values(rules, walk.life)
        assert (told["protected_until"], told["expires"]) == (until.isoformat(), until.isoformat())
        assert says(rules, walk.life).events == [], "once"


def test_an_end_that_a_person_put_into_the_past_ends_it_at_once() -> None:
    rules = terms()
    walk = says(rules, ruled(rules, a_registration()), expires=(NOW - DAY).isoformat())
    passed(walk)
    assert walk.life.state is State.EXPIRED


def test_reminders_go_by_the_end_that_a_person_set() -> None:
    rules = terms()
    walk = says(rules, ruled(rules, a_registration()), expires=(NOW + 200 * DAY).isoformat())
    assert next_due(rules, walk.life) == NOW + 186 * DAY


def test_a_day_alone_keeps_the_time_of_day() -> None:
    rules = terms()
    walk = says(rules, ruled(rules, a_registration()), protected_until="2027-03-31")
    assert walk.life.protected_until == datetime(2027, 3, 31, NOW.hour, NOW.minute, tzinfo=UTC)


@pytest.mark.parametrize("same", ["2027-01-31T09:00:00Z", "2027-01-31T09:00:00.000+0000", "2027-01-31"])
def test_the_crms_own_notation_of_what_we_wrote_is_no_word(same: str) -> None:
    rules = terms()
    assert same_answer(same, (NOW + 90 * DAY).isoformat())
    assert says(rules, ruled(rules, a_registration()), protected_until=same).events == []


def test_what_we_have_just_ruled_but_not_written_is_no_word() -> None:
    rules = terms()
    life = ruled(rules, a_registration())
    before = {"protected_until": None, "expires": None, "credited_partner": None}
    seen = replace(a_registration(), answers=before)
    assert then(rules, life.but(held=before), seen, NOW + DAY).events == []


def test_a_date_that_was_cleared_changes_nothing() -> None:
    rules = terms()
    life = ruled(rules, a_registration())
    walk = says(rules, life, protected_until=None)
    assert (walk.life.protected_until, walk.events) == (life.protected_until, [])


def test_the_deadline_of_a_review_is_the_persons() -> None:
    rules = terms('approve = "by_person"')
    walk = says(rules, ruled(rules, a_registration()), decide_by=(NOW + 20 * DAY).isoformat())
    assert walk.life.decide_by == NOW + 20 * DAY
    assert [event.name for event in walk.events] == ["deadline_changed"]


@pytest.mark.parametrize(
    ("written", "credited", "shown"),
    [
        ("Bert", "bert", "Bert"),
        ("bert", "bert", "Bert"),
        (None, "", None),
        ("Our own team", "Our own team", "Our own team"),
    ],
)
def test_who_is_credited_is_the_persons_word(written: str | None, credited: str, shown: str | None) -> None:
    rules = terms()
    walk = says(rules, ruled(rules, a_registration()), credited_partner=written)
    assert walk.life.credited == credited
    assert values(rules, walk.life)["credited_partner"] == shown
    assert says(rules, walk.life).events == []
    back = says(rules, walk.life, credited_partner="Anna")
    assert back.life.credited is None


def test_the_reward_goes_by_who_is_credited() -> None:
    rules = terms(RULES)
    credited = says(rules, ruled(rules, a_registration()), credited_partner="Bert").life
    assert (
        then(rules, credited, a_registration(status=State.APPROVED, won=True, amount=1000), NOW).life.reward
        == 200
    )
    won = then(rules, ruled(rules, a_registration()), a_registration(won=True, amount=1000), NOW).life
    assert won.reward == 50
    assert says(rules, won, credited_partner="Bert").life.reward == 200


def test_an_approval_from_before_keeps_its_own_end_and_credit() -> None:
    rules = terms()
    told: dict[str, Value] = {"protected_until": "2027-06-30T12:00:00Z", "credited_partner": "Bert"}
    seen: Registration = replace(a_registration(status=State.APPROVED), answers=told)
    life = begun(rules, seen, claim(rules, seen), NOW).life
    assert life.protected_until == datetime(2027, 6, 30, 12, tzinfo=UTC)
    assert life.credited == "bert"


def test_who_changed_the_status_is_told_inside_and_not_to_partners() -> None:
    rules = terms()
    life = ruled(rules, a_registration(), a_right()).but(said=State.CONFLICT)
    seen = replace(a_registration(status=State.APPROVED), status_by="user:carla@acme.example")
    walk = then(rules, life, seen, NOW + DAY)
    (reason,) = walk.events[0].reasons
    assert say_inside(reason, rules) == "decided by a person in the CRM (carla@acme.example)"
    assert "carla" not in str(values(rules, walk.life)["reason"])


UNTIL, OTHER = NOW + 20 * DAY, NOW + 30 * DAY


@pytest.mark.parametrize(
    ("toml", "name", "written", "changes", "event"),
    [
        (
            "",
            "expires",
            UNTIL.isoformat(),
            {"protected_until": UNTIL, "reminded": ()},
            ("protection_changed", Reason("protection_by_person", {"until": UNTIL.isoformat()})),
        ),
        ("", "decide_by", UNTIL.isoformat(), {}, None),
        ("", "expires", "soon", {}, None),
        (
            'approve = "by_person"',
            "expires",
            UNTIL.isoformat(),
            {"decide_by": UNTIL, "reminded": ()},
            ("deadline_changed", Reason("deadline_by_person", {"until": UNTIL.isoformat()})),
        ),
        ('approve = "by_person"', "protected_until", UNTIL.isoformat(), {}, None),
        (
            "",
            "credited_partner",
            " BERT ",
            {"credited": "bert"},
            ("credited", Reason("credited_by_person", {"to": "bert"})),
        ),
    ],
)
def test_a_persons_word_changes_that_and_nothing_else(
    toml: str, name: str, written: str, changes: dict[str, Any], event: tuple[str, Reason] | None
) -> None:
    rules = terms(toml + "\n" + RULES)
    life = answered(rules, ruled(rules, a_registration()).but(reminded=("x",)))
    walk = says(rules, life, **{name: written})
    assert walk.life == life.but(held={**life.held, name: written}, **changes)
    said = [(each.name, *each.reasons) for each in walk.events]
    assert said == ([event] if event else [])
    assert {each.by for each in walk.events} <= {"person"}


@pytest.mark.parametrize(
    ("answers", "until", "credited"),
    [
        ({"expires": OTHER.isoformat()}, OTHER, None),
        ({"protected_until": UNTIL.isoformat(), "expires": OTHER.isoformat()}, UNTIL, None),
        ({"credited_partner": "Anna"}, NOW + 90 * DAY, None),
        ({"credited_partner": None}, NOW + 90 * DAY, None),
        ({"credited_partner": "Our own"}, NOW + 90 * DAY, "Our own"),
        ({"protected_until": "soon"}, NOW + 90 * DAY, None),
        ({"protected_until": "2027-03-31"}, datetime(2027, 3, 31, 9, tzinfo=UTC), None),
    ],
)
def test_what_an_approval_had_before_is_taken_over(
    answers: dict[str, Value], until: datetime, credited: str | None
) -> None:
    rules = terms()
    seen = replace(a_registration(status=State.APPROVED), answers=answers)
    life = begun(rules, seen, claim(rules, seen), NOW).life
    assert (life.protected_until, life.credited) == (until, credited)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (None, "", True),
        ("Bert", " bERT ", True),
        ("Bert", "Anna", False),
        (UNTIL.isoformat(), (UNTIL + timedelta(milliseconds=999)).isoformat(), True),
        (UNTIL.isoformat(), (UNTIL - timedelta(milliseconds=999)).isoformat(), True),
        (UNTIL.isoformat(), (UNTIL + timedelta(seconds=1)).isoformat(), False),
        ("2026-11-22", UNTIL.isoformat(), True),
        (UNTIL.isoformat(), "2026-11-22", True),
        ("2026-11-23", UNTIL.isoformat(), False),
        ("2026-11-22", None, False),
        (None, "2026-11-22", False),
        (5, 5, True),
    ],
)
def test_when_two_answers_mean_the_same(one: Value, other: Value, same: bool) -> None:
    assert same_answer(one, other) is same


def test_a_reward_changes_with_whom_it_goes_to_only_once_the_deal_is_won() -> None:
    rules = terms(RULES)
    approved = says(rules, ruled(rules, a_registration()), credited_partner="Bert").life
    assert approved.reward is None
    won = then(rules, ruled(rules, a_registration()), a_registration(won=True, amount=1000), NOW).life
    nobody = says(rules, won, credited_partner=None).life
    assert (nobody.credited, nobody.reward) == ("", None)


def test_a_review_ends_by_the_clock_where_nobody_ever_works() -> None:
    closed = Calendar(UTC, (Hours(frozenset(), time(9), time(17), UTC),))
    rules = replace(terms('decide_within = "3 working hours"'), calendar=closed)
    assert rules.decide_by(NOW) == NOW + timedelta(hours=3)


def test_a_field_that_registrations_do_not_have_is_told_with_those_that_they_have() -> None:
    told = "there is no field 'luck' of a registration; known are partner, company, domain, country, email,"
    with pytest.raises(ValidationError, match=told):
        DealRegistrationSettings.model_validate({"required": ["company", "luck"]})
