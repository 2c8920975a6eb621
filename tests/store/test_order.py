"""Whatever several daemons do and suffer, no write of a record overtakes an earlier one."""

from collections import defaultdict
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy.orm import Session

from connector.model.lead import Lead
from connector.store import Store, StoreSettings, outbox, reading, stuck
from connector.store.decisions import record
from connector.store.intake import take_in
from connector.store.outbox import Failure, Parcel, Taker
from connector.store.tables import OutboxRow
from tests.builders import leads
from tests.conftest import Clock
from tests.store.test_store import assign
from tests.takers import a_taker

CRM = "salesforce"
LEADS = leads(3)
NAMES = ("one", "two", "three")


class Deliveries(RuleBasedStateMachine):
    """Three daemons over one store, and a CRM that remembers in which order it got what."""

    @initialize()
    def opens(self) -> None:
        self.clock = Clock()
        self.store = Store.open(StoreSettings(url="sqlite:///:memory:"), Path())
        self.takers = {name: a_taker(name, self.clock) for name in NAMES}
        self.hands: dict[str, list[Parcel]] = {name: [] for name in NAMES}
        self.seen: defaultdict[str, list[int]] = defaultdict(list)
        with self.store.transaction() as session:
            take_in(session, CRM, LEADS, self.clock())

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self._everything_ends()
            self.store.close()

    def _everything_ends(self) -> None:
        """One daemon that is left alone brings the rest to an end, and the newest decision comes last."""
        self.clock.advance(minutes=10)
        self._lets_go("one")
        self.a_person_retries_what_is_parked()
        while True:
            self.takes("one", 4)
            if not self.hands["one"]:
                break
            self.writes("one")
            self.hears_back("one", ["s"] * 4)
        self.nothing_overtakes()
        with self.store.transaction() as session:
            assert {state for _, state in reading.outbox_by_state(session)} <= {"settled", "superseded"}
            settled = {write.ref.id: write.id for write in stuck.listed(session, ["settled"], limit=1000)}
        for lead_id, newest in settled.items():
            assert self.seen[lead_id][-1] == newest

    @rule(lead=st.sampled_from(LEADS), partner=st.sampled_from(["anna", "bert"]))
    def a_decision(self, lead: Lead, partner: str) -> None:
        with self.store.transaction() as session:
            record(session, "live", "hash", [assign(lead, partner)])

    @rule(lead=st.sampled_from(LEADS))
    def a_second_write_of_the_same_decision(self, lead: Lead) -> None:
        with self.store.transaction() as session:
            rows = stuck.listed(session, stuck.STATES)
            mine = [row for row in rows if row.ref == lead.ref]
            if mine:
                session.add(self._like(session.get_one(OutboxRow, mine[-1].id)))

    def _like(self, row: OutboxRow) -> OutboxRow:
        return OutboxRow(
            crm=row.crm,
            lead_id=row.lead_id,
            decision_id=row.decision_id,
            values={"status": "Seen"},
            next_at=self.clock(),
            created_at=self.clock(),
        )

    @rule(name=st.sampled_from(NAMES), most=st.integers(1, 4))
    def takes(self, name: str, most: int) -> None:
        if not self.hands[name]:
            with self.store.transaction() as session:
                self.hands[name] = outbox.take(session, CRM, self.clock(), most, self.takers[name])

    @rule(name=st.sampled_from(NAMES))
    def writes(self, name: str) -> None:
        parcels = self.hands[name]
        with self.store.transaction() as session:
            may = outbox.keep(session, parcels, self.takers[name], sends=True)
        if not may:
            self._lets_go(name)
            return
        for parcel in parcels:
            self.seen[parcel.command.ref.id].append(parcel.id)

    @rule(name=st.sampled_from(NAMES), ends=st.lists(st.sampled_from("sspk"), min_size=4, max_size=4))
    def hears_back(self, name: str, ends: list[str]) -> None:
        parcels, self.hands[name] = self.hands[name], []
        with self.store.transaction() as session:
            ours = outbox.still(session, parcels, self.takers[name])
            for parcel, end in zip(parcels, ends, strict=False):
                if parcel.id in ours:
                    self._end(session, parcel, end)

    def _end(self, session: Session, parcel: Parcel, end: str) -> None:
        if end == "s":
            outbox.settle(session, [parcel], self.clock())
        elif end == "p":
            outbox.postpone(session, parcel, self.clock() + timedelta(minutes=3), Failure("busy"))
        else:
            outbox.park(session, parcel, Failure("no"))

    @rule(name=st.sampled_from(NAMES))
    def is_killed_and_starts_again(self, name: str) -> None:
        self.takers[name] = Taker(name, a_taker(name, self.clock).clock)
        self._lets_go(name)

    def _lets_go(self, name: str) -> None:
        self.hands[name] = []
        with self.store.transaction() as session:
            outbox.resume(session, CRM, lambda other: other == name)

    @rule(minutes=st.sampled_from([1, 4, 6]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    @rule()
    def a_person_retries_what_is_parked(self) -> None:
        with self.store.transaction() as session:
            stuck.retry(session, stuck.parked_ids(session), self.clock())

    @invariant()
    def nothing_overtakes(self) -> None:
        for lead_id, ids in getattr(self, "seen", {}).items():
            assert ids == sorted(ids), lead_id


TestDeliveries = Deliveries.TestCase
TestDeliveries.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
