"""What `sources/base.py` promises of writing, asked of every CRM."""

from collections.abc import Sequence

import pytest

from connector.model.lead import Value
from connector.sandbox.faults import Fault
from connector.sources.base import Note, SourceBusy, SourceError, SourceRefused, Update
from connector.sources.mapping import same_value
from tests.sources.contract import ANKE, INACTIVE, JONAS, UNKNOWN, Bench, SandboxBench

ALL: dict[str, Value] = {
    "owner": ANKE,
    "partner": "Nordwind IT GmbH",
    "status": "Assigned",
    "score": 72.5,
    "grade": "B",
    "route": "DACH",
    "reason": "2 that fit",
    "link": "https://connector.example/leads/1",
    "due": "2026-11-03T10:00:00+00:00",
}


def refused(error: SourceError | None) -> SourceRefused:
    assert isinstance(error, SourceRefused)
    return error


def kinds(answers: Sequence[SourceError | None]) -> list[str]:
    return [type(answer).__name__ for answer in answers]


def test_everything_that_is_mapped_can_be_written_and_reads_back_the_same(bench: Bench) -> None:
    (lead,) = bench.many(1)
    bench.wait()
    source = bench.source()
    assert list(source.write([Update(lead, ALL)])) == [None]
    held = source.read_back([lead])[lead].values
    assert {name: held[name] for name in ALL if not same_value(ALL[name], held[name])} == {}
    seen = bench.look(lead)
    assert (seen["owner"], seen["partner"], seen["status"]) == (ANKE, "Nordwind IT GmbH", "Assigned")
    assert same_value(seen["score"], 72.5)


def test_only_what_is_given_is_changed_and_none_clears(bench: Bench) -> None:
    (lead,) = bench.many(1)
    bench.wait()
    source = bench.source()
    source.write([Update(lead, ALL)])
    assert list(source.write([Update(lead, {"reason": None, "owner": JONAS})])) == [None]
    seen = bench.look(lead)
    assert seen["reason"] is None
    assert (seen["owner"], seen["partner"]) == (JONAS, "Nordwind IT GmbH")


def test_a_name_that_is_not_mapped_is_not_written(bench: Bench) -> None:
    (lead,) = bench.many(1)
    bench.wait()
    table = bench.table()
    source = bench.source(write={"partner": table["write"]["partner"]})
    answers = source.write([Update(lead, {"partner": "A", "route": "R"})])
    assert list(answers) == [None]
    assert list(source.write([Update(lead, {"route": "R"})])) == [None]
    assert bench.look(lead)["route"] is None
    assert source.read_back([lead])[lead].values.keys() == {"partner", "owner"}


def test_each_row_of_a_batch_gets_its_own_answer(bench: Bench) -> None:
    leads = bench.many(6)
    bench.wait()
    bench.delete(leads[1])
    owners = [ANKE, ANKE, UNKNOWN, INACTIVE, "queue:Support_Cases", ANKE]
    answers = bench.source().write(
        [Update(lead, {"owner": owner, "reason": "r"}) for lead, owner in zip(leads, owners, strict=True)]
    )
    assert kinds(answers) == ["NoneType", *["SourceRefused"] * 4, "NoneType"]
    assert refused(answers[1]).gone
    assert not any(refused(answer).gone for answer in answers[2:5])
    assert UNKNOWN in str(answers[2])
    assert "inactive" in str(answers[3]) or UNKNOWN.partition(":")[0] in str(answers[3])
    assert [bench.look(lead)["owner"] for lead in (leads[0], leads[5])] == [ANKE, ANKE]
    assert [bench.look(lead)["reason"] for lead in leads[2:5]] == [None] * 3


def test_a_row_that_the_crm_refuses_does_not_stop_the_others(sandbox_bench: SandboxBench) -> None:
    bench = sandbox_bench
    leads = bench.many(7)
    bench.wait()
    bench.fault(Fault("row_fail", params={"record": leads[3]}))
    answers = bench.source().write([Update(lead, {"reason": "r"}) for lead in leads])
    assert kinds(answers) == ["NoneType"] * 3 + ["SourceRefused"] + ["NoneType"] * 3
    assert [bench.look(lead)["reason"] for lead in leads] == ["r"] * 3 + [None] + ["r"] * 3


