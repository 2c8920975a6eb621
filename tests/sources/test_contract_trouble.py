"""What `sources/base.py` promises of limits, trouble and mistakes, asked of every CRM."""

import threading
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from connector.sandbox.faults import Fault
from connector.sources.base import Note, Source, SourceBusy, SourceError, SourceLocked, Update
from tests.sources.contract import ALWAYS, ANKE, INACTIVE, JONAS, UNKNOWN, Bench, SandboxBench

Ask = Callable[[Source, str, Bench], object]
ASKS: Mapping[str, Ask] = {
    "read_changed": lambda source, lead, bench: source.read_changed(ALWAYS, None, None),
    "read": lambda source, lead, bench: source.read([lead]),
    "changed_ids": lambda source, lead, bench: list(source.changed_ids(bench.ago(hours=2), bench.now())),
    "read_back": lambda source, lead, bench: source.read_back([lead]),
    "write": lambda source, lead, bench: source.write([Update(lead, {"owner": ANKE, "reason": "r"})]),
    "leave_notes": lambda source, lead, bench: source.leave_notes([Note(lead, "k", "t", "x")], again=True),
    "read_progress": lambda source, lead, bench: source.read_progress([lead]),
    "read_partners": lambda source, lead, bench: source.read_partners(),
    "problems": lambda source, lead, bench: source.problems([ANKE]),
}
PURPOSES = {
    "pull",
    "company",
    "compare",
    "write",
    "note",
    "outcomes",
    "partners",
    "reconcile",
    "directory",
    "metadata",
}


def failure(ask: Ask, source: Source, lead: str, bench: Bench) -> SourceError:
    """The error with which something fails."""
    with pytest.raises(SourceError) as caught:
        ask(source, lead, bench)
    return caught.value


def a_lead(bench: Bench) -> str:
    (lead,) = bench.many(1)
    bench.wait(600)
    return lead


@pytest.mark.parametrize("what", ASKS)
def test_every_passing_fault_is_busy_and_passes(sandbox_bench: SandboxBench, what: str) -> None:
    bench, ask = sandbox_bench, ASKS[what]
    lead = a_lead(bench)
    source = bench.source(roster=bench.roster())
    for fault in bench.busy:
        bench.fault(fault)
        error = failure(ask, source, lead, bench)
        assert type(error) is SourceBusy, f"{fault.kind} {fault.params}: {error!r}"
        named = fault.params.get("retry_after")
        assert named is None or error.retry_after == timedelta(seconds=float(named))
        bench.no_more_faults()
        ask(source, lead, bench)


@pytest.mark.parametrize("what", ASKS)
def test_every_lasting_fault_is_locked_until_it_is_mended(sandbox_bench: SandboxBench, what: str) -> None:
    bench, ask = sandbox_bench, ASKS[what]
    lead = a_lead(bench)
    source = bench.source(roster=bench.roster())
    for fault in bench.locked:
        bench.fault(fault)
        error = failure(ask, source, lead, bench)
        assert type(error) is SourceLocked, f"{fault.kind} {fault.params}: {error!r}"
        bench.no_more_faults()
        ask(source, lead, bench)


@pytest.mark.parametrize("what", ASKS)
def test_every_call_is_asked_for_and_counted_by_purpose(sandbox_bench: SandboxBench, what: str) -> None:
    bench = sandbox_bench
    lead = a_lead(bench)
    admitted: Counter[str] = Counter()

    def admit(purpose: str, kind: str) -> None:
        assert kind in ("call", "search")
        admitted[purpose] += 1

    source = bench.source(roster=bench.roster(), admit=admit)
    before = bench.calls()
    ASKS[what](source, lead, bench)
    assert admitted == source.calls
    assert source.calls.total() == bench.calls() - before > 0
    assert source.calls.keys() <= PURPOSES


@pytest.mark.parametrize("what", ASKS)
def test_what_is_not_admitted_is_not_sent(sandbox_bench: SandboxBench, what: str) -> None:
    bench = sandbox_bench
    lead = a_lead(bench)

    def refuse(purpose: str, kind: str) -> None:
        raise SourceBusy(f"no budget for {purpose}", "BUDGET", timedelta(hours=1))

    source = bench.source(roster=bench.roster(), admit=refuse)
    before = bench.calls()
    assert failure(ASKS[what], source, lead, bench).code == "BUDGET"
    assert bench.calls() == before
    assert not source.calls


