"""What safety limits keep back, on both dialects, and that no hour ever sees more than they allow."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from connector.model.lead import Lead
from connector.store import Store, StoreSettings, alerts, outbox, releases
from connector.store.brake import OWNER_CHANGES, WRITES, Limits, sent_within
from connector.store.intake import take_in
from connector.store.outbox import TAKEN_OVER_AFTER, Failure, Parcel, Taker
from connector.store.steady import SteadyClock
from connector.store.tables import OutboxRow
from connector.sync.safety import note_limits
from tests.builders import a_lead, leads
from tests.conftest import NOW, Clock
from tests.store.test_store import assign, recorded, took_in

CRM = "salesforce"


def a_daemon(
    clock: Clock, writes: int | None = None, changes: int | None = None, name: str = "h/1/a"
) -> Taker:
    ticks = SteadyClock(clock, lambda: clock().timestamp())
    return Taker(name, ticks, Limits(writes, changes))


def sends(store: Store, taker: Taker, now: datetime, most: int = 100) -> int:
    """One batch taken, seen by the CRM and confirmed; how many."""
    with store.transaction() as session:
        parcels = outbox.take(session, CRM, now, most, taker)
        outbox.keep(session, parcels, taker, sends=True)
        outbox.settle(session, parcels, now)
        outbox.ended(session, parcels, (), taker)
    return len(parcels)


def all_sent(store: Store, taker: Taker, clock: Clock) -> int:
    count = 0
    while done := sends(store, taker, clock()):
        count += done
    return count


def kept(store: Store) -> dict[str, int]:
    with store.looking() as session:
        return dict(releases.kept(session).by_limit)


def given(store: Store, taken: Sequence[Lead], partner: str = "anna") -> None:
    recorded(store, *(assign(lead, partner) for lead in taken))


def released(store: Store, taker: Taker, clock: Clock, most: int | None = None) -> releases.Released:
    with store.transaction() as session:
        return releases.release(session, taker.clock, clock(), "sam@office", most=most, because="looked")


def test_beyond_the_limit_nothing_is_sent_until_a_person_lets_it_go(store: Store, clock: Clock) -> None:
    taker = a_daemon(clock, writes=5)
    took_in(store, *leads(12))
    given(store, leads(12))
    assert all_sent(store, taker, clock) == 5
    assert kept(store) == {WRITES: 7}
    clock.advance(hours=3)
    assert all_sent(store, taker, clock) == 0
    assert released(store, taker, clock, 4) == releases.Released(4, 0)
    assert all_sent(store, taker, clock) == 4
    assert kept(store) == {WRITES: 3}
    assert released(store, taker, clock) == releases.Released(3, 0)
    assert all_sent(store, taker, clock) == 3
    assert kept(store) == {}


def test_what_a_release_leaves_over_holds_for_an_hour(store: Store, clock: Clock) -> None:
    taker = a_daemon(clock, writes=5)
    took_in(store, *leads(20))
    given(store, leads(7))
    assert all_sent(store, taker, clock) == 5
    assert released(store, taker, clock, 6) == releases.Released(2, 4)
    given(store, leads(20)[7:10])
    assert all_sent(store, taker, clock) == 5
    clock.advance(minutes=61)
    given(store, leads(20)[10:16])
    assert all_sent(store, taker, clock) == 5
    assert kept(store) == {WRITES: 1}


def test_an_hour_later_there_is_room_again(store: Store, clock: Clock) -> None:
    taker = a_daemon(clock, writes=5)
    took_in(store, *leads(10))
    given(store, leads(5))
    assert all_sent(store, taker, clock) == 5
    clock.advance(minutes=62)
    given(store, leads(10)[5:])
    assert all_sent(store, taker, clock) == 5
    assert kept(store) == {}


def test_moves_of_partners_records_are_limited_and_new_leads_are_not(store: Store, clock: Clock) -> None:
    taker = a_daemon(clock, changes=3)
    took_in(store, *leads(20))
    given(store, leads(8), "anna")
    assert all_sent(store, taker, clock) == 8
    given(store, leads(8), "bert")
    given(store, leads(20)[8:], "anna")
    assert all_sent(store, taker, clock) == 3 + 12
    assert kept(store) == {OWNER_CHANGES: 5}
    assert released(store, taker, clock) == releases.Released(5, 0)
    assert all_sent(store, taker, clock) == 5


@pytest.mark.parametrize(("named", "counts"), [("Anna", 0), ("anna", 0), ("Bert", 1), ("", 0)])
def test_a_record_that_names_a_partner_is_moved_by_giving_it_to_another(
    store: Store, clock: Clock, named: str, counts: int
) -> None:
    lead = a_lead(1, partner=named or None)
    took_in(store, lead)
    given(store, [lead], "anna")
    sends(store, a_daemon(clock, changes=9), clock())
    with store.looking() as session:
        assert sent_within(session, clock()).owner_changes == counts


def test_a_lead_that_a_person_took_back_is_no_move(store: Store, clock: Clock) -> None:
    taker = a_daemon(clock, changes=0)
    (lead,) = leads(1)
    took_in(store, lead)
    given(store, [lead])
    assert sends(store, taker, clock()) == 1
    with store.transaction() as session:
        take_in(session, CRM, [lead], NOW + timedelta(hours=1))
    given(store, [lead], "bert")
    assert sends(store, taker, clock()) == 1


def test_what_the_crm_never_saw_does_not_count(store: Store, clock: Clock) -> None:
    taker = a_daemon(clock, writes=4)
    took_in(store, *leads(8))
    given(store, leads(4))
    with store.transaction() as session:
        parcels = outbox.take(session, CRM, clock(), 10, taker)
        outbox.settle(session, parcels, clock())
        outbox.ended(session, parcels, parcels[:3], taker)
    with store.looking() as session:
        assert sent_within(session, clock()).writes == 1
    given(store, leads(8)[4:])
    assert all_sent(store, taker, clock) == 3


def test_what_a_silent_daemon_may_have_sent_counts_as_late_as_it_could_be(store: Store, clock: Clock) -> None:
    quick, slow = a_daemon(clock, writes=4), a_daemon(clock, writes=4, name="h/2/b")
    took_in(store, *leads(8))
    given(store, leads(4))
    with store.transaction() as session:
        assert len(outbox.take(session, CRM, clock(), 10, slow)) == 4
    clock.advance(minutes=62)
    assert sends(store, quick, clock()) == 0
    assert kept(store) == {WRITES: 4}
    clock.now += TAKEN_OVER_AFTER
    released(store, quick, clock)
    assert sends(store, quick, clock()) == 4


def test_a_limit_that_is_lifted_keeps_nothing_back(store: Store, clock: Clock) -> None:
    took_in(store, *leads(9))
    given(store, leads(9))
    assert all_sent(store, a_daemon(clock, writes=2), clock) == 2
    assert all_sent(store, a_daemon(clock), clock) == 7


def test_the_alert_of_a_limit_begins_and_ends_once(store: Store, clock: Clock) -> None:
    taker = a_daemon(clock, writes=2)
    took_in(store, *leads(5))
    given(store, leads(5))
    all_sent(store, taker, clock)
    for _ in range(3):
        note_limits(store, taker, clock())
    with store.looking() as session:
        (alert,) = alerts.lasting(session)
        assert (alert.code, alert.subject) == ("safety.limit_reached", WRITES)
        assert alert.facts == {"limit": 2, "kept_back": 3}
    released(store, taker, clock)
    all_sent(store, taker, clock)
    clock.advance(minutes=1)
    for _ in range(2):
        note_limits(store, taker, clock())
    with store.looking() as session:
        assert alerts.lasting(session) == []
        (alert,) = alerts.since(session, NOW)
        assert alert.until == clock()


class Hours(RuleBasedStateMachine):
    """Two daemons whose wall clocks jump, and a CRM that counts what it gets by the true time."""

    MOST, CHANGES = 6, 2

    @initialize()
    def opens(self) -> None:
        self.true = Clock()
        self.store = Store.open(StoreSettings(url="sqlite:///:memory:"), Path())
        self.ahead = {"one": timedelta(), "two": timedelta()}
        self.takers: dict[str, Taker] = {}
        self.hands: dict[str, list[Parcel]] = {"one": [], "two": []}
        self.seen: list[tuple[datetime, bool]] = []
        self.beyond = 0
        self.leads: list[Lead] = []
        for name in self.ahead:
            self.starts(name, 0)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    @rule(name=st.sampled_from(["one", "two"]), seconds=st.sampled_from([0, 20, -20, -3600]))
    def starts(self, name: str, seconds: int) -> None:
        """A daemon starts with a clock that is right to a minute, or behind."""
        true = self.true
        wall = true() + timedelta(seconds=max(seconds, -20))
        clock = SteadyClock(lambda: wall, lambda: true().timestamp())
        self.takers[name] = Taker(name, clock, Limits(self.MOST, self.CHANGES))
        self.hands[name] = []
        with self.store.transaction() as session:
            outbox.resume(session, CRM, lambda other: other == name)

    @rule(name=st.sampled_from(["one", "two"]), hours=st.integers(-30, 30))
    def a_wall_clock_jumps(self, name: str, hours: int) -> None:
        self.ahead[name] = timedelta(hours=hours)

    @rule(count=st.integers(1, 8))
    def leads_come(self, count: int) -> None:
        first = len(self.leads) + 1
        new = [a_lead(number, created=NOW) for number in range(first, first + count)]
        self.leads += new
        with self.store.transaction() as session:
            take_in(session, CRM, new, self.true())
        recorded(self.store, *(assign(lead) for lead in new))

    @rule(partner=st.sampled_from(["anna", "bert"]))
    def the_rules_change_for_all(self, partner: str) -> None:
        recorded(self.store, *(assign(lead, partner) for lead in self.leads))

    @rule(name=st.sampled_from(["one", "two"]), most=st.integers(1, 9))
    def takes(self, name: str, most: int) -> None:
        if not self.hands[name]:
            now = self.true() + self.ahead[name]
            with self.store.transaction() as session:
                self.hands[name] = outbox.take(session, CRM, now, most, self.takers[name])

    @rule(name=st.sampled_from(["one", "two"]))
    def writes(self, name: str) -> None:
        with self.store.transaction() as session:
            if not outbox.keep(session, self.hands[name], self.takers[name], sends=True):
                return
            mine = [p for p in self.hands[name] if not session.get_one(OutboxRow, p.id).released]
        self.seen += [(self.true(), parcel.owner_change) for parcel in mine]
        self._check()
        self._ends(name)

    def _ends(self, name: str) -> None:
        parcels, self.hands[name] = self.hands[name], []
        with self.store.transaction() as session:
            outbox.settle(session, parcels[1:], self.true())
            for parcel in parcels[:1]:
                outbox.postpone(session, parcel, self.true(), Failure("busy"))
            outbox.ended(session, parcels, (), self.takers[name])

    @rule(name=st.sampled_from(["one", "two"]))
    def finds_that_nothing_is_to_be_written(self, name: str) -> None:
        parcels, self.hands[name] = self.hands[name], []
        with self.store.transaction() as session:
            if outbox.still(session, parcels, self.takers[name]) == {parcel.id for parcel in parcels}:
                outbox.settle(session, parcels, self.true())
                outbox.ended(session, parcels, parcels, self.takers[name])

    @rule(minutes=st.sampled_from([1, 4, 10, 35, 59]))
    def time_passes(self, minutes: int) -> None:
        self.true.advance(minutes=minutes)

    @rule(
        name=st.sampled_from(["one", "two"]), count=st.integers(1, 6), minutes=st.sampled_from([20, 45, 58])
    )
    def business_goes_on(self, name: str, count: int, minutes: int) -> None:
        """A few leads, sent at once, and nothing for a while."""
        self.leads_come(count)
        self.takes(name, 9)
        self.writes(name)
        self.time_passes(minutes)

    @rule(most=st.sampled_from([None, 1, 3, 20]))
    def a_person_releases(self, most: int | None) -> None:
        with self.store.transaction() as session:
            releases.release(session, self.takers["one"].clock, self.true(), "sam", most=most)

    def _check(self) -> None:
        hour = [change for at, change in self.seen if at > self.true() - timedelta(hours=1)]
        assert len(hour) <= self.MOST
        assert sum(hour) <= self.CHANGES


TestHours = Hours.TestCase
TestHours.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)


def test_daemons_at_the_same_time_send_each_write_once_and_never_more_than_the_limit(
    store: Store, store_settings: StoreSettings, clock: Clock, tmp_path: Path
) -> None:
    taken = leads(120)
    took_in(store, *taken)
    given(store, taken)
    sent: list[int] = []
    at_once = Barrier(3)

    def deliver(name: str) -> None:
        taker, own = a_daemon(clock, writes=90, name=name), Store.open(store_settings, tmp_path)
        at_once.wait()
        for _ in range(12):
            with own.transaction() as session:
                parcels = outbox.take(session, CRM, NOW, 10, taker)
            with own.transaction() as session:
                assert outbox.keep(session, parcels, taker, sends=True)
            sent.extend(parcel.id for parcel in parcels)
            with own.transaction() as session:
                mine = outbox.still(session, parcels, taker)
                outbox.settle(session, [parcel for parcel in parcels if parcel.id in mine], NOW)
                outbox.ended(session, parcels, (), taker)
        own.close()

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(deliver, f"host/{number}/x") for number in range(3)]:
            done.result()
    assert len(sent) == len(set(sent)) == 90
    assert kept(store) == {WRITES: 30}
