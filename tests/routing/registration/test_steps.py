"""Each step of a registration's life as a whole: what is known after it, and every event that it brings."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.model.decision import Reason
from connector.model.registration import Event, Life, State
from connector.routing.registration.deadlines import next_due, passed
from connector.routing.registration.life import begun, claims, decide, freed, inherit
from connector.routing.registration.terms import Terms
from connector.routing.registration.walk import Walk
from tests.conftest import NOW
from tests.routing.registration.builders import (
    LATER,
    a_registration,
    a_right,
    claim,
    known,
    ruled,
    terms,
    then,
)

DAY = timedelta(days=1)
REF = a_registration().ref
REVIEWED = 'reviewer = "user:a@x.example"\nescalate_to = "user:b@x.example"\n'
CUSTOMER = "|globex gmbh|DE"


def event(
    name: str,
    before: State | None,
    after: State,
    *reasons: Reason,
    by: str = "connector",
    at: datetime = NOW,
) -> Event:
    return Event(REF, at, name, before, after, by, reasons)


def a_life(state: State, **facts: Any) -> Life:
    """A registration of Anna's that has been in a state since it was submitted."""
    return replace(Life(state, NOW, NOW, said=State.SUBMITTED, partner="anna"), **facts)


def approved(**facts: Any) -> Life:
    told = {"approved_at": NOW, "protected_until": NOW + 90 * DAY, "customer": CUSTOMER, **facts}
    return a_life(State.APPROVED, **told)


def walked(rules: Terms, life: Life, now: datetime = LATER) -> Walk:
    seen = a_registration()
    return Walk(rules, seen, claim(rules, seen), life, now)


def decided(rules: Terms, life: Life, *rights: Any, **facts: Any) -> Walk:
    seen = a_registration(**facts)
    walk = Walk(rules, seen, claim(rules, seen), life, LATER)
    decide(walk, known(*rights), was_open=False)
    return walk


def test_a_new_one_is_submitted_then_approved_and_protected() -> None:
    rules, seen = terms(), a_registration()
    walk = begun(rules, seen, claim(rules, seen), NOW)
    decide(walk, known(), was_open=False)
    assert walk.life == approved(reasons=(Reason("no_conflict"),))
    assert walk.events == [
        event("submitted", None, State.SUBMITTED),
        event("approved", State.SUBMITTED, State.APPROVED, Reason("no_conflict")),
    ]


@pytest.mark.parametrize("state", [State.APPROVED, State.REJECTED, State.UNDER_REVIEW])
def test_what_was_decided_before_us_is_adopted_as_a_persons_word(state: State) -> None:
    rules = terms(REVIEWED)
    seen = a_registration(status=state, submitted=NOW - DAY)
    walk = begun(rules, seen, claim(rules, seen), NOW)
    adopted, place = (Reason("adopted"),), {"said": state, "valid_at": NOW - DAY, "since": NOW}
    if state is State.APPROVED:
        place |= {"approved_at": NOW - DAY, "protected_until": NOW + 89 * DAY, "customer": CUSTOMER}
    if state is State.UNDER_REVIEW:
        place |= {"decide_by": NOW + 2 * DAY, "reviewer": "user:a@x.example"}
    if state is State.REJECTED:
        place |= {"ended_at": NOW}
    assert walk.life == a_life(state, by="person", reasons=adopted, **place)
    assert walk.events == [
        event("submitted", None, State.SUBMITTED),
        event(state.value, State.SUBMITTED, state, *adopted, by="person"),
    ]


@pytest.mark.parametrize("status", [None, State.SUBMITTED])
def test_what_nobody_decided_yet_only_begins(status: State | None) -> None:
    rules, seen = terms(), a_registration(status=status, submitted=NOW - DAY)
    walk = begun(rules, seen, claim(rules, seen), NOW)
    assert walk.life == a_life(State.SUBMITTED, valid_at=NOW - DAY, said=status)
    assert walk.events == [event("submitted", None, State.SUBMITTED)]


