"""What is HubSpot's own in writing: silence, whole batches refused, labels, tasks, deals."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connector.sandbox.faults import Fault
from connector.sandbox.hubspot.definitions import Option, Property
from connector.sandbox.hubspot.owners import Owner
from connector.sources.base import Note, Source, SourceBusy, SourceError, SourceLocked, SourceRefused, Update
from tests.sources.bench_hubspot import LABEL, WRITE, HubSpotBench
from tests.sources.bench_hubspot_leads import HubSpotLeadsBench
from tests.sources.contract import ANKE, JONAS

VERSIONS = ("v3", "2026-03", "2026-09")
NORDWIND, THAMES = "Nordwind IT GmbH", "Thames Partners Ltd"


@pytest.fixture
def bench() -> Iterator[HubSpotBench]:
    made = HubSpotBench()
    yield made
    made.close()


def code(error: SourceError | None) -> str | None:
    return error.code if error else None


def written(source: Source, *leads: str, **values: str | None) -> list[str | None]:
    """Codes of what went wrong with the same values on several leads; None for done."""
    return [code(answer) for answer in source.write([Update(lead, values) for lead in leads])]


@pytest.mark.parametrize("version", VERSIONS)
def test_failed_rows_are_seen_under_whatever_status_they_come(bench: HubSpotBench, version: str) -> None:
    leads = bench.many(5)
    bench.wait()
    bench.delete(leads[1])
    bench.fault(Fault("row_fail", params={"record": leads[3], "category": "VALIDATION_ERROR"}))
    answers = bench.source(api_version=version).write([Update(lead, {"reason": "r"}) for lead in leads])
    assert [code(a) for a in answers] == [None, "OBJECT_NOT_FOUND", None, "VALIDATION_ERROR", None]
    assert isinstance(answers[1], SourceRefused)
    assert answers[1].gone


@pytest.mark.parametrize("version", VERSIONS)
def test_a_record_that_was_merged_away_meanwhile_is_not_taken_for_written(
    bench: HubSpotBench, version: str
) -> None:
    winner, loser, other = bench.many(3)
    bench.wait()
    bench.merge(winner, loser)
    source = bench.source(api_version=version)
    assert written(source, loser, other, owner=ANKE) == ["MERGED", None]
    assert bench.look(winner)["owner"] is None
    assert source.read_back([loser])[loser].id == winner


def test_a_batch_that_is_refused_whole_is_halved_until_the_bad_row_is_alone(bench: HubSpotBench) -> None:
    leads = bench.many(4)
    bench.wait()
    # The third row spoils every batch that it is in: all four, then its half, then itself.
    params = {"status": "400", "category": "VALIDATION_ERROR"}
    bench.fault(Fault("batch_fail", nth=1, params=params))
    bench.fault(Fault("batch_fail", nth=3, times=2, params=params))
    source = bench.source()
    assert written(source, *leads, reason="r") == [None, None, "VALIDATION_ERROR", None]
    assert source.calls["write"] == 5
    assert [bench.look(lead)["reason"] for lead in leads] == ["r", "r", None, "r"]


def test_a_batch_that_is_refused_for_good_is_refused_row_by_row(bench: HubSpotBench) -> None:
    leads = bench.many(3)
    bench.wait()
    bench.fault(Fault("batch_fail", params={"status": "400", "category": "VALIDATION_ERROR"}))
    assert written(bench.source(), *leads, reason="r") == ["VALIDATION_ERROR"] * 3


def test_trouble_in_the_middle_leaves_what_was_done_told_as_done(bench: HubSpotBench) -> None:
    leads = bench.many(4)
    bench.wait()
    source = bench.source()
    written(source, *leads, reason="before")
    bench.fault(Fault("batch_fail", nth=1, params={"status": "400", "category": "VALIDATION_ERROR"}))
    bench.fault(Fault("503", route=bench.writes, nth=3))
    answers = source.write([Update(lead, {"reason": "r"}) for lead in leads])
    assert [type(answer) for answer in answers] == [type(None)] * 2 + [SourceBusy] * 2
    assert [bench.look(lead)["reason"] for lead in leads] == ["r", "r", "before", "before"]


def test_a_record_may_come_twice_and_gets_both_in_order(bench: HubSpotBench) -> None:
    one, two = bench.many(2)
    bench.wait()
    first = Update(one, {"reason": "first", "route": "DACH"})
    updates = [first, Update(two, {"reason": "r"}), Update(one, {"reason": "last"})]
    assert set(bench.source().write(updates)) == {None}
    assert (bench.look(one)["reason"], bench.look(one)["route"]) == ("last", "DACH")


def test_a_stage_that_hubspot_silently_keeps_is_told(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    bench.sandbox.run(lambda: bench.portal.edit(lead, {"lifecyclestage": "customer"}, by="x"))
    bench.wait()
    source = bench.source(write={**WRITE, "grade": "lifecyclestage"})
    assert written(source, lead, grade="lead", reason="r") == ["NOT_TAKEN"]
    assert written(source, lead, grade="evangelist", reason="r") == [None]


def test_values_are_checked_before_anything_is_sent(bench: HubSpotBench) -> None:
    leads = bench.many(3)
    bench.wait()
    source = bench.source(write={**WRITE, "grade": "hs_lead_status", "link": "sharing_consent"})
    answers = source.write(
        [
            Update(leads[0], {"grade": "B", "owner": ANKE}),
            Update(leads[1], {"score": "many", "owner": ANKE}),
            Update(leads[2], {"due": "soon", "owner": ANKE}),
        ]
    )
    assert [code(answer) for answer in answers] == ["INVALID_VALUE"] * 3
    assert 'hs_lead_status (mapped as grade) has no option "B"' in str(answers[0])
    assert 'holds numbers, not "many"' in str(answers[1])
    assert 'holds times, not "soon"' in str(answers[2])
    assert written(source, leads[0], link="perhaps") == ["INVALID_VALUE"]
    assert written(source, leads[0], route="x" * 65_537) == ["INVALID_VALUE"]
    assert written(source, leads[0], reason="x" * 65_537) == [None]
    assert bench.look(leads[0])["owner"] is None
    assert len(str(bench.look(leads[0])["reason"])) == 65_536


def test_an_option_that_was_added_meanwhile_is_taken(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    bench.wait()
    source = bench.source(write={**WRITE, "grade": "hs_lead_status"})
    assert written(source, lead, grade="Gold") == ["INVALID_VALUE"]
    properties = bench.portal.table("contacts").properties
    known = properties["hs_lead_status"]
    properties["hs_lead_status"] = replace(known, options=(*known.options, Option("Gold", "Gold")))
    assert written(source, lead, grade="Gold") == [None]


def test_a_mapping_that_cannot_work_stops_the_source_and_spoils_no_record(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    bench.wait()
    for own in ("nowhere", "hs_email_domain"):
        with pytest.raises(SourceLocked, match=own):
            bench.source(write={"reason": own}).write([Update(lead, {"reason": "r"})])


def test_a_property_that_was_deleted_meanwhile_stops_the_source(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    bench.wait()
    source = bench.source()
    assert written(source, lead, reason="r") == [None]
    bench.sandbox.run(lambda: bench.portal.table("contacts").properties.pop("routing_reason"))
    with pytest.raises(SourceLocked, match="routing_reason"):
        written(source, lead, reason="again")


def test_nobody_may_be_the_owner(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    bench.edit(lead, owner=ANKE)
    bench.wait()
    source = bench.source()
    assert written(source, lead, owner=None) == [None]
    assert bench.look(lead)["owner"] is None
    assert source.read_back([lead])[lead].values["owner"] is None


def test_an_owner_who_joined_meanwhile_is_known(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    bench.wait()
    source = bench.source()
    new = "user:new.hire@acme.example"
    assert written(source, lead, owner=new) == ["UNKNOWN_OWNER"]
    owner = Owner("77", 78, new.removeprefix("user:"), "New", "Hire", 0)
    bench.sandbox.run(lambda: bench.portal.owners.add(owner))
    assert written(source, lead, owner=new) == [None]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_new_partner_takes_the_label_from_the_former(bench: HubSpotBench, version: str) -> None:
    (lead,) = bench.many(1)
    bench.wait()
    source = bench.source(**bench.partner_link(), api_version=version)
    assert written(source, lead, partner=NORDWIND) == [None]
    assert written(source, lead, partner=THAMES) == [None]
    assert LABEL not in bench.companies(lead)[NORDWIND]
    assert LABEL in bench.companies(lead)[THAMES]
    before = source.calls["write"]
    assert written(source, lead, partner=THAMES) == [None]
    assert source.calls["write"] == before + 1  # it reads the links, and finds nothing to do
    assert written(source, lead, partner=None) == [None]
    assert source.read_back([lead])[lead].values["partner"] is None


def test_other_labels_of_the_same_company_are_kept(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    (adviser, _) = bench.sandbox.run(lambda: bench.portal.links.add_label("0-1", "0-2", "Adviser"))
    nordwind = int(bench.company(NORDWIND))
    bench.sandbox.run(lambda: bench.portal.links.put(int(lead), nordwind, [adviser]))
    bench.wait()
    assert written(bench.source(**bench.partner_link()), lead, partner=NORDWIND) == [None]
    assert {"Adviser", LABEL} <= set(bench.companies(lead)[NORDWIND])


def test_a_second_partner_that_a_person_linked_is_seen_and_set_right(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    bench.wait()
    source = bench.source(**bench.partner_link())
    written(source, lead, partner=NORDWIND)
    (label,) = (each for each in bench.portal.links.types["0-1", "0-2"] if each.label == LABEL)
    thames = int(bench.company(THAMES))
    bench.sandbox.run(lambda: bench.portal.links.put(int(lead), thames, [label]))
    assert source.read_back([lead])[lead].values["partner"] == f"{NORDWIND}; {THAMES}"
    assert written(source, lead, partner=NORDWIND) == [None]
    assert source.read_back([lead])[lead].values["partner"] == NORDWIND


def test_text_and_link_are_written_both_and_must_agree(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    bench.wait()
    source = bench.source(partner_link={"object": "companies", "label": LABEL})
    assert written(source, lead, partner=NORDWIND) == [None]
    assert source.read_back([lead])[lead].values["partner"] == NORDWIND
    bench.edit(lead, partner="Somebody")
    assert source.read_back([lead])[lead].values["partner"] == f"Somebody and {NORDWIND}"
    assert source.read([lead])[lead].fields["partner"] == "Somebody"


def test_without_a_label_the_roster_tells_who_is_a_partner(bench: HubSpotBench) -> None:
    (lead,) = bench.many(1)
    own = bench.make("companies", name="Own", domain="own.example")
    plain = bench.portal.links.plain("0-1", "0-2")
    assert plain is not None
    bench.sandbox.run(lambda: bench.portal.links.put(int(lead), int(own), [plain]))
    bench.wait()
    link = {"object": "companies", "by": "domain"}
    write = bench.partner_link()["write"]
    source = bench.source(partner_link=link, write=write, roster=bench.roster())
    assert source.problems([]) == []
    assert written(source, lead, partner="nordwind-it.example") == [None]
    assert written(source, lead, partner="thames-partners.example") == [None]
    assert set(bench.companies(lead)) == {"Own", THAMES}
    assert source.read([lead])[lead].fields["partner"] == "thames-partners.example"


def test_a_partners_company_that_is_gone_or_twice_there_is_refused(bench: HubSpotBench) -> None:
    one, two = bench.many(2)
    bench.wait()
    source = bench.source(**bench.partner_link())
    assert written(source, one, partner=NORDWIND) == [None]
    bench.sandbox.run(bench.portal.delete, bench.company(NORDWIND), "companies")
    assert written(source, two, partner=NORDWIND, reason="r")[0] is not None  # it was known a moment ago
    assert written(source, two, partner=NORDWIND) == ["UNKNOWN_PARTNER"]
    bench.make("companies", name=THAMES)
    assert written(source, two, partner=THAMES) == ["UNKNOWN_PARTNER"]


@pytest.mark.parametrize("label", [LABEL, None])
def test_a_bad_link_does_not_stop_the_others(bench: HubSpotBench, label: str | None) -> None:
    leads = bench.many(5)
    bench.wait()
    link = {"object": "companies", "label": label}
    source = bench.source(
        write=bench.partner_link()["write"], partner_link=link, roster=bench.roster(), api_version="2026-09"
    )
    assert written(source, leads[0], partner=NORDWIND) == [None]
    bench.delete(leads[2])
    answers = source.write([Update(lead, {"partner": NORDWIND}) for lead in leads])
    assert [type(answer) for answer in answers] == [*[type(None)] * 2, SourceBusy, *[type(None)] * 2]
    assert [NORDWIND in bench.companies(lead) for lead in leads] == [True, True, False, True, True]


def test_a_task_goes_to_the_owner_of_the_record(bench: HubSpotBench) -> None:
    one, two = bench.many(2)
    bench.edit(one, owner=JONAS)
    bench.wait()
    source = bench.source(note="task")
    notes = [Note(lead, f"key-{lead}", "Call them", "a <b> & c") for lead in (one, two)]
    assert list(source.leave_notes(notes, again=False)) == [None, None]
    assert list(source.leave_notes(notes, again=True)) == [None, None]
    assert bench.sandbox.run(lambda: len(bench.portal.table("tasks").records)) == 2
    ((task, _),) = bench.sandbox.run(lambda: bench.portal.links.of("0-1", int(one), "0-27"))
    held = bench.record("tasks", task).values
    jonas = bench.portal.owners.by_email(JONAS.removeprefix("user:"))
    assert jonas is not None
    assert held["hubspot_owner_id"] == jonas.id
    assert (held["hs_task_subject"], held["hs_task_status"]) == ("Call them", "NOT_STARTED")
    assert held["hs_task_body"].startswith("a &lt;b&gt; &amp; c")


def test_two_hundred_notes_take_two_calls(bench: HubSpotBench) -> None:
    leads = bench.many(200)
    bench.wait()
    source = bench.source()
    notes = [Note(lead, f"key-{lead}", "t", "x") for lead in leads]
    assert set(source.leave_notes(notes, again=False)) == {None}
    assert source.calls == {"note": 2}


def test_a_bad_note_does_not_stop_the_others(bench: HubSpotBench) -> None:
    leads = bench.many(3)
    bench.wait()
    bench.fault(Fault("batch_fail", nth=1, params={"status": "400", "category": "VALIDATION_ERROR"}))
    notes = [Note(lead, f"key-{lead}", "t", "x") for lead in leads]
    assert set(bench.source().leave_notes(notes, again=False)) == {None}
    assert [len(bench.notes(lead)) for lead in leads] == [1, 1, 1]


def test_progress_adds_up_what_counts(bench: HubSpotBench) -> None:
    won, under_way, lost, priceless = bench.many(4)
    for lead, stage, amount in (
        (won, "closedwon", "100.5"),
        (won, "closedwon", "200"),
        (won, "qualifiedtobuy", "999"),
        (won, "closedlost", "5000"),
        (under_way, "qualifiedtobuy", "10"),
        (under_way, "closedlost", "70"),
        (lost, "closedlost", "30"),
        (lost, "registration-rejected", "12"),
        (priceless, "qualifiedtobuy", ""),
    ):
        bench.make("deals", lead, dealname="d", dealstage=stage, amount=amount, pipeline=_pipeline(stage))
    bench.wait()
    found = bench.source().read_progress([won, under_way, lost, priceless])
    assert [(p.won, p.open_deals, p.amount) for p in found.values()] == [
        (True, 1, 300.5),
        (None, 1, 10),
        (False, 0, 42),
        (None, 1, None),
    ]
    assert {(p.open, p.converted) for p in found.values()} == {(False, True)}


def _pipeline(stage: str) -> str:
    return "deal-registration" if stage.startswith("registration") else "default"


def test_amounts_are_added_in_one_currency_only(bench: HubSpotBench) -> None:
    euros, mixed = bench.many(2)
    properties = bench.portal.table("deals").properties
    properties["deal_currency_code"] = Property("deal_currency_code", "Currency")
    for lead, currency in ((euros, "EUR"), (euros, "EUR"), (mixed, "EUR"), (mixed, "USD")):
        values = {"dealname": "d", "dealstage": "qualifiedtobuy", "amount": "10"}
        bench.make("deals", lead, deal_currency_code=currency, **values)
    bench.wait()
    found = bench.source().read_progress([euros, mixed])
    assert (found[euros].amount, found[euros].currency) == (20, "EUR")
    assert (found[mixed].amount, found[mixed].currency) == (None, None)
    assert found[mixed].open_deals == 2


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"hs_lead_status": "CONNECTED"}, (True, None, False)),
        ({"hs_lead_status": "UNQUALIFIED"}, (False, False, False)),
        ({"hs_lead_status": "BAD_TIMING"}, (False, None, False)),
        ({"lifecyclestage": "customer"}, (False, None, True)),
    ],
)
def test_status_and_stage_tell_whether_a_lead_is_open(
    bench: HubSpotBench, values: dict[str, str], expected: tuple[bool, bool | None, bool]
) -> None:
    (lead,) = bench.many(1)
    bench.sandbox.run(lambda: bench.portal.edit(lead, values, by="x"))
    bench.wait()
    progress = bench.source().read_progress([lead])[lead]
    assert (progress.open, progress.won, progress.converted) == expected
    assert progress.status == values.get("hs_lead_status")


def test_progress_of_a_merged_lead_is_that_of_the_survivor(bench: HubSpotBench) -> None:
    winner, loser = bench.many(2)
    bench.deal(loser, 50)
    bench.merge(winner, loser)
    bench.wait()
    found = bench.source().read_progress([loser, winner])
    assert found[loser] == found[winner]
    assert found[winner].amount == 50


def test_progress_of_one_hundred_leads_takes_few_calls(bench: HubSpotBench) -> None:
    leads = bench.many(100)
    for lead in leads[:40]:
        bench.deal(lead, 1)
    bench.wait()
    source = bench.source()
    source.read_progress(leads)
    assert source.calls == {"outcomes": 3, "metadata": 1}


def test_the_stage_of_a_lead_record_is_its_status() -> None:
    made = HubSpotLeadsBench()
    try:
        fresh, given_up = made.many(2)
        made.give_up(given_up)
        made.wait()
        found = made.source().read_progress([fresh, given_up])
        assert [(p.status, p.open) for p in found.values()] == [
            ("new-stage-id", True),
            ("unqualified-stage-id", False),
        ]
    finally:
        made.close()


def test_one_thousand_writes_take_the_fewest_calls(bench: HubSpotBench) -> None:
    leads = bench.many(1000)
    bench.wait()
    source = bench.source()
    for start in range(0, 1000, 100):
        batch = leads[start : start + 100]
        source.read_back(batch)
        source.write([Update(lead, {"owner": ANKE, "reason": "r"}) for lead in batch])
    assert (source.calls["compare"], source.calls["write"]) == (10, 10)
