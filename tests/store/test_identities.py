"""Who leads are is remembered apart from decisions: found again in the next batch, and erasable."""

import zlib
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlmodel import col

from connector.model.decision import Decision, Outcome
from connector.model.lead import Lead, Ref
from connector.reports.replay import replay
from connector.routing.identity import identify
from connector.routing.pipeline import fold
from connector.routing.policy import Policy
from connector.store import Store, reading
from connector.store.decisions import end_assignments
from connector.store.endings import delete
from connector.store.identities import Reach, forget, holdings, records, who_is_known
from connector.store.inputs import batches
from connector.store.intake import take_in
from connector.store.tables import BatchRow, IdentityRow, InputRow
from connector.sync.decide import decide_waiting, recognise_given
from tests.builders import INTAKE, a_lead, a_policy, a_snapshot, leads, partner
from tests.conftest import NOW

STANDING = '[standing]\norder = ["partner_on_lead", "same_person", "same_company"]\n'
DUPLICATE = '[[screen]]\nname = "twice"\nuse = "no_duplicate"\n'
PARTNERS = partner("anna") + partner("bert") + partner("cora") + '[[route]]\nname = "all"\n'
POLICY = a_policy(STANDING + PARTNERS)
JO: dict[str, Any] = {"email": "jo@globex.com", "last_name": "Doe", "company": "Globex GmbH", "country": "DE"}
EVER = Reach(NOW - timedelta(days=180), NOW - timedelta(days=180))


def in_crm(crm: str, number: int, **facts: Any) -> Lead:
    return a_lead(number, crm=crm, owner=None if crm == "hubspot" else INTAKE, **facts)


def run(store: Store, crowd: Sequence[Lead], policy: Policy = POLICY, later: timedelta = timedelta()) -> None:
    """Take leads in and decide everything that waits."""
    with store.transaction() as session:
        for crm in ("salesforce", "hubspot"):
            take_in(session, crm, [lead for lead in crowd if lead.ref.crm == crm], NOW + later)
    moment = NOW + later
    decide_waiting(
        policy, store, ["salesforce", "hubspot"], "live", "hash", lambda: moment, lambda count: None
    )


def last(store: Store, lead: Lead) -> Decision:
    with store.transaction() as session:
        return reading.decisions_of(session, lead.ref)[-1]


def test_the_same_person_in_the_other_crm_follows_in_a_later_cycle(store: Store) -> None:
    first, second = in_crm("salesforce", 1, **JO), in_crm("hubspot", 2, email="JO@globex.com")
    run(store, [first])
    run(store, [second], later=timedelta(days=30))
    assert last(store, second).outcome is Outcome.FOLLOWS
    assert last(store, second).with_person == first.ref
    with store.transaction() as session:
        assert reading.assigned_by(session, "live") == {("anna", "all"): 1}


def test_only_a_partner_that_held_a_lead_properly_has_a_right_to_the_next(store: Store) -> None:
    ends = ["won", "lost", "closed", "declined", "recalled", "taken_over", "breached"]
    before = [in_crm("salesforce", n, email=f"jo@{end}.com") for n, end in enumerate(ends)]
    after = [in_crm("salesforce", 100 + n, email=f"ann@{end}.com") for n, end in enumerate(ends)]
    run(store, before)
    had = {end: last(store, lead).partner for end, lead in zip(ends, before, strict=True)}
    with store.transaction() as session:
        for lead, end in zip(before, ends, strict=True):
            end_assignments(session, [lead.ref], NOW, end)
    run(store, after, later=timedelta(days=1))
    found = {end: last(store, lead) for end, lead in zip(ends, after, strict=True)}
    kept = [end for end in ends if found[end].route is None and found[end].partner == had[end]]
    assert kept == ["won", "lost", "closed"]


def test_a_partner_that_declined_a_lead_is_not_given_it_again(store: Store) -> None:
    lead = in_crm("salesforce", 1, partner="Anna", **JO)
    run(store, [lead])
    with store.transaction() as session:
        end_assignments(session, [lead.ref], NOW, "declined")
        session.execute(text("UPDATE lead SET state = 'waiting'"))
    run(store, [], later=timedelta(hours=1))
    decision = last(store, lead)
    assert decision.reasons[0].facts["because"] == "declined_before"
    assert decision.route == "all"