PERSON = (Reason("person_decided"),)
WAITING = {"decide_by": NOW + DAY, "reviewer": "user:z@x.example", "waits_for": "x", "reminded": ("e",)}


@pytest.mark.parametrize(
    ("before", "to", "expected"),
    [
        (
            a_life(State.CONFLICT, **WAITING),
            State.APPROVED,
            {"approved_at": LATER, "protected_until": LATER + 90 * DAY, "customer": CUSTOMER},
        ),
        (
            approved(extensions=2, extension_pending=True),
            State.UNDER_REVIEW,
            {
                "approved_at": NOW,
                "protected_until": NOW + 90 * DAY,
                "customer": CUSTOMER,
                "extensions": 2,
                "extension_pending": True,
                "decide_by": datetime.fromisoformat("2026-11-04T10:00+00:00"),
                "reviewer": "user:a@x.example",
            },
        ),
        (
            a_life(State.REJECTED, said=State.REJECTED, ended_at=NOW, **WAITING),
            State.SUBMITTED,
            {"valid_at": NOW + DAY},
        ),
        (a_life(State.UNDER_REVIEW, **WAITING), State.CONFLICT, {}),
        (a_life(State.UNDER_REVIEW, **WAITING), State.RETURNED, {}),
        (a_life(State.UNDER_REVIEW, **WAITING), State.REJECTED, {"ended_at": LATER}),
        (a_life(State.UNDER_REVIEW, **WAITING), State.EXPIRED, {"ended_at": LATER}),
        (a_life(State.UNDER_REVIEW, **WAITING), State.WITHDRAWN, {"ended_at": LATER}),
        (a_life(State.REJECTED, **WAITING), State.CONVERTED, {"ended_at": LATER, "reward": 50.0}),
    ],
)
def test_a_persons_word_moves_it_and_what_belonged_to_the_old_state_is_over(
    before: Life, to: State, expected: dict[str, Any]
) -> None:
    rules = terms(REVIEWED + "reward = [{ percent = 5 }]")
    walk = then(rules, before, a_registration(status=to, changed=NOW + DAY, amount=1000), LATER)
    facts = {"since": LATER, "said": to, "by": "person", "reasons": PERSON, **expected}
    assert walk.life == a_life(to, **facts)
    assert walk.events == [event(to.value, before.state, to, *PERSON, by="person", at=LATER)]


def test_an_approval_begins_its_extensions_anew_but_keeps_the_lead_that_it_is_tied_to() -> None:
    before = a_life(State.REJECTED, extensions=2, extension_pending=True, lead="hubspot:7")
    walk = then(terms(), before, a_registration(status=State.APPROVED), LATER)
    assert (walk.life.extensions, walk.life.extension_pending, walk.life.lead) == (0, False, "hubspot:7")


def test_a_resubmission_by_a_person_never_counts_from_before_the_first() -> None:
    before = a_life(State.REJECTED)
    walk = then(terms(), before, a_registration(status=State.SUBMITTED, changed=NOW - DAY), LATER)
    assert walk.life == before  # the CRM still holds what it held
    walk = then(
        terms(), before.but(said=None), a_registration(status=State.SUBMITTED, changed=NOW - DAY), LATER
    )
    assert (walk.life.state, walk.life.valid_at) == (State.SUBMITTED, NOW)


@pytest.mark.parametrize("said", [None, State.CONFLICT])
def test_a_status_that_says_nothing_new_is_nobodys_word(said: State | None) -> None:
    before = a_life(State.CONFLICT, said=State.CONFLICT)
    walk = then(terms(), before, a_registration(status=said), LATER)
    assert (walk.life, walk.events) == (before, [])
    caught_up = then(terms(), before.but(said=State.SUBMITTED), a_registration(status=State.CONFLICT), LATER)
    assert (caught_up.life, caught_up.events) == (before, [])


