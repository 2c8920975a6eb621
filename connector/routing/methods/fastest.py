"""The partners that answer soonest, with a floor for the others and a chance for the unknown."""

from connector.model.performance import Performance
from connector.routing.case import Case
from connector.routing.merits import Measure, speed
from connector.routing.methods.by_record import ByRecord, RecordOptions


class Fastest(ByRecord[RecordOptions]):
    """Favours those with the shortest median time to a first response."""

    takes = RecordOptions

    def measure(self, case: Case) -> Measure:
        return speed(case, self.options.prior)

    def known(self, record: Performance) -> int:
        return record.responses
