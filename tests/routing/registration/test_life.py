"""What becomes of a registration: a person's word, extensions, deadlines, and its end."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.model.registration import Life, State
from connector.routing.registration.deadlines import next_due, passed
from connector.routing.registration.life import begun, decide, freed
from connector.routing.registration.states import TRANSITIONS, may_move
from connector.routing.registration.terms import Terms
from connector.routing.registration.walk import Walk
from tests.conftest import NOW
from tests.routing.registration.builders import a_registration, a_right, claim, known, ruled, terms, then

DAY = timedelta(days=1)


def _waited(rules: Terms, life: Life, now: datetime) -> Walk:
    """What time alone brings."""
    seen = a_registration()
    walk = Walk(rules, seen, claim(rules, seen), life, now)
    passed(walk)
    return walk


def test_a_persons_word_wins_against_the_policy() -> None:
    rules = terms()
    life = ruled(rules, a_registration(), a_right()).but(said=State.CONFLICT)
    walk = then(rules, life, a_registration(status=State.APPROVED), NOW + DAY)
    assert (walk.life.state, walk.life.by) == (State.APPROVED, "person")
    assert walk.life.protected_until == NOW + 91 * DAY
    assert [event.by for event in walk.events] == ["person"]


def test_what_the_crm_still_holds_from_before_is_no_persons_word() -> None:
    rules = terms()
    life = ruled(rules, a_registration())
    walk = then(rules, life, a_registration(status=State.SUBMITTED), NOW + DAY)
    assert (walk.life.state, walk.events) == (State.APPROVED, [])


def test_an_approval_from_before_the_connector_is_adopted_with_its_own_time() -> None:
    rules = terms()
    seen = a_registration(status=State.APPROVED, submitted=NOW - 10 * DAY)
    walk = begun(rules, seen, claim(rules, seen), NOW)
    assert walk.life.protected_until == NOW + 80 * DAY
    decide(walk, known(a_right()), was_open=False)
    assert walk.life.state is State.APPROVED


def test_a_returned_one_is_ruled_again_when_filled_in_and_counts_from_then() -> None:
    rules = terms()
    life = ruled(rules, a_registration(company=None))
    later = NOW + DAY
    walk = then(rules, life, a_registration(changed=later), later, changed=True)
    assert (walk.life.state, walk.life.valid_at) == (State.SUBMITTED, later)


def test_an_approval_is_not_for_another_customer() -> None:
    rules = terms()
    life = ruled(rules, a_registration())
    walk = then(rules, life, a_registration(company="Initech AG"), NOW + DAY, changed=True)
    assert walk.life.state is State.UNDER_REVIEW
    same = then(rules, life, a_registration(amount=5), NOW + DAY, changed=True)
    assert same.life.state is State.APPROVED


def test_a_won_deal_converts_and_earns_its_reward() -> None:
    rules = terms('reward = [{ tier = ["platinum"], percent = 20 }, { percent = 5, most = 400 }]')
    life = ruled(rules, a_registration())
    assert then(rules, life, a_registration(won=True, amount=2000), NOW).life.reward == 100
    assert then(rules, life, a_registration(won=True, amount=20_000), NOW).life.reward == 400
    assert then(rules, life, a_registration(won=False), NOW).life.state is State.WITHDRAWN


def test_a_deleted_record_is_withdrawn_once() -> None:
    rules = terms()
    gone = a_registration(deleted=True)
    walk = then(rules, ruled(rules, a_registration()), gone, NOW)
    assert walk.life.state is State.WITHDRAWN
    assert then(rules, walk.life, gone, NOW).events == []


@pytest.mark.parametrize("grant", ["automatically", "by_person"])
def test_extensions_are_limited_in_number_and_length(grant: str) -> None:
    rules = terms(f'extensions = {{ most = 1, each = "30d", grant = "{grant}" }}')
    asks = a_registration(extension="Requested")
    walk = then(rules, ruled(rules, a_registration()), asks, NOW)
    if grant == "by_person":
        assert walk.life.extension_pending
        again = then(rules, walk.life.but(extension_heard=""), asks, NOW)
        assert again.events == []
        walk = then(rules, walk.life, a_registration(extension="Granted"), NOW)
    assert walk.life.protected_until == NOW + 120 * DAY
    assert then(rules, walk.life.but(extension_heard="requested"), asks, NOW).events == []
    second = then(rules, walk.life.but(extension_heard="granted"), asks, NOW)
    assert second.life.protected_until == NOW + 120 * DAY
    assert [event.name for event in second.events] == ["extension_refused"]


def test_nothing_is_extended_during_a_review() -> None:
    rules = terms('approve = "by_person"')
    walk = then(rules, ruled(rules, a_registration()), a_registration(extension="Requested"), NOW)
    assert (walk.life.state, walk.life.extension_said) == (State.UNDER_REVIEW, "refused")
    assert [event.reasons[0].code for event in walk.events] == ["not_approved_yet"]


def test_a_review_reminds_then_escalates_in_working_time_each_once() -> None:
    rules = terms('approve = "by_person"\nreviewer = "user:a@x.example"\nescalate_to = "user:b@x.example"')
    life = ruled(rules, a_registration())
    assert next_due(rules, life) == NOW + DAY
    walk = _waited(rules, life, NOW + DAY)
    assert [event.name for event in walk.events] == ["reviewer_reminded"]
    assert _waited(rules, walk.life, NOW + DAY).events == []
    walk = _waited(rules, walk.life, NOW + 2 * DAY)
    assert [event.name for event in walk.events] == ["escalated"]
    assert (walk.life.reviewer, next_due(rules, walk.life)) == ("user:b@x.example", None)


def test_protection_reminds_before_its_end_and_then_frees_the_customer() -> None:
    rules = terms()
    life = ruled(rules, a_registration())
    walk = _waited(rules, life, NOW + 76 * DAY)
    assert [event.name for event in walk.events] == ["partner_reminded"]
    assert next_due(rules, walk.life) == NOW + 87 * DAY
    assert _waited(rules, walk.life, NOW + 90 * DAY).life.state is State.EXPIRED


def test_protection_ends_at_the_same_time_of_day_across_a_daylight_saving_change() -> None:
    rules = terms(zone=ZoneInfo("Europe/Berlin"))
    start = datetime(2026, 10, 1, 10, 0, tzinfo=UTC)  # noon in summer time
    assert rules.later(start, 90 * DAY) == datetime(2026, 12, 30, 11, 0, tzinfo=UTC)


def test_one_in_conflict_is_ruled_anew_when_what_stood_in_the_way_is_gone() -> None:
    rules = terms()
    seen = a_registration()
    walk = Walk(rules, seen, claim(rules, seen), ruled(rules, seen, a_right()), NOW + DAY)
    freed(walk)
    assert (walk.life.state, walk.life.valid_at) == (State.SUBMITTED, NOW)


def test_the_connector_moves_by_the_table_and_a_person_anywhere() -> None:
    for before in State:
        for after_ in State:
            assert may_move(before, after_, "connector") == (after_ in TRANSITIONS[before])
            assert may_move(before, after_, "person") == (after_ is not before)


@pytest.mark.parametrize(
    ("start", "within", "end"),
    [
        ("2026-11-06T15:00", "2 working days", "2026-11-10T15:00"),  # a Friday
        ("2026-11-07T15:00", "1 working day", "2026-11-10T09:00"),  # a Saturday begins on Monday
        ("2026-11-06T16:00", "4 working hours", "2026-11-09T12:00"),
        ("2026-12-24T10:00", "2 working days", "2026-12-29T10:00"),  # with Christmas between
    ],
)
def test_a_review_is_due_in_working_time(start: str, within: str, end: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    rules = terms(f'decide_within = "{within}"\nholidays = {{ country = "DE" }}', zone=zone)
    begins, ends = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (start, end))
    assert rules.decide_by(begins) == ends