def test_whose_it_is_follows_the_record() -> None:
    walk = then(terms(), a_life(State.CONFLICT), a_registration(partner="Bert"), LATER)
    assert (walk.life.partner, walk.events) == ("bert", [])


@pytest.mark.parametrize("into", [None, "salesforce:000009"])
@pytest.mark.parametrize("state", list(State))
def test_a_record_that_is_gone_is_withdrawn_unless_it_had_ended_well(state: State, into: str | None) -> None:
    seen = replace(a_registration(deleted=True, status=State.APPROVED), merged_into=into)
    before = a_life(state)
    walk = then(terms(), before, seen, LATER, changed=True)
    if state in (State.WITHDRAWN, State.CONVERTED):
        assert (walk.life, walk.events) == (before, [])
        return
    reason = Reason("merged", {"into": into}) if into else Reason("deleted")
    assert walk.life == before.but(
        state=State.WITHDRAWN, since=LATER, by="person", ended_at=LATER, reasons=(reason,)
    )
    assert walk.events == [event(reason.code, state, State.WITHDRAWN, reason, by="person", at=LATER)]


@pytest.mark.parametrize("state", list(State))
def test_only_an_approved_one_is_won_and_an_open_one_is_lost(state: State) -> None:
    before = a_life(state, said=state)
    won = then(terms(), before, a_registration(status=state, won=True), LATER)
    if state is State.APPROVED:
        assert won.life == before.but(
            state=State.CONVERTED, since=LATER, ended_at=LATER, reasons=(Reason("won"),)
        )
        assert won.events == [event("converted", state, State.CONVERTED, Reason("won"), at=LATER)]
    else:
        assert (won.life, won.events) == (before, [])
    lost = then(terms(), before, a_registration(status=state, won=False), LATER)
    if state in (State.SUBMITTED, State.UNDER_REVIEW, State.RETURNED, State.APPROVED):
        assert lost.life == before.but(
            state=State.WITHDRAWN, since=LATER, ended_at=LATER, reasons=(Reason("lost"),)
        )
        assert lost.events == [event("withdrawn", state, State.WITHDRAWN, Reason("lost"), at=LATER)]
    else:
        assert (lost.life, lost.events) == (before, [])


FILLED = (Reason("filled_in"),)


@pytest.mark.parametrize(
    ("before", "name", "changes"),
    [
        (a_life(State.RETURNED), "resubmitted", {"state": State.SUBMITTED, "valid_at": NOW + DAY}),
        (
            a_life(State.RETURNED, valid_at=NOW + 2 * DAY),
            "resubmitted",
            {"state": State.SUBMITTED, "valid_at": NOW + 2 * DAY},
        ),
        (a_life(State.CONFLICT), "changed", {"state": State.SUBMITTED}),
        (a_life(State.CONFLICT, by="person"), "changed", {"state": State.SUBMITTED}),
        (a_life(State.UNDER_REVIEW), "changed", {"state": State.SUBMITTED}),
        (a_life(State.UNDER_REVIEW, by="person"), None, {}),
        (a_life(State.SUBMITTED), None, {}),
        (a_life(State.REJECTED), None, {}),
        (a_life(State.EXPIRED), None, {}),
        (approved(), None, {}),
    ],
)
def test_what_the_submitter_fills_in_is_ruled_on_anew_in_the_right_place_of_the_line(
    before: Life, name: str | None, changes: dict[str, Any]
) -> None:
    walk = then(terms(), before, a_registration(changed=NOW + DAY), LATER, changed=True)
    if name is None:
        assert (walk.life, walk.events) == (before, [])
        return
    assert walk.life == before.but(since=LATER, by="connector", reasons=FILLED, **changes)
    assert walk.events == [event(name, before.state, State.SUBMITTED, *FILLED, at=LATER)]
    assert then(terms(), before, a_registration(changed=NOW + DAY), LATER).life == before


