"""How far leads have come, and what became of the deals from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connector.model.progress import Progress
from connector.sources.hubspot.batches import rows
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.fields import FieldMap
from connector.sources.hubspot.links import Links
from connector.sources.hubspot.objects import CONTACTS, DEALS
from connector.sources.hubspot.records import Records, Row

PURPOSE = "outcomes"
_CONVERTED = frozenset({"opportunity", "customer", "evangelist"})
_GIVEN_UP, _NOT_NOW = frozenset({"UNQUALIFIED"}), frozenset({"BAD_TIMING"})
_DEAL = ("dealstage", "amount", "deal_currency_code")


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as far as it matters here."""

    closed: bool
    won: bool
    amount: float | None
    currency: str | None


class ProgressReader:
    """Reads progress, a hundred leads at once."""

    def __init__(self, connection: Connection, fields: FieldMap):
        self._connection = connection
        self._lead = fields.lead
        self._records = Records(connection)
        self._links = Links(connection)
        self._stages: dict[str, Mapping[str, Mapping[str, str]]] = {}

    def read(self, ids: Sequence[str]) -> dict[str, Progress]:
        """`Source.read_progress`; a merged lead answers with what absorbed it."""
        found = self._records.by_id(PURPOSE, self._lead.type, ids, [self._lead.status, "lifecyclestage"])
        deals = self._deals(sorted({str(row["id"]) for row in found.values()}, key=int))
        return {asked: self._progress(row, deals.get(str(row["id"]), ())) for asked, row in found.items()}

    def _deals(self, ids: Sequence[str]) -> dict[str, list[Deal]]:
        if not ids:
            return {}
        links = self._links.of(PURPOSE, self._lead.type, DEALS, ids)
        of_lead = {each: [link.to for link in ends] for each, ends in links.items()}
        every = [deal for ends in of_lead.values() for deal in ends]
        found = self._records.by_id(PURPOSE, DEALS, every, _DEAL)
        known = {each: self._deal(row) for each, row in found.items()}
        return {each: [known[deal] for deal in ends if deal in known] for each, ends in of_lead.items()}

    def _deal(self, row: Row) -> Deal:
        held = row["properties"]
        stage = self._stage(DEALS, held.get("dealstage"))
        won = _number(stage.get("probability")) == 1.0
        closed = won or str(stage.get("isClosed", "")).lower() == "true"
        return Deal(closed, won, _number(held.get("amount")), held.get("deal_currency_code") or None)

    def _stage(self, object_type: str, stage: str | None) -> Mapping[str, str]:
        """What the pipelines say of a stage; asked again for one that was added since."""
        if stage is None:
            return {}
        if stage not in self._stages.get(object_type, {}):
            answer = self._connection.call("metadata", self._connection.pipelines.get_all, object_type)
            self._stages[object_type] = {
                str(each["id"]): each.get("metadata") or {}
                for pipeline in rows(answer)
                for each in pipeline["stages"]
            }
        return self._stages[object_type].get(stage, {})

    def _progress(self, row: Row, deals: Sequence[Deal]) -> Progress:
        held = row["properties"]
        status = held.get(self._lead.status) or None
        converted = bool(deals) or held.get("lifecyclestage") in _CONVERTED
        given_up = not converted and self._state(status) in _GIVEN_UP
        amount, currency = _sum(deals)
        return Progress(
            status=status,
            open=not converted and not given_up and self._state(status) not in _NOT_NOW,
            converted=converted,
            won=False if given_up else _won(deals),
            open_deals=sum(not deal.closed for deal in deals),
            amount=amount,
            currency=currency,
        )

    def _state(self, status: str | None) -> str | None:
        if self._lead.type == CONTACTS:
            return status
        return self._stage(self._lead.type, status).get("leadState")


def _won(deals: Sequence[Deal]) -> bool | None:
    if any(deal.won for deal in deals):
        return True
    return False if deals and all(deal.closed for deal in deals) else None


def _sum(deals: Sequence[Deal]) -> tuple[float | None, str | None]:
    """The amounts of the deals that were won, else of those under way, else of all; in one currency."""
    counted = [deal for deal in deals if deal.won] or [deal for deal in deals if not deal.closed] or deals
    priced = [deal for deal in counted if deal.amount is not None]
    currencies = {deal.currency for deal in priced}
    if len(currencies) != 1:
        return None, None
    return sum(_amounts(priced)), currencies.pop()


def _amounts(deals: Iterable[Deal]) -> Iterable[float]:
    return (deal.amount for deal in deals if deal.amount is not None)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
