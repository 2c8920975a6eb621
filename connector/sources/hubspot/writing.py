"""Writing leads a hundred a call, and believing only what HubSpot confirms."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connector.model.lead import Value
from connector.sources.base import SourceBusy, SourceError, SourceLocked, SourceRefused, Update
from connector.sources.hubspot.batches import (
    BATCH,
    Answers,
    errors_by_key,
    in_halves,
    one_after_another,
    rows,
)
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.definitions import Definitions, fitted, is_read_only, missing, options
from connector.sources.hubspot.fields import FieldMap
from connector.sources.hubspot.objects import OWNER
from connector.sources.hubspot.partner_links import PartnerLinks
from connector.sources.hubspot.records import Records, Row
from connector.sources.mapping import same_value
from connector.sources.owners import OwnerDirectory


@dataclass(frozen=True, slots=True)
class Record:
    """One lead to write: HubSpot's properties and values, and the company that is to be its partner."""

    id: str
    values: Mapping[str, str]
    linked: bool = False
    company: str | None = None


class Writer:
    """Writes what the `write` table maps, the owner, and the link to the partner's company."""

    def __init__(
        self,
        connection: Connection,
        fields: FieldMap,
        owners: OwnerDirectory,
        definitions: Definitions,
        partners: PartnerLinks | None,
    ):
        self._connection = connection
        self._fields = fields
        self._owners = owners
        self._definitions = definitions
        self._partners = partners
        self._records = Records(connection)

    def write(self, updates: Sequence[Update]) -> Answers:
        """`Source.write`."""
        return self._owners.write_known(updates, self._write)

    def _write(self, updates: Sequence[Update]) -> Answers:
        prepared = self._all_prepared(updates)
        records = [each for each in prepared if isinstance(each, Record)]
        answers = self._sent([each for each in records if each.values])
        answers |= self._linked([each for each in records if each.linked and not answers.get(id(each))])
        return [each if isinstance(each, SourceRefused) else answers.get(id(each)) for each in prepared]

    def _all_prepared(self, updates: Sequence[Update]) -> list[Record | SourceRefused]:
        prepared = [self._prepared(update) for update in updates]
        if any(isinstance(each, SourceRefused) and each.code == "INVALID_VALUE" for each in prepared):
            self._definitions.forget()  # somebody may have added an option since
            prepared = [self._prepared(update) for update in updates]
        return prepared

    def _prepared(self, update: Update) -> Record | SourceRefused:
        try:
            values = self._own_values(update)
        except SourceRefused as error:
            return error
        if self._partners is None or "partner" not in update.values:
            return Record(update.id, values)
        partner = update.values["partner"]
        company = self._partners.company(str(partner)) if partner else None
        return company if isinstance(company, SourceRefused) else Record(update.id, values, True, company)

    def _own_values(self, update: Update) -> dict[str, str]:
        mapped = self._fields.written
        values = {mapped[name]: name for name in update.values if name in mapped}
        own = {property: self._fitted(property, name, update) for property, name in values.items()}
        if "owner" in update.values:
            own[OWNER] = self._owner_id(update.values["owner"])
        return own

    def _owner_id(self, name: Value) -> str:
        """Nobody is blank."""
        owner = self._owners.get(str(name)) if name else None
        return owner.id if owner else ""

    def _fitted(self, own: str, name: str, update: Update) -> str:
        definition = self._definitions.of(self._fields.lead.type).get(own)
        if definition is None:
            raise missing(self._fields.lead.type, own, name)
        if is_read_only(definition):
            raise SourceLocked(f"the property {own} is read-only (mapped as {name})", "READ_ONLY_VALUE")
        return fitted(definition, name, update.values[name])

    def _sent(self, records: Sequence[Record]) -> dict[int, SourceError | None]:
        """Answers by the identity of the record: an id may come twice, though never in one batch."""
        in_order = [record for batch in _batches(records) for record in batch]
        answers = one_after_another(list(_batches(records)), lambda batch: in_halves(batch, self._send))
        for answer in answers:
            # What bars one record until a person acts, such as a property that is not there, bars all.
            if isinstance(answer, SourceLocked):
                raise answer
        return {id(record): answer for record, answer in zip(in_order, answers, strict=True)}

    def _send(self, records: Sequence[Record]) -> Answers:
        # With a trace id for each, a bad row fails alone.
        inputs = [
            {"id": record.id, "objectWriteTraceId": record.id, "properties": record.values}
            for record in records
        ]
        answer = self._connection.attempt(
            "write", self._connection.batch.update, self._fields.lead.type, {"inputs": inputs}
        )
        errors = errors_by_key(answer)
        # Results come in any order.
        done = {str(row["id"]): row for row in rows(answer)}
        told = [
            self._not_taken(record, done[record.id]) if record.id in done else errors.get(record.id)
            for record in records
        ]
        doubtful = [
            record
            for record, error in zip(records, told, strict=True)
            if record.id not in done and (error is None or _is_gone(error))
        ]
        verdicts = self._looked_up(doubtful)
        return [verdicts.get(record.id, error) for record, error in zip(records, told, strict=True)]

    def _not_taken(self, record: Record, row: Row) -> SourceError | None:
        """HubSpot answers 200 and keeps what it had, such as a later lifecycle stage."""
        held, known = row["properties"], self._definitions.of(self._fields.lead.type)
        for own, value in record.values.items():
            is_choice = own in known and options(known[own]) is not None
            if is_choice and own in held and not same_value(value, held[own]):
                message = f"HubSpot keeps {own} at {held[own]} instead of {value or 'nothing'}"
                return SourceRefused(message, "NOT_TAKEN")
        return None

    def _looked_up(self, records: Sequence[Record]) -> dict[str, SourceError | None]:
        """What was not confirmed: ids that were merged away are left out of an answer without a word."""
        if not records:
            return {}
        names = list(dict.fromkeys(name for record in records for name in record.values))
        ids = [record.id for record in records]
        rows = self._records.by_id("write", self._fields.lead.type, ids, names)
        return {record.id: _verdict(record, rows.get(record.id)) for record in records}

    def _linked(self, records: Sequence[Record]) -> dict[int, SourceError | None]:
        if self._partners is None or not records:
            return {}
        answers = self._partners.assign({record.id: record.company for record in records})
        return {id(record): answers[record.id] for record in records}


def _batches(records: Sequence[Record]) -> Iterator[list[Record]]:
    """A hundred at a time in order; a record that comes again waits for a later batch."""
    batch: dict[str, Record] = {}
    for record in records:
        if record.id in batch or len(batch) == BATCH:
            yield list(batch.values())
            batch = {}
        batch[record.id] = record
    if batch:
        yield list(batch.values())


def _is_gone(error: SourceError) -> bool:
    return isinstance(error, SourceRefused) and error.gone


def _verdict(record: Record, row: Row | None) -> SourceError | None:
    if row is None:
        return SourceRefused(f"there is no record {record.id} in HubSpot", "OBJECT_NOT_FOUND", gone=True)
    if str(row["id"]) != record.id:
        return SourceBusy(f"{record.id} was merged into {row['id']} meanwhile", "MERGED")
    held = row["properties"]
    if all(same_value(value, held.get(name)) for name, value in record.values.items()):
        return None
    return SourceBusy(f"HubSpot did not confirm the write of {record.id}", "UNCONFIRMED")