def test_a_company_is_found_by_name_brand_and_domain_through_the_store(store: Store) -> None:
    run(store, [in_crm("salesforce", 1, **JO)])
    for number, facts, same in (
        (2, {"company": "GLOBEX AG", "country": "DE", "email": "x@gmail.com"}, True),
        (3, {"company": "Globex", "country": "AT", "email": "x@globex.at"}, True),
        (4, {"email": "x@mail.globex.com"}, True),
        (5, {"company": "Globex", "country": "FR", "email": "x@gmail.com"}, False),
        (6, {"company": "Globex", "country": "DE", "email": "x@other.de"}, False),
    ):
        with store.transaction() as session:
            who = identify(POLICY, in_crm("hubspot", number, **facts))
            found = holdings(session, "live", [who], EVER)
        assert bool(any(found.by_brand.values()) or found.by_name) == same, facts


def test_what_is_decided_in_shadow_gives_no_right_live(store: Store) -> None:
    first = in_crm("salesforce", 1, **JO)
    with store.transaction() as session:
        take_in(session, "salesforce", [first], NOW)
    decide_waiting(POLICY, store, ["salesforce"], "shadow", "hash", lambda: NOW, lambda count: None)
    with store.transaction() as session:
        assert not holdings(session, "live", [identify(POLICY, first)], EVER).by_email
        assert holdings(session, "shadow", [identify(POLICY, first)], EVER).by_email


def a_crowd(count: int, seed: int = 3) -> list[Lead]:
    """People of a few companies, some of them in both CRMs, some twice, by mail of every sort."""
    dice = Random(seed)
    hosts = ["globex.com", "globex.de", "initech.com", "gmail.com", None]
    names = ["Globex GmbH", "Globex", "Globex Group", "Initech Inc.", "Umbrella", None]
    found = []
    for number in range(count):
        host, who = dice.choice(hosts), dice.choice("abcdefgh")
        facts: dict[str, Any] = {
            "email": f"{who}@{host}" if host else None,
            "last_name": dice.choice(["Doe", "Roe"]),
            "phone": dice.choice(["+49 351 1234567", "+49 30 7654321", None]),
            "company": dice.choice(names),
            "country": dice.choice(["DE", "AT"]),
        }
        when = NOW - timedelta(days=2) + timedelta(minutes=number)
        found.append(in_crm(dice.choice(["salesforce", "hubspot"]), number, created=when, **facts))
    return found


@pytest.mark.parametrize("screens", ["", DUPLICATE])
def test_batches_decide_exactly_as_one_by_one(
    store: Store, monkeypatch: pytest.MonkeyPatch, screens: str
) -> None:
    policy, crowd = a_policy(STANDING + screens + PARTNERS), a_crowd(120)
    monkeypatch.setattr("connector.sync.decide.BATCH", 7)
    run(store, crowd, policy)
    expected = list(fold(policy, a_snapshot(), crowd))
    assert [last(store, lead).as_data() for lead in crowd] == [decision.as_data() for decision in expected]
    replayed_same(store, policy, len(crowd))
    outcomes = {decision.outcome for decision in expected}
    assert outcomes == {Outcome.ASSIGNED, Outcome.FOLLOWS, *([Outcome.REJECTED] if screens else [])}


def replayed_same(store: Store, policy: Policy, count: int) -> None:
    """The decisions can be computed again, from records that say nothing of other people than their own."""
    with store.transaction() as session:
        found = replay(batches(session), lambda config_hash: policy)
        own = session.scalars(select(col(InputRow.data))).all()
        shared = session.scalars(select(col(BatchRow.state))).all()
    assert (found.same, found.different) == (count, [])
    relatives = [str(data["own"]["relatives"]) for data in own if data and "relatives" in data["own"]]
    assert relatives
    assert not any("@g" in told or "@i" in told for told in relatives)
    assert not any(b"@globex" in zlib.decompress(state) for state in shared)


