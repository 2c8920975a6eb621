"""Whatever a CRM answers, it is one of the three errors or a value of the right kind; never a traceback."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from connector.model.lead import Lead
from connector.sources.base import Note, Source, SourceError, Update
from tests.sources.contract import SandboxBench
from tests.sources.mangler import mangled

ROUNDS = 30


def readers(bench: SandboxBench, source: Source, ids: list[str]) -> list[Callable[[], Any]]:
    """Every way to ask a CRM for something."""
    since, until = bench.ago(days=1), bench.now()
    updates = [Update(each, {"partner": "Anna", "score": 5}) for each in ids[:2]]
    return [
        lambda: all(map(is_right, source.read_changed(since, None, None).leads)),
        lambda: all(map(is_right, source.read(ids).values())),
        lambda: [str(each) for each in source.changed_ids(since - timedelta(hours=1), until)],
        lambda: source.read_back(ids),
        lambda: source.read_progress(ids),
        lambda: source.read_partners(),
        lambda: all(map(is_answer, source.write(updates))),
        lambda: all(map(is_answer, source.leave_notes([Note(ids[0], "key", "title", "text")], again=True))),
        lambda: [str(each) for each in source.problems(["user:nobody@x.example"])],
    ]


def is_right(lead: Lead) -> bool:
    assert isinstance(lead.ref.id, str)
    assert lead.ref.id
    assert lead.created_at.utcoffset() is not None
    assert lead.owner is None or isinstance(lead.owner, str)
    assert all(isinstance(value, str | int | float | bool | None) for value in lead.fields.values())
    return True


def is_answer(answer: SourceError | None) -> bool:
    assert answer is None or isinstance(answer, SourceError)
    return True


def test_nonsense_is_told_in_the_three_errors(sandbox_bench: SandboxBench) -> None:
    bench = sandbox_bench
    ids = bench.many(4)
    bench.wait()
    target = bench.table()["base_url"]
    told: Counter[str] = Counter()
    with mangled(target) as mangler:
        for seed in range(ROUNDS):
            mangler.dice, mangler.share = Random(seed), 0.5
            source = bench.source(base_url=mangler.url)
            for ask in readers(bench, source, ids):
                told[outcome(ask)] += 1
            source.close()
    assert told["told badly"] == 0
    assert mangler.changed > ROUNDS
    assert told["answered"] > ROUNDS
    assert told["SourceBusy"] + told["SourceLocked"] + told["SourceRefused"] > ROUNDS / 2


def outcome(ask: Callable[[], Any]) -> str:
    try:
        ask()
    except SourceError as error:
        return type(error).__name__ if 0 < len(str(error)) < 2000 else "told badly"
    return "answered"
