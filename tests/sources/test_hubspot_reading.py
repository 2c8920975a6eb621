"""What is HubSpot's own in reading: a search index that lags, short requests, companies, two witnesses."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.sandbox.faults import Fault
from connector.sources.base import Source, SourceBusy, SourceLocked
from connector.sources.hubspot.asking import check_order
from tests.sources.bench_hubspot import LABEL, HubSpotBench
from tests.sources.bench_hubspot_leads import HubSpotLeadsBench
from tests.sources.contract import ALWAYS, ANKE
from tests.sources.test_contract import ids, window


@pytest.fixture
def bench() -> Iterator[HubSpotBench]:
    made = HubSpotBench()
    yield made
    made.close()


def companies(bench: HubSpotBench, **sizes: str) -> dict[str, str]:
    return {name: bench.make("companies", name=name, numberofemployees=size) for name, size in sizes.items()}


def employ(bench: HubSpotBench, lead: str, company: str, *types: str) -> None:
    """Link a contact with a company, as its primary one or under a label."""
    known = bench.portal.links.types["0-1", "0-2"]
    chosen = [each for each in known if each.label is None or each.label in types]
    bench.sandbox.run(lambda: bench.portal.links.put(int(lead), int(company), chosen))


def test_a_request_is_never_longer_than_search_takes(bench: HubSpotBench) -> None:
    made = bench.many(230)
    bench.edit(made[7], city="Graz")
    read = {f"extra_{n}": f"a_property_with_quite_a_long_name_number_{n}" for n in range(80)}
    bench.wait()
    source = bench.source(read={**read, "town": "city"})
    leads, _ = window(source, ALWAYS)
    assert ids(leads) == made
    assert leads[7].fields["town"] == "Graz"
    assert source.calls["pull"] == 2 + 3


def test_a_window_of_one_thousand_takes_five_calls(bench: HubSpotBench) -> None:
    bench.many(1000)
    bench.wait()
    source = bench.source()
    leads, _ = window(source, ALWAYS)
    assert len(leads) == 1000
    assert source.calls == {"pull": 5}


def deleted_but_listed(bench: HubSpotBench, count: int) -> list[str]:
    """Leads of which the first `count` are deleted, though search does not know it yet."""
    made = bench.many(count + 7)
    bench.wait()
    bench.portal.settings.index_delay = 60
    for lead in made[:count]:
        bench.delete(lead)
    bench.wait(1)
    return made[count:]


@pytest.mark.parametrize("count", [3, 5, 12, 25])
def test_pages_that_deleted_leads_leave_empty_are_not_the_end(bench: HubSpotBench, count: int) -> None:
    left = deleted_but_listed(bench, count)
    assert ids(window(bench.source(page=5), ALWAYS)[0]) == left


def test_an_index_that_moves_under_empty_pages_is_asked_again(bench: HubSpotBench) -> None:
    left = deleted_but_listed(bench, 25)
    source = bench.source(page=5)

    def slowly(purpose: str, kind: str) -> None:
        bench.wait(20)  # the third page comes a minute later

    source.limited_by(slowly)
    with pytest.raises(SourceBusy) as caught:
        source.read_changed(ALWAYS, None, None)
    assert caught.value.code == "INDEX_BEHIND"
    source.limited_by(lambda purpose, kind: None)
    assert ids(window(source, ALWAYS)[0]) == left


def test_ids_that_do_not_rise_stop_the_reading() -> None:
    for found, after in ((["3", "20", "4"], None), (["5"], "5"), (["5"], "40"), (["5", "5"], None)):
        with pytest.raises(SourceLocked, match="could lose leads"):
            check_order([{"id": each} for each in found], after)
    check_order([{"id": "9"}, {"id": "10"}], "8")


def test_a_late_row_is_found_by_reading_again(bench: HubSpotBench) -> None:
    bench.portal.settings.index_delay = 30
    (lead,) = bench.many(1)
    bench.wait(10)
    source = bench.source()
    leads, until = window(source, ALWAYS)
    assert leads == []
    bench.wait(30)
    assert ids(window(source, until - timedelta(minutes=10))[0]) == [lead]


def test_the_primary_company_lends_a_contact_its_fields(bench: HubSpotBench) -> None:
    primary, only, several, none = bench.many(4)
    made = companies(bench, Small="12", Big="4000")
    employ(bench, primary, made["Small"])
    employ(bench, primary, made["Big"], "Primary")
    employ(bench, only, made["Small"])
    employ(bench, several, made["Small"])
    employ(bench, several, made["Big"])
    bench.wait()
    source = bench.source(read_company={"employees": "numberofemployees", "name": "name"})
    found = {lead.ref.id: lead.fields for lead in window(source, ALWAYS)[0]}
    assert (found[primary]["company.employees"], found[primary]["company.name"]) == ("4000", "Big")
    assert found[only]["company.employees"] == "12"
    assert "company.employees" not in found[several].keys() | found[none].keys()
    assert source.calls == {"pull": 1, "company": 2}


def test_company_fields_of_one_thousand_contacts_take_few_calls(bench: HubSpotBench) -> None:
    made = companies(bench, Small="12", Big="4000")
    for n, lead in enumerate(bench.many(400)):
        employ(bench, lead, made["Small" if n % 2 else "Big"])
    bench.wait()
    source = bench.source(read_company={"employees": "numberofemployees"})
    window(source, ALWAYS)
    assert source.calls == {"pull": 2, "company": 4}  # links of a page in one call, its companies in another


def test_a_partners_company_is_not_the_contacts_own(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    own, partner = companies(bench, Own="12")["Own"], bench.company("Nordwind IT GmbH")
    employ(bench, lead, own)
    employ(bench, lead, partner, LABEL)
    bench.wait()
    source = bench.source(**bench.partner_link(), read_company={"name": "name"})
    fields = source.read([lead])[lead].fields
    assert (fields["company.name"], fields["partner"]) == ("Own", "Nordwind IT GmbH")
    source.calls.clear()
    window(source, ALWAYS)
    assert source.calls == {"pull": 1, "company": 2}  # one reading of links for both


def test_links_beyond_the_first_answer_are_read_on(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    bench.portal.settings.association_page = 2
    for n in range(5):
        bench.make("deals", lead, dealname=f"Deal {n}", dealstage="qualifiedtobuy", amount="100")
    bench.wait()
    assert bench.source().read_progress([lead])[lead].open_deals == 5


def test_a_merge_that_makes_a_new_record_is_followed_too(bench: HubSpotBench) -> None:
    bench.portal.settings.merge_makes_new_record = True
    one, two, three = bench.many(3)
    since = bench.wait()
    first = bench.merge(one, two)
    last = bench.merge(three, first)
    bench.wait()
    source = bench.source()
    found = source.read([one, two, three])
    assert {asked: lead.ref.id for asked, lead in found.items()} == dict.fromkeys((one, two, three), last)
    (lead,) = window(source, since)[0]
    assert {three, first} <= set(lead.absorbed)


def test_a_merge_that_the_survivor_does_not_list_is_found_by_asking(bench: HubSpotBench) -> None:
    winner, loser, gone = bench.many(3)
    bench.merge(winner, loser)
    bench.record("contacts", winner).merged = []
    bench.delete(gone)
    bench.wait()
    source = bench.source()
    assert {asked: held.id for asked, held in source.read_back([loser, gone]).items()} == {loser: winner}
    assert source.calls["compare"] == 2


@pytest.mark.parametrize("ties", [150, 200, 201, 450])
def test_the_other_witness_drains_ties_and_goes_on(bench: HubSpotBench, ties: int) -> None:
    before = bench.many(30)
    since = bench.now()
    bench.wait(5)
    made = [*before, *bench.many(ties)]
    for _ in range(250):
        bench.wait(0.25)
        made += bench.many(1)
    bench.wait(3600)
    source = bench.source()
    found = list(source.changed_ids(since, bench.now()))
    assert sorted(found) == sorted(made)
    assert source.calls["reconcile"] <= 2 + 2 * (len(made) // 200 + 1)


def test_the_other_witness_does_not_trust_fresh_stamps(bench: HubSpotBench) -> None:
    made: list[str] = []
    for _ in range(420):
        bench.wait(0.1)
        made += bench.many(1)
    bench.wait(3600)
    bench.portal.settings.index_delay = 600
    bench.edit(made[199], city="Graz")  # the last row of the first page now shows a stamp of today
    until = bench.wait(60)
    found = list(bench.source().changed_ids(until - timedelta(hours=2), until))
    assert sorted(found) == sorted(made)


def test_archived_leads_are_named_by_the_other_witness(bench: HubSpotBench) -> None:
    long_ago, lately, alive = bench.many(3)
    bench.delete(long_ago)
    since = bench.wait(7200)
    bench.delete(lately)
    until = bench.wait(60)
    source = bench.source()
    found = list(source.changed_ids(since, until))
    assert found == [lately]
    assert source.read([*found, alive]).keys() == {alive}


def test_an_owner_who_left_keeps_the_name_and_may_come_back(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    bench.edit(lead, owner=ANKE)
    anke = bench.portal.owners.by_email(ANKE.removeprefix("user:"))
    assert anke is not None
    bench.sandbox.run(lambda: bench.portal.owners.add(replace(anke, archived=True)))
    bench.wait()
    source = bench.source()
    assert source.read([lead])[lead].owner == ANKE
    assert "inactive" in source.problems([ANKE])[0]
    back = replace(anke, id="99999999", user_id=99)
    bench.sandbox.run(lambda: bench.portal.owners.add(back))
    assert bench.source().problems([ANKE]) == []


def test_search_is_admitted_as_search_and_the_rest_as_calls(bench: HubSpotBench) -> None:
    lead = bench.many(1)
    bench.wait()
    kinds: list[tuple[str, str]] = []
    source = bench.source(admit=lambda purpose, kind: kinds.append((purpose, kind)))
    window(source, ALWAYS)
    source.read_back(lead)
    assert kinds == [("pull", "search"), ("compare", "call")]


@pytest.mark.parametrize(
    ("params", "wait"),
    [
        ({}, 1),
        ({"reason": "secondly"}, 1),
        ({"reason": "daily"}, 900),
        ({"retry_after": "date:7"}, 7),
        ({"retry_after": "999999"}, 86_400),
    ],
)
def test_a_limit_says_how_long_to_wait(bench: HubSpotBench, params: dict[str, str], wait: float) -> None:
    bench.fault(Fault("429", params=params))
    with pytest.raises(SourceBusy) as caught:
        bench.source().read_changed(ALWAYS, None, None)
    assert caught.value.retry_after == timedelta(seconds=wait)


def test_limits_as_hubspot_enforces_them_are_busy_and_told(bench: HubSpotBench) -> None:
    leads = bench.many(1)
    bench.wait()
    bench.portal.settings.enforce_limits = True
    bench.portal.settings.daily_limit = 3
    source = bench.source()
    for _ in range(3):
        source.read(leads)
    with pytest.raises(SourceBusy) as caught:
        source.read(leads)
    assert caught.value.code == "DAILY"
    assert (source.usage.used, source.usage.allowed) == (3, 3)


def test_the_limit_of_associations_is_not_taken_for_that_of_the_day(bench: HubSpotBench) -> None:
    leads = bench.many(1)
    bench.wait()
    source = bench.source()
    source.read_progress(leads)  # ends with associations, which are counted apart
    assert source.calls["outcomes"] == 2
    assert source.usage.allowed == bench.portal.settings.daily_limit


def test_a_changed_contact_is_told_with_its_lead(bench: HubSpotBench) -> None:
    made = HubSpotLeadsBench()
    try:
        (lead,) = made.add({"last_name": "Roe", "email": "roe@initech.example", "company": "Initech"})
        made.wait()
        source: Source = made.source(read={"kind": "hs_lead_type", "town": "contact.city"})
        made.edit(lead, company="Hooli", city="Graz")
        made.wait()
        fields = source.read_changed(ALWAYS, None, None).leads[0].fields
        assert (fields["company"], fields["email"], fields["town"]) == (
            "Hooli",
            "roe@initech.example",
            "Graz",
        )
        assert fields["status"] == "new-stage-id"
        assert source.calls == {"pull": 3}
    finally:
        made.close()


def test_a_where_of_full_length_leaves_room_for_window_and_paging(bench: HubSpotBench) -> None:
    made = bench.add(
        *({"company": "Globex", "city": city} for city in ("Bonn", "Graz", "Bonn", "Wien", "Bonn"))
    )
    bench.wait()
    where = "company EQ Globex; lastname HAS_PROPERTY; city NOT_IN graz, wien"
    source = bench.source(page=2, created_after="2026-01-01", where=where)
    assert ids(window(source, ALWAYS)[0]) == [made[0], made[2], made[4]]
    assert sorted(source.changed_ids(bench.ago(hours=1), bench.now())) == [made[0], made[2], made[4]]
