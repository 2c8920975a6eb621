"""What is Salesforce's own: bins, conversions, conditions, permissions, transactions, limits."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connector.sandbox.faults import Fault
from connector.sandbox.programme import Person
from connector.sandbox.salesforce.seed import add_user
from connector.sources.base import Note, SourceBusy, SourceLocked, SourceRefused, Update
from tests.sources.bench_salesforce import PERSON, SalesforceBench
from tests.sources.contract import ALWAYS, ANKE, JONAS, SAM


@pytest.fixture
def bench() -> Iterator[SalesforceBench]:
    made = SalesforceBench()
    yield made
    made.close()


def test_deleted_and_merged_leads_come_with_the_changes(bench: SalesforceBench) -> None:
    kept, deleted, loser = bench.many(3)
    bench.delete(deleted)
    bench.merge(kept, loser)
    bench.wait()
    page = bench.source().read_changed(ALWAYS, None, None)
    told = {lead.ref.id: (lead.deleted, lead.merged_into) for lead in page.leads}
    assert told == {kept: (False, None), deleted: (True, None), loser: (True, kept)}


def test_a_converted_lead_is_told_and_not_written(bench: SalesforceBench) -> None:
    converted, other = bench.many(2)
    bench.deal(converted, 100)
    bench.wait()
    source = bench.source()
    assert source.read([converted])[converted].converted
    refused, done = source.write([Update(converted, {"owner": ANKE}), Update(other, {"owner": ANKE})])
    assert isinstance(refused, SourceRefused)
    assert refused.gone
    assert done is None


def test_an_id_that_salesforce_has_forgotten_is_gone(bench: SalesforceBench) -> None:
    purged, other = bench.many(2)
    bench.sandbox.run(lambda: bench.org.store.remove("Lead", purged))
    refused, done = bench.source().write([Update(purged, {"owner": ANKE}), Update(other, {"owner": ANKE})])
    assert isinstance(refused, SourceRefused)
    assert refused.gone
    assert done is None


@pytest.mark.parametrize("pages_of", [1, 3, 7])
def test_pages_that_are_smaller_than_asked_for_lose_nothing(bench: SalesforceBench, pages_of: int) -> None:
    made = bench.many(20)
    bench.wait()
    bench.org.settings.page_size = pages_of
    source = bench.source(page=10)
    found: list[str] = []
    until, after = None, None
    while True:
        page = source.read_changed(ALWAYS, until, after)
        found += [lead.ref.id for lead in page.leads]
        until, after = page.until, page.last_id
        if page.done:
            break
    assert found == made
    assert source.read_progress(made).keys() == set(made)


def test_only_the_record_types_that_the_admin_named_are_read(bench: SalesforceBench) -> None:
    made = bench.many(2)
    partner = bench.org.record_types("Lead")["Partner_Lead"]
    bench.sandbox.run(lambda: bench.org.edit(made[0], {"RecordTypeId": partner}, by=PERSON))
    bench.wait()
    source = bench.source(record_types=["Partner_Lead"])
    (lead,) = source.read_changed(ALWAYS, None, None).leads
    assert (lead.ref.id, lead.fields["record_type"]) == (made[0], "Partner_Lead")
    assert list(source.changed_ids(bench.ago(hours=1), bench.now())) == [made[0]]


def test_a_condition_with_or_stays_within_its_parentheses(bench: SalesforceBench) -> None:
    bench.add({"company": "Ours"}, {"company": "Theirs"})
    later = bench.wait()
    (ours, _) = bench.add({"company": "Ours"}, {"company": "Theirs"})
    bench.wait()
    source = bench.source(where="Company = 'Ours' OR Company = 'Nobody'")
    assert [lead.ref.id for lead in source.read_changed(later, None, None).leads] == [ours]


def test_a_conditional_write_yields_to_whoever_was_faster(bench: SalesforceBench) -> None:
    leads = bench.many(30)
    bench.wait()
    source = bench.source(conditional_writes=True)
    held = source.read_back(leads)
    bench.wait(5)
    bench.edit(leads[3], owner=SAM)
    bench.edit(leads[27], company="Edited")
    updates = [Update(lead, {"owner": ANKE}, held[lead].changed_at) for lead in leads]
    answers = source.write(updates)
    changed = [number for number, answer in enumerate(answers) if answer is not None]
    assert changed == [3, 27]
    assert [getattr(answers[n], "code", "") for n in changed] == ["CHANGED", "CHANGED"]
    assert [bench.look(leads[n])["owner"] for n in (2, 3, 27)] == [ANKE, SAM, "queue:Web_Intake"]
    assert source.calls["write"] == 2


def test_a_conditional_write_is_ours_although_an_assignment_rule_is_active(bench: SalesforceBench) -> None:
    leads = bench.many(3)
    source = bench.source(conditional_writes=True)
    assert bench.org.settings.assignment_rule_active
    assert list(source.write([Update(lead, {"owner": JONAS}) for lead in leads])) == [None] * 3
    assert {bench.look(lead)["owner"] for lead in leads} == {JONAS}


def test_an_open_transaction_holds_the_witness_back(bench: SalesforceBench) -> None:
    (seen, hidden) = bench.many(2)
    bench.wait(3600)
    since = bench.now()
    transaction = bench.sandbox.run(bench.org.open_transaction)
    bench.sandbox.run(lambda: transaction.edit(hidden, {"Company": "Late"}, PERSON))
    bench.wait(300)
    bench.edit(seen, company="Edited")
    bench.wait(240)
    assert list(bench.source().changed_ids(since, bench.now())) == [seen]
    bench.wait(600)
    found = bench.source().changed_ids(since, bench.now())
    assert next(found) == seen
    with pytest.raises(SourceBusy) as caught:
        list(found)
    assert caught.value.code == "NOT_COVERED"
    bench.sandbox.run(transaction.commit)
    assert set(bench.source().changed_ids(since, bench.now())) == {seen, hidden}


def test_an_owner_who_left_is_refused_alone_and_welcome_when_back(bench: SalesforceBench) -> None:
    leads = bench.many(2)
    source = bench.source()
    assert source.problems([ANKE, JONAS]) == []
    anke = bench.org.owner_id(ANKE.removeprefix("user:"))

    def active(yes: bool) -> None:
        bench.sandbox.run(lambda: bench.org.edit(anke, {"IsActive": yes}, by=PERSON, object="User"))

    updates = [Update(leads[0], {"owner": ANKE}), Update(leads[1], {"owner": JONAS})]
    active(False)
    refused, done = source.write(updates)
    assert isinstance(refused, SourceRefused)
    assert refused.code == "INACTIVE_OWNER_OR_USER"
    assert done is None
    assert "inactive" in str(bench.source().write(updates)[0])
    active(True)
    assert list(source.write(updates)) == [None, None]


def test_no_lead_can_be_without_an_owner(bench: SalesforceBench) -> None:
    (lead,) = bench.many(1)
    (refused,) = bench.source().write([Update(lead, {"owner": None, "reason": "r"})])
    assert isinstance(refused, SourceRefused)
    assert bench.look(lead)["reason"] is None


def test_users_of_a_kind_that_cannot_own_are_refused(bench: SalesforceBench) -> None:
    (lead,) = bench.many(1)
    person = Person("Chatty", "Free", "chatty@acme.example")
    bench.sandbox.run(lambda: add_user(bench.org, person, "Chatter Free User"))
    source = bench.source()
    assert source.problems(["user:chatty@acme.example"]) == [
        "user:chatty@acme.example may not own leads in Salesforce"
    ]
    (refused,) = source.write([Update(lead, {"owner": "user:chatty@acme.example"})])
    assert isinstance(refused, SourceRefused)


def test_missing_permissions_are_told(bench: SalesforceBench) -> None:
    rights = bench.org.integration_permissions
    rights.read_only = {"Lead.OwnerId", "Lead.Routing_Reason__c"}
    assert bench.source().problems([]) == [
        "the user may not change Lead.OwnerId, the owner",
        "the user may not write Lead.Routing_Reason__c (mapped as reason)",
    ]
    rights.read_only = set()
    rights.edit = {"Task"}
    assert bench.source().problems([])[0] == "the user may not edit Leads"
    rights.edit, rights.create = None, {"Lead"}
    assert bench.source(note="task").problems([]) == [
        "the user may not create Tasks, which notes are kept as"
    ]
    rights.create, rights.unreadable = None, {"Opportunity"}
    (problem,) = bench.source().problems([])
    assert problem.startswith("what became of leads: Salesforce says INVALID_FIELD")


def test_a_user_who_may_not_transfer_leads_locks_the_source(
    bench: SalesforceBench,
) -> None:
    leads = bench.many(12)
    bench.org.integration_permissions.transfer_leads = False
    source = bench.source()
    with pytest.raises(SourceLocked, match="Transfer Leads"):
        source.write([Update(lead, {"owner": ANKE}) for lead in leads])
    (alone,) = source.write([Update(leads[0], {"owner": ANKE})])
    assert isinstance(alone, SourceRefused)


def test_the_last_call_of_the_day_is_waited_for_in_minutes(bench: SalesforceBench) -> None:
    (lead,) = bench.many(1)
    source = bench.source()
    source.read([lead])
    bench.sandbox.run(lambda: bench.org.limits.use_up(bench.org.settings.daily_api_calls))
    with pytest.raises(SourceBusy) as caught:
        source.read([lead])
    assert caught.value.code == "REQUEST_LIMIT_EXCEEDED"
    assert caught.value.retry_after == timedelta(minutes=15)
    assert source.usage.used == source.usage.allowed == bench.org.settings.daily_api_calls


def test_a_batch_whose_every_row_is_locked_is_busy_row_by_row(bench: SalesforceBench) -> None:
    leads = bench.many(4)
    source = bench.source()
    bench.fault(Fault("batch_lock", nth=1))
    answers = source.write([Update(lead, {"owner": ANKE}) for lead in leads])
    assert {type(answer) for answer in answers} == {SourceBusy}
    assert list(source.write([Update(lead, {"owner": ANKE}) for lead in leads])) == [None] * 4


def test_what_a_thousand_leads_cost(bench: SalesforceBench) -> None:
    bench.sandbox.run(
        lambda: bench.org.add_leads(({"last_name": f"L{n}"} for n in range(1000)), owners="intake")
    )
    bench.wait()
    source = bench.source()
    source.problems([ANKE])
    leads = [lead.ref.id for lead in source.read_changed(ALWAYS, None, None).leads]
    source.calls.clear()
    source.read_changed(ALWAYS, None, None)
    for start in range(0, 1000, source.write_size):
        some = leads[start : start + source.write_size]
        source.read_back(some)
        source.write([Update(lead, {"owner": ANKE, "partner": "P", "reason": "r"}) for lead in some])
        source.leave_notes([Note(lead, "k", "t", "x") for lead in some], again=False)
        source.read_progress(some)
    assert source.calls == {"pull": 1, "compare": 5, "write": 5, "note": 5, "outcomes": 5}