def test_a_second_open_record_of_a_person_in_the_same_crm_is_screened_where_asked(store: Store) -> None:
    policy = a_policy("[standing]\norder = []\n" + DUPLICATE + PARTNERS)
    first, again, elsewhere = (
        in_crm("salesforce", 1, **JO),
        in_crm("salesforce", 2, email="Jo@Globex.com"),
        in_crm("hubspot", 3, email="jo@globex.com"),
    )
    run(store, [first], policy)
    run(store, [again, elsewhere], policy, later=timedelta(hours=1))
    assert [last(store, lead).outcome.value for lead in (first, again, elsewhere)] == [
        "assigned",
        "rejected",
        "assigned",
    ]
    assert last(store, again).reasons[0].code == "duplicate"
    with store.transaction() as session:
        who = {again.ref: identify(policy, again)}
        assert records(session, who).other(again.ref, who[again.ref]) == first.ref
        session.execute(text("UPDATE lead SET converted = true WHERE id = '000001'"))
        assert records(session, who).other(again.ref, who[again.ref]) is None


def test_nothing_is_remembered_of_people_unless_the_rules_ask(store: Store) -> None:
    plain = a_policy('[standing]\norder = ["partner_on_lead"]\n' + PARTNERS)
    run(store, [in_crm("salesforce", 1, **JO)], plain)
    assert known(store) == 0


def test_rules_that_ask_later_know_who_the_partners_leads_are(store: Store) -> None:
    plain = a_policy('[standing]\norder = ["partner_on_lead"]\n' + PARTNERS)
    run(store, [in_crm("salesforce", 1, **JO), *leads(3, country="DE")[1:]], plain)
    assert recognise_given(plain, store, NOW) == 0
    assert recognise_given(POLICY, store, NOW) == known(store) == 3
    assert recognise_given(POLICY, store, NOW) == 0
    assert recognise_given(plain, store, NOW) == 0
    assert recognise_given(POLICY, store, NOW) == 3
    second = in_crm("hubspot", 9, email="jo@globex.com")
    run(store, [second], later=timedelta(days=1))
    assert last(store, second).outcome is Outcome.FOLLOWS


def test_who_a_lead_is_can_be_forgotten_and_is_when_it_is_gone(store: Store) -> None:
    first, second = in_crm("salesforce", 1, **JO), in_crm("salesforce", 2, email="a@initech.com")
    run(store, [first, second])
    assert known(store) == 2
    with store.transaction() as session:
        forget(session, [first.ref])
        delete(session, second.ref, NOW, "hash")
        assert len(reading.decisions_of(session, first.ref)) == 1
    assert known(store) == 0


def test_a_lead_that_is_held_again_is_known_by_what_it_says_now(store: Store) -> None:
    nobody = a_policy(
        STANDING + partner("anna", max_open_leads=0) + '[[route]]\nname = "r"\n'
        'if_nobody_fits = { hold = "24h" }\n'
    )
    run(store, [in_crm("salesforce", 1, email="old@globex.com")], nobody)
    run(store, [in_crm("salesforce", 1, email="new@globex.com")], nobody, later=timedelta(minutes=1))
    with store.transaction() as session:
        assert session.scalars(select(col(IdentityRow.email))).all() == ["new@globex.com"]


def known(store: Store) -> int:
    with store.transaction() as session:
        return session.scalars(select(func.count()).select_from(IdentityRow)).one()


def test_every_way_to_recognise_is_by_index(store: Store) -> None:
    """However many decisions there are, a lead is looked up and no table is read through."""
    run(store, a_crowd(30))
    everybody = {lead.ref: identify(POLICY, lead) for lead in a_crowd(30)}
    plans: list[str] = []

    def planned(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
            rows = connection.exec_driver_sql(explain + statement, parameters)
            plans.append("\n".join(str(row) for row in rows))

    sqlite = store.engine.dialect.name == "sqlite"
    event.listen(store.engine, "before_cursor_execute", planned)
    with store.transaction() as session:
        if not sqlite:
            session.execute(text("SET enable_seqscan = off"))  # so small a table would be read through
        who_is_known(session, "live", everybody, EVER)
    assert len(plans) == 10
    for plan in plans:
        assert "SCAN identity" not in plan, plan
        assert "SCAN assignment" not in plan, plan
        assert "Seq Scan" not in plan, plan


def test_a_ref_of_another_crm_is_another_record(store: Store) -> None:
    run(store, [in_crm("salesforce", 1, **JO)])
    with store.transaction() as session:
        forget(session, [Ref("hubspot", "000001")])
    assert known(store) == 1