@pytest.mark.parametrize("other", [{"company": "Initech AG"}, {"country": "AT"}, {"domain": "globex.com"}])
def test_an_approval_for_whom_the_customer_is_not_any_more_is_reviewed(other: dict[str, Any]) -> None:
    rules, reason = terms(REVIEWED), Reason("customer_changed")
    walk = then(rules, approved(), a_registration(changed=NOW + DAY, **other), LATER, changed=True)
    assert walk.life == approved().but(
        state=State.UNDER_REVIEW,
        since=LATER,
        valid_at=NOW + DAY,
        decide_by=datetime.fromisoformat("2026-11-04T10:00+00:00"),
        reviewer="user:a@x.example",
        reasons=(reason,),
    )
    assert walk.events == [event("under_review", State.APPROVED, State.UNDER_REVIEW, reason, at=LATER)]
    earlier = then(rules, approved(), a_registration(changed=NOW - DAY, **other), LATER, changed=True)
    assert earlier.life.valid_at == NOW


UNTIL = NOW + 90 * DAY
LONGER = Reason("extended", {"until": (UNTIL + 30 * DAY).isoformat()})


@pytest.mark.parametrize(
    ("toml", "word", "before", "name", "reasons", "by", "changes"),
    [
        (
            "",
            " REQUESTED ",
            approved(reminded=("e",)),
            "extended",
            [LONGER],
            "connector",
            {
                "protected_until": UNTIL + 30 * DAY,
                "extensions": 1,
                "extension_said": "granted",
                "reminded": (),
                "extension_heard": "requested",
            },
        ),
        (
            'extensions = { grant = "by_person" }',
            "Requested",
            approved(),
            "extension_requested",
            [],
            "connector",
            {"extension_pending": True, "extension_said": "pending", "extension_heard": "requested"},
        ),
        (
            "",
            "Requested",
            approved(extensions=2),
            "extension_refused",
            [Reason("no_extension_left", {"most": 2})],
            "connector",
            {"extension_said": "refused", "extension_heard": "requested"},
        ),
        (
            "",
            "Requested",
            a_life(State.RETURNED),
            "extension_refused",
            [Reason("not_approved_yet")],
            "connector",
            {"extension_said": "refused", "extension_heard": "requested"},
        ),
        (
            "",
            "Requested",
            a_life(State.EXPIRED),
            "extension_refused",
            [Reason("not_open_any_more")],
            "connector",
            {"extension_said": "refused", "extension_heard": "requested"},
        ),
        (
            "",
            "Granted",
            approved(extension_pending=True, extension_heard="requested"),
            "extended",
            [LONGER],
            "person",
            {
                "protected_until": UNTIL + 30 * DAY,
                "extensions": 1,
                "extension_pending": False,
                "extension_said": "granted",
                "extension_heard": "granted",
            },
        ),
        (
            "",
            "Refused",
            approved(extension_pending=True, extension_heard="requested"),
            "extension_refused",
            [Reason("person_decided")],
            "person",
            {"extension_pending": False, "extension_said": "refused", "extension_heard": "refused"},
        ),
        ("", "Granted", approved(), None, [], "", {"extension_heard": "granted"}),
        (
            "",
            "Granted",
            a_life(State.CONFLICT, extension_pending=True),
            None,
            [],
            "",
            {"extension_heard": "granted"},
        ),
        ("", "perhaps", approved(extension_pending=True), None, [], "", {"extension_heard": "perhaps"}),
        (
            "",
            "Requested",
            approved(extension_pending=True),
            None,
            [],
            "",
            {"extension_heard": "requested"},
        ),
        ("", "Requested", approved(extension_heard="requested"), None, [], "", {}),
        ("", None, approved(extension_heard="requested"), None, [], "", {"extension_heard": ""}),
    ],
)
def test_what_the_extension_field_says_is_heard_once_and_answered(
    toml: str,
    word: str | None,
    before: Life,
    name: str | None,
    reasons: list[Reason],
    by: str,
    changes: dict[str, Any],
) -> None:
    walk = then(terms(toml), before, a_registration(extension=word), LATER)
    assert walk.life == before.but(**changes)
    expected = [event(name, before.state, before.state, *reasons, by=by, at=LATER)] if name else []
    assert walk.events == expected