@pytest.mark.parametrize("kind", ["reset_after", "truncated", "malformed_json"])
def test_a_write_may_be_repeated_after_an_unclear_answer(sandbox_bench: SandboxBench, kind: str) -> None:
    bench = sandbox_bench
    leads = bench.many(3)
    bench.wait()
    source = bench.source()
    updates = [Update(lead, {"owner": ANKE, "partner": "Nordwind IT GmbH"}) for lead in leads]
    source.read_back(leads)
    bench.fault(Fault(kind, route=bench.writes, nth=1))
    with pytest.raises(SourceBusy):
        source.write(updates)
    assert bench.look(leads[0])["owner"] == ANKE
    assert list(source.write(updates)) == [None] * 3
    assert [bench.look(lead)["owner"] for lead in leads] == [ANKE] * 3


def test_a_whole_batch_is_written_in_few_calls(bench: Bench) -> None:
    source = bench.source()
    leads = bench.many(source.write_size)
    bench.wait()
    source.problems([ANKE])
    source.read_back(leads[:1])
    source.calls.clear()
    assert set(source.write([Update(lead, {"owner": ANKE}) for lead in leads])) == {None}
    assert source.calls["write"] == 1
    assert len(source.read_back(leads)) == len(leads)
    assert source.calls["compare"] == 1
    assert source.calls.total() <= 5


def test_a_partner_may_be_a_record_of_its_own(bench: Bench) -> None:
    one, two, three = bench.many(3)
    keys = bench.partner_link()
    bench.wait()
    source = bench.source(**keys)
    assert source.problems([]) == []
    answers = source.write(
        [
            Update(one, {"owner": ANKE, "partner": "Nordwind IT GmbH"}),
            Update(two, {"owner": ANKE, "partner": "Nobody Ltd"}),
            Update(three, {"partner": "Nordwind IT GmbH"}),
        ]
    )
    assert kinds(answers) == ["NoneType", "SourceRefused", "NoneType"]
    assert "Nobody Ltd" in str(answers[1])
    assert bench.look(one)["partner"] == "Nordwind IT GmbH"
    held = source.read_back([one, two])
    assert (held[one].values["partner"], held[two].values["partner"]) == ("Nordwind IT GmbH", None)
    assert source.read([one])[one].fields["partner"] == "Nordwind IT GmbH"
    assert list(source.write([Update(one, {"partner": "Thames Partners Ltd"})])) == [None]
    assert bench.source(**keys).read_back([one])[one].values["partner"] == "Thames Partners Ltd"


def test_a_note_is_left_once_however_often_it_is_asked_for(bench: Bench) -> None:
    one, two = bench.many(2)
    bench.wait()
    source = bench.source()
    notes = [Note(lead, f"key-{lead}", "Routed to Nordwind", "because 2 fit") for lead in (one, two)]
    assert list(source.leave_notes(notes[:1], again=False)) == [None]
    bench.wait()
    assert list(source.leave_notes(notes, again=True)) == [None, None]
    bench.wait()
    assert list(source.leave_notes(notes, again=True)) == [None, None]
    assert [len(bench.notes(lead)) for lead in (one, two)] == [1, 1]
    (text,) = bench.notes(one)
    assert all(part in text for part in ("Routed to Nordwind", "because 2 fit", f"key-{one}"))
    other = Note(one, "another", "Reassigned", "they declined")
    assert list(source.leave_notes([other], again=True)) == [None]
    assert len(bench.notes(one)) == 2


def test_a_note_after_an_unclear_answer_is_not_doubled(sandbox_bench: SandboxBench) -> None:
    bench = sandbox_bench
    (lead,) = bench.many(1)
    bench.wait()
    source = bench.source()
    source.read_back([lead])
    note = Note(lead, "key-1", "Routed", "text")
    bench.fault(Fault("reset_after", crm=bench.crm, nth=1))
    with pytest.raises(SourceBusy):
        source.leave_notes([note], again=False)
    bench.no_more_faults()
    bench.wait()
    assert list(source.leave_notes([note], again=True)) == [None]
    assert len(bench.notes(lead)) == 1


def test_a_note_on_a_lead_that_is_gone_is_refused_alone(bench: Bench) -> None:
    kept, gone = bench.many(2)
    bench.wait()
    bench.delete(gone)
    notes = [Note(lead, f"key-{lead}", "Routed", "text") for lead in (gone, kept)]
    answers = bench.source().leave_notes(notes, again=False)
    assert refused(answers[0]).gone
    assert answers[1] is None
    assert len(bench.notes(kept)) == 1
