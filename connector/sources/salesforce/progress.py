"""How far leads have come, and what became of the opportunities from them."""

from collections.abc import Mapping, Sequence
from typing import Any

from connector.model.progress import Progress
from connector.sources.salesforce.catalog import Catalog
from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.reading import Reader
from connector.sources.salesforce.soql import select, value_at

DEAL = ("ConvertedOpportunity.IsWon", "ConvertedOpportunity.IsClosed", "ConvertedOpportunity.Amount")
_CURRENCY = "ConvertedOpportunity.CurrencyIsoCode"
# LeadStatus tells which values mean converted, and no other object which ones mean given up; these are the
# values that Salesforce ships.
_GIVEN_UP = ("closed", "unqualified", "disqualified")


class ProgressReader:
    """Reads progress, one query for up to 300 leads."""

    def __init__(self, connection: Connection, catalog: Catalog, reader: Reader):
        self._connection = connection
        self._catalog = catalog
        self._reader = reader
        self._converted: frozenset[str] | None = None

    def read(self, ids: Sequence[str]) -> dict[str, Progress]:
        """`Source.read_progress`; a merged lead answers with what absorbed it."""
        rows = self._reader.surviving("outcomes", ids, self.fields())
        return {asked: self._progress(row) for asked, row in rows.items()}

    def fields(self) -> list[str]:
        """What to select; the currency is there in orgs with several only."""
        several = "CurrencyIsoCode" in self._catalog.of("Lead").fields
        fields = ["Status", "IsConverted", "ConvertedOpportunityId", *DEAL]
        return [*fields, _CURRENCY] if several else fields

    def _progress(self, row: Mapping[str, Any]) -> Progress:
        won, closed, amount = (value_at(row, path) for path in DEAL)
        converted = bool(row["IsConverted"])
        given_up = not converted and self._is_given_up(row["Status"])
        has_deal = closed is not None
        return Progress(
            status=row["Status"],
            open=not converted and not given_up,
            converted=converted,
            won=bool(won) if closed else False if given_up else None,
            open_deals=int(has_deal and not closed),
            amount=None if amount is None else float(amount),
            currency=value_at(row, _CURRENCY) if has_deal else None,
        )

    def _is_given_up(self, status: str | None) -> bool:
        if status is None or not status.casefold().startswith(_GIVEN_UP):
            return False
        return status not in self._converted_statuses()

    def _converted_statuses(self) -> frozenset[str]:
        if self._converted is None:
            soql = select(["ApiName", "MasterLabel"], "LeadStatus", ["IsConverted = true"])
            rows = self._connection.query("metadata", soql)
            self._converted = frozenset(name for row in rows for name in (row["ApiName"], row["MasterLabel"]))
        return self._converted
