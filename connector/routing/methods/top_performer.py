"""The partners that win most, with a floor for the others and a chance for the unknown."""

from typing import Literal

from connector.model.performance import Performance
from connector.routing.case import Case
from connector.routing.merits import Measure, earnings, success
from connector.routing.methods.by_record import ByRecord, RecordOptions


class PerformerOptions(RecordOptions):
    """What success is: the part of the leads that was won, or the revenue that a lead brought."""

    by: Literal["won", "revenue"] = "won"


class TopPerformer(ByRecord[PerformerOptions]):
    """Favours those who make most of their leads."""

    takes = PerformerOptions

    def measure(self, case: Case) -> Measure:
        return (success if self.options.by == "won" else earnings)(case, self.options.prior)

    def known(self, record: Performance) -> int:
        return record.leads
