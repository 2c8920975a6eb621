"""The two CRMs with an eye on the fault board, where faults lie deeper than the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.sandbox.cards import Clock
from connector.sandbox.faults import Fault, FaultBoard
from connector.sandbox.hubspot import Portal
from connector.sandbox.hubspot.kinds import Kind
from connector.sandbox.hubspot.records import WORKFLOW, Record
from connector.sandbox.hubspot.writes import update
from connector.sandbox.salesforce import Org
from connector.sandbox.salesforce.lifecycle import edit
from connector.sandbox.salesforce.store import Row

OWNER_AUTOMATION = "marketing@acme.example"


def seconds_of(fault: Fault, otherwise: float) -> float:
    """How long a fault takes."""
    return float(fault.params.get("seconds", otherwise))


class WatchedOrg(Org):
    """An org whose people's changes may show late, and whose automation is counted."""

    def __init__(self, now: Clock, board: FaultBoard) -> None:
        self.board = board
        super().__init__(now)

    def edit(self, record_id: str, values: Mapping[str, object], by: str, object: str = "Lead") -> None:
        """A person's change; a fault `late_rows` lets it be seen later, with the stamp of now."""
        fault = self.board.hit("late_rows", crm="salesforce", record=record_id)
        if fault is None:
            super().edit(record_id, values, by, object)
        else:
            stamp = self.stamp()
            self.commit_late(lambda: edit(self, record_id, values, by, object, stamp), seconds_of(fault, 300))

    def change_as_automation(self, object_name: str, before: Row, changes: Row) -> None:
        """The customer's automation takes a record; a fault `owner_reset` says how often, if there is one."""
        record = str(before["Id"])
        by_fault = self.board.has("owner_reset", "salesforce")
        if not by_fault or self.board.hit("owner_reset", crm="salesforce", record=record):
            super().change_as_automation(object_name, before, changes)


@dataclass
class WatchedPortal(Portal):
    """A portal whose search index may lag, and whose workflow may take records back."""

    board: FaultBoard = field(default_factory=FaultBoard)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.automation = self._take_back

    def search_delay(self, record_id: int) -> int:
        """Milliseconds until search sees a change; faults `index_lag` and `late_rows` add to it."""
        late = self.board.hits(("index_lag", "late_rows"), crm="hubspot", record=str(record_id))
        return super().search_delay(record_id) + int(sum(seconds_of(fault, 30) for fault in late) * 1000)

    def _take_back(self, kind: Kind, record: Record, changed: frozenset[str]) -> Mapping[str, str]:
        if "hubspot_owner_id" not in changed:
            return {}
        fault = self.board.hit("owner_reset", crm="hubspot", record=str(record.id))
        owner = self.owners.by_email(fault.params.get("to", OWNER_AUTOMATION)) if fault else None
        if fault is None or owner is None:
            return {}
        values = {"hubspot_owner_id": owner.id}
        if not seconds_of(fault, 0):
            return values
        table = self.table(kind)
        self.later(seconds_of(fault, 0), lambda due: update(self, table, record, values, WORKFLOW, due))
        return {}