def test_what_the_crm_says_of_its_limit_is_kept_also_on_failures(sandbox_bench: SandboxBench) -> None:
    bench = sandbox_bench
    lead = a_lead(bench)
    source = bench.source()
    source.read_changed(ALWAYS, None, None)
    source.read([lead])  # HubSpot's search does not tell
    assert source.usage.used is not None
    assert source.usage.allowed is not None
    assert 0 < source.usage.used < source.usage.allowed
    before = source.usage.used
    source.read([lead])
    assert source.usage.used > before


def test_an_expired_token_is_renewed_by_the_way(sandbox_bench: SandboxBench) -> None:
    bench = sandbox_bench
    lead = a_lead(bench)
    source = bench.source()
    source.read([lead])
    bench.expire_tokens()
    assert source.read([lead]).keys() == {lead}
    bench.expire_tokens()
    assert list(source.write([Update(lead, {"owner": JONAS})])) == [None]
    assert bench.look(lead)["owner"] == JONAS


def test_threads_share_one_source(sandbox_bench: SandboxBench) -> None:
    bench = sandbox_bench
    leads = bench.many(8)
    bench.wait()
    source = bench.source()
    found: list[str] = []

    def work(lead: str) -> None:
        found.extend(source.read([lead]))

    threads = [threading.Thread(target=work, args=(lead,)) for lead in leads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(leads)


def test_a_right_table_has_no_problems(bench: Bench) -> None:
    assert bench.source().problems([ANKE, JONAS, ANKE.upper().replace("USER:", "user:")]) == []


def test_owners_that_cannot_own_are_told(bench: Bench) -> None:
    problems = bench.source().problems([UNKNOWN, ANKE, INACTIVE])
    assert len(problems) == 2
    assert UNKNOWN in problems[0]
    assert INACTIVE in problems[1]


def test_every_mistake_in_the_table_is_told_in_a_sentence(bench: Bench) -> None:
    for keys, told in bench.wrong:
        problems = bench.source(**keys).problems([ANKE])
        assert len(problems) == 1, f"{keys}: {problems}"
        assert told in problems[0]
        assert "\n" not in problems[0]


def test_no_error_tells_a_secret(sandbox_bench: SandboxBench, capsys: pytest.CaptureFixture[str]) -> None:
    bench = sandbox_bench
    lead = a_lead(bench)
    told = [repr(bench.source()), str(vars(bench.source()))]
    for fault in (*bench.busy, *bench.locked):
        for ask in ASKS.values():
            source = bench.source(roster=bench.roster())
            bench.fault(fault)
            error = failure(ask, source, lead, bench)
            bench.no_more_faults()
            told += [repr(error), error.code, *traceback.format_exception(error)]
    for update in ({"owner": UNKNOWN}, {"owner": INACTIVE}):
        told += map(repr, bench.source().write([Update(lead, update)]))
    written = capsys.readouterr()
    everything = "\n".join([*told, written.out, written.err])
    assert len(told) > 300
    assert [secret for secret in bench.secrets if secret in everything] == []


def test_a_crm_that_is_away_is_busy(sandbox_bench: SandboxBench) -> None:
    bench = sandbox_bench
    away: dict[str, Any] = {"base_url": "http://127.0.0.1:9"}
    source = bench.source(**away)
    for ask in ASKS.values():
        if ask is not ASKS["read_partners"]:
            assert isinstance(failure(ask, source, "1", bench), SourceBusy)


def test_a_fault_that_nobody_foresaw_in_any_call_is_never_success(sandbox_bench: SandboxBench) -> None:
    bench = sandbox_bench
    leads = bench.many(4)
    bench.wait()
    source = bench.source()
    bench.fault(Fault("row_lock", params={"record": leads[2]}))
    answers = source.write([Update(lead, {"reason": "r"}) for lead in leads])
    locked = bench.crm == "salesforce"
    assert [answer is None for answer in answers] == [True, True, not locked, True]
    assert [bench.look(lead)["reason"] == "r" for lead in leads] == [answer is None for answer in answers]