STRONG = {"kind": "registration", "with": "salesforce:000099", "partner": "bert", "strong": True}


def test_a_ruling_says_why_what_it_waits_for_and_who_reviews_it() -> None:
    rules = terms(REVIEWED)
    before = a_life(State.SUBMITTED)
    in_conflict = decided(rules, before, a_right())
    (reason,) = in_conflict.life.reasons
    assert reason.code == "collides"
    assert {name: reason.facts[name] for name in STRONG} == STRONG
    assert in_conflict.life == before.but(
        state=State.CONFLICT, since=LATER, reasons=(reason,), waits_for="salesforce:000099"
    )
    review = decided(rules, before, a_right(country="US"))
    assert review.life == before.but(
        state=State.UNDER_REVIEW,
        since=LATER,
        reasons=review.life.reasons,
        waits_for="salesforce:000099",
        decide_by=datetime.fromisoformat("2026-11-04T10:00+00:00"),
        reviewer="user:a@x.example",
    )
    for_good = decided(rules, before, a_right("vendor_deal_closed", "deal x:1", partner=None))
    assert (for_good.life.state, for_good.life.waits_for) == (State.CONFLICT, None)
    named = decided(rules, before, a_right("named_account", "accounts.csv:2", partner=None, at=None))
    assert (named.life.state, named.life.waits_for) == (State.CONFLICT, None)
    assert named.events[0].name == "conflict"


def test_one_that_waits_stays_where_it_is_and_says_so_without_an_event() -> None:
    rules = terms()
    walk = walked(rules, a_life(State.SUBMITTED))
    decide(walk, known(read_until={"hubspot": None}), was_open=False)
    assert walk.life == a_life(State.SUBMITTED, reasons=(Reason("waits_for_crms", {"crms": ["hubspot"]}),))
    assert walk.events == []


@pytest.mark.parametrize("state", [each for each in State if each is not State.SUBMITTED])
def test_nothing_is_ruled_twice(state: State) -> None:
    walk = decided(terms(), a_life(state), a_right())
    assert (walk.life, walk.events) == (a_life(state), [])


def test_a_lead_once_tied_to_it_stays_tied() -> None:
    own = a_right("lead", "lead hubspot:7", partner="anna", domain="globex.com")
    for toml, state in (("", State.APPROVED), ('approve = "by_person"', State.UNDER_REVIEW)):
        found = decided(terms(toml), a_life(State.SUBMITTED), own, domain="globex.com")
        assert (found.life.state, found.life.lead) == (state, "hubspot:7")
        kept = decided(terms(toml), a_life(State.SUBMITTED, lead="hubspot:8"))
        assert (kept.life.state, kept.life.lead) == (state, "hubspot:8")
    stopped = decided(terms(), a_life(State.SUBMITTED, lead="hubspot:8"), a_right())
    assert (stopped.life.state, stopped.life.lead) == (State.CONFLICT, "hubspot:8")


def test_one_in_conflict_is_tied_to_the_partners_own_lead_all_the_same() -> None:
    own = a_right("lead", "lead hubspot:7", partner="anna", domain="globex.com")
    found = decided(terms(), a_life(State.SUBMITTED), own, a_right(), domain="globex.com")
    assert (found.life.state, found.life.lead) == (State.CONFLICT, "hubspot:7")


@pytest.mark.parametrize("state", list(State))
def test_what_is_freed_is_ruled_anew_where_the_connector_had_stopped_it(state: State) -> None:
    before = a_life(state, waits_for="x")
    walk = walked(terms(), before)
    freed(walk)
    if state in (State.CONFLICT, State.UNDER_REVIEW):
        reason = Reason("freed", {"other": "x"})
        assert walk.life == a_life(State.SUBMITTED, since=LATER, reasons=(reason,))
        assert walk.events == [event("freed", state, State.SUBMITTED, reason, at=LATER)]
    else:
        assert (walk.life, walk.events) == (before, [])
    held = walked(terms(), before.but(by="person"))
    freed(held)
    assert bool(held.events) is (state is State.CONFLICT)


