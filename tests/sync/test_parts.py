"""Comparing before a write, trying again, and stopping."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from connector.model.command import WriteAssignment
from connector.model.lead import Ref
from connector.sources.base import Held, SourceBusy, SourceLocked
from connector.sync.deliver import Gone, Nothing, Write, Yield, compared
from connector.sync.retry import ATTEMPTS, LONGEST, later, retrying
from connector.sync.stopping import Stop, Stopped
from tests.conftest import NOW

REF = Ref("salesforce", "00Q1")
WANTED = WriteAssignment(
    REF, "queue:Intake", {"owner": "user:anna@x.example", "partner": "Anna", "score": 42}
)


@pytest.mark.parametrize(
    ("held", "verdict"),
    [
        (None, Gone()),
        ({"owner": "queue:INTAKE", "partner": None, "score": None}, Write(dict(WANTED.values))),
        ({"owner": "user:Anna@x.example", "partner": "Anna", "score": "42.0"}, Nothing()),
        ({"owner": "user:anna@x.example", "partner": None, "score": 42}, Write({"partner": "Anna"})),
        ({"owner": "user:rep@x.example", "partner": None, "score": None}, Yield("user:rep@x.example")),
        ({"owner": None, "partner": None, "score": None}, Yield(None)),
        ({"owner": "queue:Intake", "score": 42}, Write({"owner": "user:anna@x.example"})),
    ],
)
def test_what_was_there_what_is_there_and_what_we_want(held: Any, verdict: Any) -> None:
    record = None if held is None else Held(REF.id, held)
    assert compared(WANTED, record) == verdict


def test_a_record_that_was_merged_away_is_not_written_to() -> None:
    assert compared(WANTED, Held("00Q2", {"owner": "queue:Intake"})) == Gone("00Q2")


def test_a_write_asks_that_nothing_changed_since_it_was_compared() -> None:
    held = Held(REF.id, {"owner": "queue:Intake"}, NOW)
    assert compared(WANTED, held) == Write({"owner": "user:anna@x.example"}, NOW)


def test_an_owner_that_an_earlier_write_of_ours_left_is_no_persons_choice() -> None:
    held = Held(REF.id, {"owner": "user:Bert@x.example"})
    assert compared(WANTED, held) == Yield("user:Bert@x.example")
    ours = frozenset({"user:bert@x.example"})
    assert compared(WANTED, held, ours) == Write({"owner": "user:anna@x.example"})


def test_a_follower_is_written_to_whoever_holds_it() -> None:
    command = WriteAssignment(REF, "queue:Intake", {"partner": "Anna"}, follows=True)
    assert compared(command, Held(REF.id, {"owner": "user:x", "partner": None})) == Write({"partner": "Anna"})


def test_a_status_alone_is_not_written_over_a_persons_lead() -> None:
    command = WriteAssignment(REF, None, {"status": "Held"})
    taken, free = ({"owner": owner, "status": None} for owner in ("user:rep@x.example", None))
    assert compared(command, Held(REF.id, taken)) == Yield("user:rep@x.example")
    assert compared(command, Held(REF.id, free)) == Write({"status": "Held"})


def failing(times: int, error: Exception) -> tuple[Any, list[int]]:
    calls: list[int] = []

    def ask() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise error
        return "answer"

    return ask, calls


def test_busy_is_tried_again_with_growing_jittered_pauses() -> None:
    pauses: list[float] = []
    ask, calls = failing(4, SourceBusy("busy"))
    assert retrying(pauses.append, Random(3))(ask) == "answer"
    assert len(calls) == 5
    assert len(pauses) == len(set(pauses)) == 4
    assert all(0.25 <= pause <= LONGEST.total_seconds() for pause in pauses)


def test_it_gives_up_in_the_end_with_the_last_error() -> None:
    ask, calls = failing(100, SourceBusy("busy"))
    with pytest.raises(SourceBusy):
        retrying(lambda seconds: None, Random(1))(ask)
    assert len(calls) == ATTEMPTS


def test_a_named_wait_is_kept_when_short_and_left_to_a_later_cycle_when_long() -> None:
    pauses: list[float] = []
    ask, _ = failing(1, SourceBusy("busy", retry_after=timedelta(seconds=7)))
    assert retrying(pauses.append, Random(1))(ask) == "answer"
    assert pauses == [7]
    ask, calls = failing(1, SourceBusy("busy", retry_after=timedelta(hours=6)))
    with pytest.raises(SourceBusy):
        retrying(pauses.append, Random(1))(ask)
    assert len(calls) == 1


def test_what_is_not_busy_is_not_tried_again() -> None:
    ask, calls = failing(1, SourceLocked("no"))
    with pytest.raises(SourceLocked):
        retrying(lambda seconds: None, Random(1))(ask)
    assert len(calls) == 1


def test_postponed_writes_wait_longer_each_time_up_to_an_hour() -> None:
    waits = [later(attempt, Random(1)).total_seconds() for attempt in range(1, 12)]
    assert waits == sorted(waits[:9]) + waits[9:]
    assert 12 <= waits[0] <= 18
    assert max(waits) <= 1.2 * 3600
    assert later(1, Random(1), timedelta(seconds=3)) == timedelta(seconds=3)


def test_a_stop_ends_pauses_at_once() -> None:
    stop = Stop()
    stop.check()
    stop.ask()
    with pytest.raises(Stopped):
        stop.pause(3600)
    with pytest.raises(Stopped):
        stop.check()
