"""The shared pace, the day's budget, and leaving a failing CRM in peace."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from connector.sources.base import SourceBusy
from connector.store import Store, StoreSettings
from connector.store.limits import reserve
from connector.sync.circuit import FAILURES, Circuit
from connector.sync.limits import BudgetSpent, Limiter, until_midnight
from connector.sync.stopping import Stop
from tests import csv_crm
from tests.conftest import NOW, Clock


class Waits(Stop):
    """Pauses by moving a clock."""

    def __init__(self, clock: Clock):
        super().__init__()
        self._clock = clock

    def pause(self, seconds: float) -> None:
        self._clock.advance(seconds=seconds)


def a_limiter(
    store: Store, clock: Clock, tmp_path: Path, *, kind: str = "hubspot", most: int | None = None
) -> Limiter:
    source = csv_crm.a_source(tmp_path, clock)
    return Limiter(source, kind, store, most, "acme", clock, Waits(clock))


def test_calls_beyond_the_burst_wait_their_turn(store: Store) -> None:
    with store.transaction() as session:
        waits = [reserve(session, "hs", "search", 5, 2, NOW) for _ in range(5)]
    assert [wait.total_seconds() for wait in waits] == pytest.approx([0, 0, 0.2, 0.4, 0.6])


def test_a_pause_lets_the_burst_recover(store: Store) -> None:
    with store.transaction() as session:
        for _ in range(5):
            reserve(session, "hs", "search", 5, 2, NOW)
        assert reserve(session, "hs", "search", 5, 2, NOW + timedelta(seconds=2)) == timedelta()


def test_two_daemons_share_one_pace(store: Store, store_settings: StoreSettings, tmp_path: Path) -> None:
    other = Store.open(store_settings, tmp_path)
    waits = []
    for daemon in (store, other, store, other):
        with daemon.transaction() as session:
            waits.append(reserve(session, "hs", "call", 10, 1, NOW).total_seconds())
    other.close()
    assert waits == pytest.approx([0, 0.1, 0.2, 0.3])


def test_searches_never_exceed_five_a_second(store: Store, clock: Clock, tmp_path: Path) -> None:
    limiter = a_limiter(store, clock, tmp_path)
    times = []
    for _ in range(60):
        limiter.admit("pull", "search")
        times.append(clock().timestamp())
    most = max(sum(1 for other in times if begin <= other < begin + 1) for begin in times)
    assert most <= 8  # a burst of four, then four and a half a second
    assert times[-1] - times[0] >= 12


def test_connections_to_one_account_share_its_pace(store: Store, clock: Clock, tmp_path: Path) -> None:
    one, two = (a_limiter(store, clock, tmp_path) for _ in range(2))
    began = clock()
    for _ in range(10):
        one.admit("pull", "search")
        two.admit("pull", "search")
    assert (clock() - began).total_seconds() > 3


def test_the_budget_stops_the_least_needed_first_and_writing_last(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    limiter = a_limiter(store, clock, tmp_path, kind="salesforce", most=100)
    stopped: dict[str, int] = {}
    for used in range(101):
        for purpose in ("reconcile", "outcomes", "pull", "compare", "write"):
            try:
                limiter.admit(purpose, "call")
            except BudgetSpent:
                stopped.setdefault(purpose, used)
        store.add_calls("file", "2026-11-02", Counter({"write": 1}))
    assert stopped == {"reconcile": 70, "outcomes": 80, "pull": 90, "compare": 100, "write": 100}


def test_a_spent_budget_says_when_it_starts_anew(store: Store, clock: Clock, tmp_path: Path) -> None:
    limiter = a_limiter(store, clock, tmp_path, most=1)
    store.add_calls("file", "2026-11-02", Counter({"pull": 1}))
    with pytest.raises(SourceBusy) as caught:
        limiter.admit("write", "call")
    assert caught.value.retry_after == until_midnight(NOW) == timedelta(hours=15)
    clock.advance(hours=15)
    limiter.admit("write", "call")


def test_the_crms_own_count_goes_before_ours(store: Store, clock: Clock, tmp_path: Path) -> None:
    source = csv_crm.a_source(tmp_path, clock)
    source.usage.used, source.usage.allowed = 96_000, 100_000
    limiter = Limiter(source, "salesforce", store, None, "acme", clock, Waits(clock))
    with pytest.raises(BudgetSpent):
        limiter.admit("write", "call")


def test_a_circuit_opens_after_some_failures_for_longer_each_time_and_closes_by_itself() -> None:
    circuit, now = Circuit(), NOW
    for _ in range(FAILURES - 1):
        circuit.failed(now)
        assert circuit.lets(now)
    waits = []
    for _ in range(6):
        circuit.failed(now)
        opened = now
        while not circuit.lets(now):
            now += timedelta(seconds=30)
        waits.append((now - opened).total_seconds() / 60)
    assert waits == [1, 2, 4, 8, 15, 15]
    circuit.worked()
    circuit.failed(now)
    assert circuit.lets(now)
