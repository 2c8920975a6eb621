"""Registrations and customers' rights in the store, on both dialects."""

from dataclasses import replace
from datetime import timedelta

from connector.model.lead import Ref
from connector.model.registration import Life, Registration, Right, State
from connector.routing.registration.conflicts import keys
from connector.store import Store
from connector.store import registrations as book
from connector.store import rights as customers
from connector.store.registration_reading import find, history
from connector.store.registrations import Step
from tests.conftest import NOW
from tests.routing.registration.builders import a_registration, a_right


def keys_of(right: Right) -> tuple[str, ...]:
    return keys(right.company, right.domain, right.email)


def take(store: Store, *seen: Registration) -> int:
    with store.transaction() as session:
        return book.take_in(session, "salesforce", seen)


def waiting(store: Store, now: timedelta = timedelta(), limit: int = 10) -> list[str]:
    with store.transaction() as session:
        return [item.seen.ref.id for item in book.pending(session, NOW + now, None, limit)]


def stands(store: Store, seen: Registration, life: Life, **more: object) -> None:
    told: dict[str, object] = {"next_at": None, "amount": None, "values": None, **more}
    with store.transaction() as session:
        book.record(session, "hash", [Step(seen, life, (), **told)], NOW)  # type: ignore[arg-type]


def test_what_was_read_twice_is_looked_at_once(store: Store) -> None:
    seen = a_registration()
    assert take(store, seen) == 1
    stands(store, seen, Life(State.APPROVED, NOW, NOW))
    assert take(store, seen) == 0
    assert waiting(store) == []


def test_what_is_not_submitted_yet_is_none(store: Store) -> None:
    assert take(store, a_registration(status=None)) == 0


def test_an_old_state_that_a_search_index_still_shows_is_no_news(store: Store) -> None:
    take(store, a_registration(changed=NOW + timedelta(hours=1), amount=5))
    stands(store, a_registration(), Life(State.APPROVED, NOW, NOW))
    assert take(store, a_registration(changed=NOW)) == 0


def test_a_life_comes_back_as_it_was(store: Store) -> None:
    seen = a_registration()
    take(store, seen)
    life = Life(
        State.APPROVED, NOW, NOW, said=State.SUBMITTED, protected_until=NOW, reminded=("a",), reward=1.5
    )
    stands(store, seen, life)
    with store.transaction() as session:
        found = find(session, seen.ref)
        assert history(session, seen.ref) == []
    assert found is not None
    assert found.life == life
    assert found.seen.submitted_at == NOW


def test_deadlines_and_waiting_ones_come_up_in_the_order_of_submission(store: Store) -> None:
    late, early, due = (
        a_registration(n, submitted=NOW - timedelta(hours=h)) for n, h in ((1, 1), (2, 3), (3, 2))
    )
    take(store, late, early, due)
    stands(store, due, Life(State.APPROVED, NOW, due.submitted_at), next_at=NOW + timedelta(days=1))
    assert waiting(store) == ["000002", "000001"]
    assert waiting(store, timedelta(days=1)) == ["000002", "000003", "000001"]


def test_two_of_one_second_are_never_in_different_batches(store: Store) -> None:
    half = timedelta(milliseconds=1)
    take(store, *(a_registration(n, submitted=NOW + n * half) for n in range(1, 4)))
    take(store, a_registration(9, submitted=NOW - timedelta(seconds=5)))
    assert waiting(store, limit=2) == ["000009"]


def test_a_newer_answer_replaces_one_that_was_not_sent(store: Store) -> None:
    from sqlalchemy import select

    from connector.store.tables import OutboxRow

    seen = a_registration()
    take(store, seen)
    for state in (State.UNDER_REVIEW, State.APPROVED):
        stands(store, seen, Life(state, NOW, NOW), values={"status": state.value})
    with store.transaction() as session:
        rows = [(row.state, row.values["status"], row.about) for row in session.scalars(select(OutboxRow))]
    assert sorted(rows) == [
        ("pending", "approved", "registration"),
        ("superseded", "under_review", "registration"),
    ]


def test_only_rights_that_share_a_key_are_found_and_a_lead_only_while_it_is_held(store: Store) -> None:
    globex, initech = a_right(), a_right(ref="salesforce:000098", company="Initech AG")
    lead = a_right("lead", "lead hubspot:7", domain="globex.com")
    with store.transaction() as session:
        customers.keep(session, [globex, initech, lead], keys_of)
        found = customers.sharing(session, keys("Globex", None, None))
        assert [right.ref for right in found] == [globex.ref]
        assert found == [globex]
        customers.forget(session, [globex.ref])
        assert customers.sharing(session, keys("Globex", None, None)) == []


def test_one_that_was_absorbed_ends(store: Store) -> None:
    take(store, a_registration(1), a_registration(2))
    stands(store, a_registration(1), Life(State.APPROVED, NOW, NOW))
    survivor = Registration(
        Ref("salesforce", "000002"), NOW, NOW + timedelta(minutes=1), absorbed=("000001",)
    )
    take(store, survivor)
    with store.transaction() as session:
        found = find(session, Ref("salesforce", "000001"))
    assert found is not None
    assert (found.seen.deleted, found.seen.merged_into) == (True, "000002")


def test_an_index_that_is_behind_our_write_tells_no_news_and_a_person_who_goes_back_does(
    store: Store,
) -> None:
    before = replace(a_registration(extension="Requested"), answers={"protected_until": None})
    take(store, before)
    stands(store, before, Life(State.APPROVED, NOW, NOW, said=State.SUBMITTED))
    written = {"status": "approved", "extension": "Granted", "protected_until": "2027-01-31T09:00:00+00:00"}
    with store.transaction() as session:
        book.settled(session, before.ref, written, {"extension"})
        found = find(session, before.ref)
    assert found is not None
    assert (found.seen.status, found.seen.fields["extension"]) == (State.APPROVED, "Granted")
    assert found.seen.answers == {"protected_until": written["protected_until"]}
    assert take(store, before) == 0
    assert take(store, replace(before, changed_at=NOW + timedelta(minutes=1))) == 1


def test_only_a_status_that_nobody_here_gave_is_a_persons(store: Store) -> None:
    seen = a_registration()
    take(store, seen)
    stands(store, seen, Life(State.APPROVED, NOW, NOW, said=State.SUBMITTED))
    with store.transaction() as session:
        said = {state: book.spoken(session, [replace(seen, status=state)]) for state in State}
    assert [state for state, ids in said.items() if not ids] == [State.SUBMITTED, State.APPROVED]


def test_what_survives_a_merge_is_looked_at_again(store: Store) -> None:
    gone, heir = a_registration(1), a_registration(2)
    take(store, gone, heir)
    for each in (gone, heir):
        stands(store, each, Life(State.RETURNED, NOW, NOW))
    take(store, replace(gone, deleted=True, merged_into="000002", changed_at=NOW + timedelta(minutes=1)))
    assert waiting(store) == ["000001", "000002"]
