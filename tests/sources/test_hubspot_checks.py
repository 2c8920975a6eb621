"""What HubSpot's port tells an admin before the first lead, and the rights that suffice."""

from collections.abc import Iterator

import pytest

from connector.model.decision import Outcome
from connector.routing.commands import STATUS
from connector.sources.base import Note, SourceLocked, Update
from connector.sources.hubspot.checks import STATUSES
from connector.sources.hubspot.where import BadWhere, parsed
from tests.sources.bench_hubspot import HubSpotBench
from tests.sources.contract import ALWAYS, ANKE

LEAST = (
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.owners.read",
    "crm.objects.deals.read",
)
COMPANIES = "crm.objects.companies.read"


@pytest.fixture
def bench() -> Iterator[HubSpotBench]:
    made = HubSpotBench()
    yield made
    made.close()


def allow(bench: HubSpotBench, *scopes: str) -> None:
    """Let the sandbox's token do this and nothing else."""
    access = bench.portal.access
    bench.sandbox.run(lambda: access.add_token("pat-na1-sandbox", app_id="1160452", scopes=scopes))


def test_the_least_scopes_suffice(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    bench.deal(lead, 10)
    bench.wait()
    allow(bench, *LEAST)
    source = bench.source()
    assert source.problems([ANKE]) == []
    assert len(source.read_changed(ALWAYS, None, None).leads) == 1
    assert list(source.write([Update(lead, {"owner": ANKE, "score": 7})])) == [None]
    assert list(source.leave_notes([Note(lead, "k", "t", "x")], again=True)) == [None]
    assert source.read_progress([lead])[lead].amount == 10
    assert list(source.changed_ids(bench.ago(hours=1), bench.now())) == [lead]


def test_partners_that_are_companies_need_one_scope_more(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    bench.wait()
    allow(bench, *LEAST, COMPANIES)
    source = bench.source(**bench.partner_link(), roster=bench.roster(), read_company={"name": "name"})
    assert source.problems([ANKE]) == []
    assert list(source.write([Update(lead, {"partner": "Nordwind IT GmbH"})])) == [None]
    assert len(source.read_partners()) == 12
    source.read([lead])


@pytest.mark.parametrize("lacking", [*LEAST, COMPANIES])
def test_a_missing_scope_is_named(bench: HubSpotBench, lacking: str) -> None:
    allow(bench, *(scope for scope in (*LEAST, COMPANIES) if scope != lacking))
    problems = bench.source(read_company={"name": "name"}).problems([ANKE])
    assert problems
    assert all("MISSING_SCOPES" in problem and lacking in problem for problem in problems)


def test_a_token_without_any_scope_is_told_in_one_go(bench: HubSpotBench) -> None:
    allow(bench)
    with pytest.raises(SourceLocked) as caught:
        bench.source().problems([ANKE])
    assert all(scope in str(caught.value) for scope in LEAST if "owners" not in scope)


def test_a_token_that_is_worth_nothing_is_locked(bench: HubSpotBench) -> None:
    bench.sandbox.run(bench.portal.access.revoke, "pat-na1-sandbox")
    with pytest.raises(SourceLocked, match="INVALID_AUTHENTICATION"):
        bench.source().problems([ANKE])


def test_an_address_that_is_no_hubspot_is_told_as_that(bench: HubSpotBench) -> None:
    elsewhere = bench.source(base_url=bench.sandbox.salesforce_url)
    with pytest.raises(SourceLocked, match=r"no such path; is api_version supported, and base_url right\?"):
        elsewhere.problems([ANKE])


def test_every_mistake_of_one_table_is_told_at_once(bench: HubSpotBench) -> None:
    source = bench.source(
        read={"deal_value": "nothing_like_it"},
        write={"reason": "hs_email_domain", "score": "hs_lead_status"},
        where="company IS Globex",
        roster={"object": "companies", "read": {"id": "ref"}},
    )
    problems = source.problems([ANKE, "queue:Web_Intake"])
    assert len(problems) == 6
    assert "queue:Web_Intake in HubSpot, which has no queues" in problems[-1]


def test_the_statuses_that_are_checked_are_those_that_are_written() -> None:
    assert set(STATUSES) == set(STATUS.values())
    assert {outcome.value.capitalize() for outcome in STATUS} == set(STATUSES)
    assert Outcome.GONE.value.capitalize() not in STATUSES


def test_where_is_read_filter_by_filter() -> None:
    text = "company EQ Globex GmbH; city NOT_IN graz, wien;email HAS_PROPERTY ; score BETWEEN 1, 5;"
    assert parsed(text) == (
        {"propertyName": "company", "operator": "EQ", "value": "Globex GmbH"},
        {"propertyName": "city", "operator": "NOT_IN", "values": ["graz", "wien"]},
        {"propertyName": "email", "operator": "HAS_PROPERTY"},
        {"propertyName": "score", "operator": "BETWEEN", "value": "1", "highValue": "5"},
    )
    assert parsed(None) == parsed("") == parsed(" ; ") == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("company", 'is not "property OPERATOR value"'),
        ("company = Globex", 'is not "property OPERATOR value"'),
        ("company eq Globex", 'is not "property OPERATOR value"'),
        ("Company EQ Globex", 'is not "property OPERATOR value"'),
        ("company IS Globex", "has no operator IS"),
        ("company EQ", "needs a value"),
        ("city IN ,", "needs a value"),
        ("email HAS_PROPERTY yes", "takes no value"),
        ("score BETWEEN 1", "needs two values"),
        ("a EQ 1; b EQ 1; c EQ 1; d EQ 1; e EQ 1; f EQ 1; g EQ 1", "has 7 filters"),
    ],
)
def test_a_where_that_is_no_filter_is_told_in_a_sentence(text: str, told: str) -> None:
    with pytest.raises(BadWhere) as caught:
        parsed(text)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_where_that_cannot_be_understood_stops_the_reading(bench: HubSpotBench) -> None:
    for source in (bench.source(where="company IS"), bench.source(where="colour EQ red")):
        with pytest.raises(SourceLocked):
            source.read_changed(ALWAYS, None, None)
    roster = {"object": "companies", "where": "type IS PARTNER", "read": {"id": "name"}}
    with pytest.raises(SourceLocked, match="roster: where has no operator IS"):
        bench.source(roster=roster).read_partners()


def test_a_roster_without_where_is_every_company(bench: HubSpotBench) -> None:
    for n in range(120):
        bench.make("companies", name=f"Customer {n}")
    source = bench.source(roster={"object": "companies", "read": {"name": "name", "owner": "description"}})
    rows = source.read_partners()
    assert len(rows) == 132
    assert source.calls == {"partners": 2}
    assert rows[-1] == {"name": "Customer 119", "owner": None}
