"""What may no longer be shared is taken back from whoever has it; one person's records move together."""

from dataclasses import replace
from pathlib import Path

import pytest

from connector.model.lead import Ref
from connector.store import Store, reading
from connector.store.decisions import ledger_balance
from connector.store.intake import take_in
from connector.store.life import steps_of
from connector.store.outbox import take
from connector.sync.decide import decide_waiting
from connector.sync.watching import watch
from tests.builders import a_lead, a_policy, partner
from tests.conftest import NOW, Clock
from tests.sync.world import TOML, CsvWorld
from tests.takers import a_taker

CONSENT = """
[[screen]]
name = "consent"
stage = "legal"
when = { company = "No consent" }
then = "hold"
[standing]
order = ["partner_on_lead", "same_person"]
"""


@pytest.fixture
def world(tmp_path: Path, store: Store, clock: Clock) -> CsvWorld:
    return CsvWorld(tmp_path, store, clock, two=True, toml=CONSENT + TOML)


def with_partner(world: CsvWorld, number: int = 1, crm: str = "file", **values: str) -> str:
    """One lead that a partner has, written and settled; the partner's id."""
    world.lead(number, crm, **values)
    world.run()
    world.run()
    return str(world.decisions(number, crm)[-1].partner)


def says(world: CsvWorld, number: int = 1, crm: str = "file", **values: str) -> None:
    world.put({"id": f"{number:06d}", "changed_at": world.clock().isoformat(), **values}, crm=crm)
    world.run()


def test_a_withdrawn_consent_takes_the_lead_back_from_its_partner(world: CsvWorld) -> None:
    partner = with_partner(world)
    says(world, company="No consent")
    decision = world.decisions(1)[-1]
    assert [reason.code for reason in decision.reasons] == ["taken_back", "screened"]
    assert (decision.outcome.value, decision.partner, decision.owner) == ("held", None, "queue:Triage")
    row = world.rows()["000001"]
    assert (row["owner"], row["partner"], row["status"]) == ("queue:Triage", "", "Held")
    assert row["reason"].startswith("Taken back from the partner before")
    assert world.load() == {}
    with world.store.transaction() as session:
        assert steps_of(session, Ref("file", "000001"))[-1].because == "recalled"
        assert {line.units for line in reading.credits(session, "live")} == {0}
        assert set(ledger_balance(session).values()) == {0}
    world.lead(2)
    world.run()
    assert world.decisions(2)[-1].partner == partner


def test_a_consent_that_is_given_again_sends_the_lead_to_a_partner_again(world: CsvWorld) -> None:
    with_partner(world)
    says(world, company="No consent")
    world.run()
    says(world, company="Fine again")
    assert world.decisions(1)[-1].outcome.value == "assigned"
    world.run()
    assert world.rows()["000001"]["partner"] in ("Anna", "Bert")


def test_a_consent_withdrawn_before_our_write_is_sent_keeps_the_record_where_it_is(store: Store) -> None:
    policy, lead = a_policy(CONSENT + partner("anna") + '[[route]]\nname = "all"\n'), a_lead(1)
    changed = replace(lead, fields={"company": "No consent"})
    for seen in (lead, changed):
        with store.transaction() as session:
            taken = take_in(session, "salesforce", [seen], NOW)
            watch(session, policy, "salesforce", taken.shared, NOW)
        decide_waiting(policy, store, ["salesforce"], "live", "hash", lambda: NOW, lambda count: None)
    with store.transaction() as session:
        (parcel,) = take(session, "salesforce", NOW, 10, a_taker())
        assert reading.assigned_by(session, "live") == {}
        assert watch(session, policy, "salesforce", [changed], NOW) == 0
    assert parcel.command.values["status"] == "Held"
    assert "owner" not in parcel.command.values


def test_an_ordinary_change_of_a_partners_lead_recalls_nothing(world: CsvWorld) -> None:
    partner = with_partner(world)
    says(world, company="Another name")
    assert len(world.decisions(1)) == 1
    assert world.load() == {partner: 1}


def test_a_lead_that_a_person_took_over_is_left_to_that_person(world: CsvWorld) -> None:
    with_partner(world)
    world.clock.advance(minutes=30)
    says(world, owner="user:rep@x.example", company="No consent")
    world.run()
    assert world.decisions(1)[-1].outcome.value == "left_alone"
    assert world.rows()["000001"]["owner"] == "user:rep@x.example"


def test_a_declined_lead_takes_the_same_persons_other_record_along(world: CsvWorld) -> None:
    first = with_partner(world, email="jo@globex.com")
    assert with_partner(world, 7, "other", email="JO@globex.com") == first
    assert world.decisions(7, "other")[-1].outcome.value == "follows"
    assert world.load() == {first: 1}
    says(world, partner_answer="Declined")
    world.run()
    second = world.decisions(1)[-1].partner
    assert second != first
    assert world.decisions(7, "other")[-1].partner == second
    assert world.rows("other")["000007"]["owner"] == f"user:{second}@x.example"
    assert world.load() == {second: 1}


def test_a_deleted_record_leaves_the_person_with_the_same_partner(world: CsvWorld) -> None:
    first = with_partner(world, email="jo@globex.com")
    with_partner(world, 7, "other", email="jo@globex.com")
    world.lead(2)
    says(world, deleted="true")
    world.run()
    decision = world.decisions(7, "other")[-1]
    assert (decision.outcome.value, decision.partner) == ("assigned", first)
    assert world.load()[first] == 1


def test_a_corrected_address_is_known_at_once(world: CsvWorld) -> None:
    partner = with_partner(world, email="wrong@globex.com")
    says(world, email="jo@globex.com")
    assert with_partner(world, 7, "other", email="jo@globex.com") == partner
    assert world.decisions(7, "other")[-1].outcome.value == "follows"