def test_who_stands_in_the_way_of_others() -> None:
    standing = {state for state in State if claims(a_life(state))}
    assert standing == {State.SUBMITTED, State.UNDER_REVIEW, State.APPROVED}


@pytest.mark.parametrize("state", list(State))
def test_what_absorbed_an_approved_one_takes_its_place(state: State) -> None:
    rules = terms()
    old = replace(a_registration(2), deleted=True)
    old_life = approved(valid_at=NOW - DAY, extensions=1, lead="hubspot:7")
    gone = Walk(rules, old, claim(rules, old), old_life.but(state=State.WITHDRAWN), LATER)
    walk = walked(rules, a_life(state, **WAITING))
    inherit(walk, gone, old_life)
    if state not in (State.SUBMITTED, State.UNDER_REVIEW, State.RETURNED, State.CONFLICT):
        assert (walk.life, walk.events) == (a_life(state, **WAITING), [])
        return
    reason = Reason("inherited", {"from": "salesforce:000002"})
    assert walk.life == approved(
        since=LATER, by="person", valid_at=NOW - DAY, extensions=1, lead="hubspot:7", reasons=(reason,)
    )
    assert walk.events == [event("inherited", state, State.APPROVED, reason, by="person", at=LATER)]


def test_only_an_approved_one_of_the_same_partner_is_inherited_and_its_own_lead_is_kept() -> None:
    rules = terms()
    old = a_registration(2)
    absorbed = Walk(rules, old, claim(rules, old), approved(), LATER)
    for life in (approved(partner="bert"), a_life(State.REJECTED)):
        walk = walked(rules, a_life(State.SUBMITTED))
        inherit(walk, absorbed, life)
        assert walk.events == []
    walk = walked(rules, a_life(State.SUBMITTED, lead="hubspot:8", valid_at=NOW - 2 * DAY))
    inherit(walk, absorbed, approved(lead="hubspot:7"))
    assert (walk.life.lead, walk.life.valid_at) == ("hubspot:8", NOW - 2 * DAY)


def waited(rules: Terms, life: Life, now: datetime) -> Walk:
    walk = walked(rules, life, now)
    passed(walk)
    return walk


REVIEW = a_life(State.UNDER_REVIEW, decide_by=NOW + 2 * DAY, reviewer="user:a@x.example")


def test_a_review_that_nobody_ends_reminds_its_reviewer_and_is_escalated() -> None:
    rules = terms(REVIEWED)
    reminded = Reason("reviewer_reminded", {"reviewer": "user:a@x.example"})
    escalated = Reason("escalated", {"to": "user:b@x.example"})
    walk = waited(rules, REVIEW, NOW + 3 * DAY)
    assert walk.life == REVIEW.but(reviewer="user:b@x.example", reminded=("reviewer_reminded", "escalated"))
    state, at = State.UNDER_REVIEW, NOW + 3 * DAY
    assert walk.events == [
        event("reviewer_reminded", state, state, reminded, at=at),
        event("escalated", state, state, escalated, at=at),
    ]
    assert next_due(rules, walk.life) is None
    nobody = waited(terms(), REVIEW, NOW + 2 * DAY)
    assert (nobody.life.reviewer, nobody.events[1].reasons) == (
        "user:a@x.example",
        (Reason("escalated", {"to": "user:a@x.example"}),),
    )


