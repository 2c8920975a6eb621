"""Faults that are no single call: they are switched on and off, and work in the CRMs themselves."""

from connector.sandbox.activity import Activity
from connector.sandbox.clock import SandboxClock
from connector.sandbox.faults import CRMS, Fault, FaultBoard
from connector.sandbox.hubspot import Portal
from connector.sandbox.hubspot.native_sync import NativeSync
from connector.sandbox.salesforce import Org
from connector.sandbox.watched import OWNER_AUTOMATION, seconds_of


class Behaviours:
    """Carries out what the fault board switches, and what is due after a call."""

    def __init__(self, org: Org, portal: Portal, board: FaultBoard, clock: SandboxClock) -> None:
        self._org = org
        self._board = board
        self._portal = portal
        self._clock = clock
        self._activity = Activity(org, portal)
        self._sync: NativeSync | None = None
        board.on_switch(self.switch)

    def switch(self, fault: Fault, on: bool) -> None:
        """A fault was switched on or off."""
        concerned = [crm for crm in CRMS if fault.crm in (None, crm)]
        if fault.kind == "clock_skew":
            for crm in concerned:
                self._clock.skew(crm, seconds_of(fault, 60) if on else 0)
            self._board.count(fault, int(on))
        elif fault.kind == "owner_reset" and "salesforce" in concerned:
            self._org.settings.owner_automation = fault.params.get("to", OWNER_AUTOMATION) if on else ""
            self._org.settings.owner_automation_after = seconds_of(fault, 0)
        elif fault.kind == "same_stamp" and on:
            count = int(fault.params.get("count", "3000"))
            self._board.count(fault, sum(self._activity.mass_update(crm, count) for crm in concerned))
        elif fault.kind == "native_sync":
            self._sync = self._synced(seconds_of(fault, 60)) if on else None

    def _synced(self, delay: float) -> NativeSync:
        def may_copy(crm: str, record: str) -> bool:
            return self._board.hit("native_sync", crm=crm, record=record) is not None

        return NativeSync(self._org, self._portal, delay, self._clock, may_copy)

    def happen(self, crm: str, fault: Fault) -> None:
        """A person does something, after a call that a fault picked."""
        self._activity.happen(crm, fault)

    def tick(self) -> None:
        """After each call: what works in the background, does."""
        if self._sync is not None:
            self._sync.tick()