def test_one_that_waits_for_a_crm_is_escalated_too_once_and_waits_on() -> None:
    rules = terms(REVIEWED)
    waits = a_life(State.SUBMITTED, reasons=(Reason("waits_for_crms", {"crms": ["hubspot"]}),))
    assert next_due(rules, waits) == NOW + 2 * DAY
    assert waited(rules, waits, NOW + 2 * DAY - timedelta(seconds=1)).events == []
    walk = waited(rules, waits, NOW + 2 * DAY)
    assert walk.life == waits.but(reviewer="user:b@x.example", reminded=("escalated",))
    escalated = Reason("escalated", {"to": "user:b@x.example"})
    state, at = State.SUBMITTED, NOW + 2 * DAY
    assert walk.events == [event("escalated", state, state, escalated, at=at)]
    assert waited(rules, walk.life, NOW + 9 * DAY).events == []
    assert next_due(rules, a_life(State.SUBMITTED)) is None
    to_its_reviewer = waited(terms('reviewer = "user:a@x.example"'), waits, NOW + 2 * DAY)
    assert to_its_reviewer.life.reviewer == "user:a@x.example"


def test_a_reminder_that_would_not_come_before_the_end_of_a_review_is_left_out() -> None:
    assert next_due(terms('remind_reviewer_after = "2 working days"'), REVIEW) == NOW + 2 * DAY
    assert next_due(terms('remind_reviewer_after = "3 working days"'), REVIEW) == NOW + 2 * DAY
    assert next_due(terms(), REVIEW.but(decide_by=None)) is None
    together = waited(terms('remind_reviewer_after = "2 working days"'), REVIEW, NOW + 2 * DAY)
    assert [each.name for each in together.events] == ["escalated"]


@pytest.mark.parametrize(
    ("after", "events", "reminded"),
    [
        (75 * DAY, [], ()),
        (76 * DAY, ["partner_reminded"], ("ends_in_1209600",)),
        (87 * DAY, ["partner_reminded"] * 2, ("ends_in_1209600", "ends_in_259200")),
        (90 * DAY, ["partner_reminded"] * 2 + ["expired"], ()),
    ],
)
def test_a_protection_reminds_its_partner_once_each_time_and_ends(
    after: timedelta, events: list[str], reminded: tuple[str, ...]
) -> None:
    walk = waited(terms(), approved(), NOW + after)
    assert [each.name for each in walk.events] == events
    assert walk.life.reminded == reminded
    soon = Reason("ends_soon", {"until": UNTIL.isoformat()})
    assert [each.reasons for each in walk.events[:2]] == [(soon,)] * min(len(events), 2)


def test_what_ends_by_itself_says_why_and_refuses_the_extension_that_was_asked_for() -> None:
    over = Reason("protection_over")
    for pending, said in ((True, "refused"), (False, "granted")):
        before = approved(extension_pending=pending, extension_said="granted")
        walk = waited(terms("remind_before = []"), before, NOW + 90 * DAY)
        assert walk.life == before.but(
            state=State.EXPIRED,
            since=NOW + 90 * DAY,
            ended_at=NOW + 90 * DAY,
            extension_pending=False,
            extension_said=said,
            reasons=(over,),
        )
        assert walk.events == [event("expired", State.APPROVED, State.EXPIRED, over, at=NOW + 90 * DAY)]
    returned = a_life(State.RETURNED)
    assert next_due(terms(), returned) == NOW + 30 * DAY
    assert waited(terms(), returned, NOW + 30 * DAY - timedelta(seconds=1)).events == []
    unanswered = waited(terms(), returned, NOW + 30 * DAY)
    assert (unanswered.life.state, unanswered.life.reasons) == (State.EXPIRED, (Reason("not_answered"),))
    assert next_due(terms(), unanswered.life) is None


def test_the_connector_never_moves_one_against_the_table() -> None:
    with pytest.raises(AssertionError, match="salesforce:000001: connector may not move expired to approved"):
        walked(terms(), a_life(State.EXPIRED)).move(State.APPROVED)


def test_the_first_ruling_of_one_that_lacks_something_returns_it() -> None:
    life = ruled(terms(), a_registration(company=None))
    assert (life.state, life.decide_by, life.waits_for, life.ended_at) == (State.RETURNED, None, None, None)
