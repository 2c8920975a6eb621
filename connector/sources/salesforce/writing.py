"""Writing leads: two hundred a call, or twenty-five each only if nobody changed it meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from connector.model.lead import Value
from connector.sources.base import SourceBusy, SourceError, SourceLocked, SourceRefused, Update
from connector.sources.owners import OwnerDirectory
from connector.sources.salesforce.catalog import Catalog
from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.errors import CHANGED, NO_ACCESS, first_error, row_error
from connector.sources.salesforce.partners import PartnerRecords
from connector.sources.salesforce.soql import among, chunks, select
from connector.sources.salesforce.values import fitted

COLLECTION, COMPOSITE = 200, 25
_NO_SUCH = "INVALID_CROSS_REFERENCE_KEY"
_TOO_MANY = 10
"""Records that one after the other cannot be accessed: then it is not their sharing."""
Answers = list[SourceError | None]


@dataclass(frozen=True, slots=True)
class Record:
    """One lead to write, in Salesforce's own names."""

    id: str
    values: Mapping[str, Any]
    unchanged_since: datetime | None


class Writer:
    """Writes what the `write` table maps; `conditional` asks Salesforce to refuse what changed meanwhile."""

    def __init__(
        self,
        connection: Connection,
        catalog: Catalog,
        owners: OwnerDirectory,
        written: Mapping[str, str],
        partners: PartnerRecords | None,
        *,
        conditional: bool,
        sobject: str = "Lead",
    ):
        self._connection = connection
        self._catalog = catalog
        self._owners = owners
        self._written = written
        self._partners = partners
        self._conditional = conditional
        self._sobject = sobject

    def write(self, updates: Sequence[Update]) -> Answers:
        """`Source.write`."""
        return self._owners.write_known(updates, self._write)

    def _write(self, updates: Sequence[Update]) -> Answers:
        if self._partners:
            self._partners.find(str(u.values["partner"]) for u in updates if u.values.get("partner"))
        prepared = [self._prepared(update) for update in updates]
        records = [each for each in prepared if isinstance(each, Record) and each.values]
        answers = iter(self._told_apart(records, self._send(records)) if records else ())
        # What has no field in this org is nothing to write.
        return [
            each if isinstance(each, SourceError) else next(answers) if each.values else None
            for each in prepared
        ]

    def _prepared(self, update: Update) -> Record | SourceRefused:
        try:
            return Record(update.id, self._own_values(update.values), update.unchanged_since)
        except SourceRefused as error:
            return error

    def _own_values(self, values: Mapping[str, Value]) -> dict[str, Any]:
        own = {
            self._written[name]: self._own_value(name, value)
            for name, value in values.items()
            if name in self._written
        }
        if "owner" not in values:
            return own
        owner = self._owners.get(str(values["owner"]))
        if owner is None:
            raise SourceRefused("a lead in Salesforce cannot be without an owner", "CANNOT_OWN")
        return {**own, "OwnerId": owner.id}

    def _own_value(self, name: str, value: Value) -> Any:
        if name == "partner" and self._partners:
            return self._partners.id_of(str(value)) if value else None
        lead, own = self._catalog.of(self._sobject), self._written[name]
        if own not in lead.fields:
            raise SourceLocked(lead.missing(own, name), "INVALID_FIELD")
        if not lead.fields[own]["updateable"]:
            raise SourceLocked(
                f"the user may not write {lead.name}.{own} (mapped as {name})", "INVALID_FIELD"
            )
        return fitted(lead.fields[own], name, value)

    def _send(self, records: Sequence[Record]) -> Answers:
        size, send = (COMPOSITE, self._composite) if self._conditional else (COLLECTION, self._collection)
        answers: Answers = []
        for some in chunks(records, size):
            try:
                answers += bisected(some, send)
            except SourceBusy as error:
                if not answers:
                    raise
                # What is done is done and told; the rest shares the trouble.
                return answers + [error] * (len(records) - len(answers))
        _look_for_lasting(answers)
        return answers

    def _told_apart(self, records: Sequence[Record], answers: Answers) -> Answers:
        """A lead that Salesforce no longer knows and an owner or partner that it does not share one code."""
        doubtful = [
            record.id
            for record, answer in zip(records, answers, strict=True)
            if answer and answer.code == _NO_SUCH
        ]
        if not doubtful:
            return answers
        if self._partners:
            self._partners.forget()
        soql = select(["Id"], self._sobject, [among("Id", doubtful)])
        gone = set(doubtful) - {row["Id"] for row in self._connection.query("write", soql)}
        return [
            SourceRefused(str(answer), _NO_SUCH, gone=True) if answer and record.id in gone else answer
            for record, answer in zip(records, answers, strict=True)
        ]

    def _collection(self, records: Sequence[Record]) -> Answers:
        rows = [
            {"attributes": {"type": self._sobject}, "id": record.id, **record.values} for record in records
        ]
        body = {"allOrNone": False, "records": rows}
        answer = self._connection.call(
            "write", lambda sf: sf.restful("composite/sobjects", method="PATCH", json=body)
        )
        return row_answers(answer, len(records))

    def _composite(self, records: Sequence[Record]) -> Answers:
        parts = [self._part(number, record) for number, record in enumerate(records)]
        body = {"allOrNone": False, "compositeRequest": parts}
        answer = self._connection.call("write", lambda sf: sf.restful("composite", method="POST", json=body))
        given = {part["referenceId"]: part for part in (answer or {}).get("compositeResponse", ())}
        if len(given) != len(parts):
            raise SourceBusy("Salesforce did not answer for every record of a batch")
        return [_part_answer(given[part["referenceId"]]) for part in parts]

    def _part(self, number: int, record: Record) -> dict[str, Any]:
        # A part inherits no header of ours, so the assignment rules must be turned off in each.
        headers = {"Sforce-Auto-Assign": "FALSE"}
        if record.unchanged_since:
            since = record.unchanged_since.astimezone(UTC).replace(microsecond=0)
            headers["If-Unmodified-Since"] = format_datetime(since, usegmt=True)
        return {
            "method": "PATCH",
            "url": f"/services/data/v{self._connection.version}/sobjects/{self._sobject}/{record.id}",
            "referenceId": f"r{number}",
            "httpHeaders": headers,
            "body": dict(record.values),
        }


def _look_for_lasting(answers: Answers) -> None:
    """Raise what bars not one record but the whole source, until a person acts."""
    for answer in answers:
        if isinstance(answer, SourceLocked):
            raise answer
    first = answers[0]
    # No description tells whether the user may transfer leads; that none can be written does.
    if first and len(answers) >= _TOO_MANY and all(answer and answer.code in NO_ACCESS for answer in answers):
        raise SourceLocked(f"{first}; perhaps the user lacks the permission Transfer Leads", first.code)


def bisected(
    records: Sequence[Any], send: Callable[[Sequence[Any]], Sequence[SourceError | None]]
) -> list[SourceError | None]:
    """The answers of a batch; one that is refused whole is halved until the bad record is alone."""
    try:
        return list(send(records))
    except SourceRefused as error:
        if len(records) == 1:
            return [error]
    middle = len(records) // 2
    return [*bisected(records[:middle], send), *bisected(records[middle:], send)]


def row_answers(rows: Any, count: int) -> Answers:
    """What a collections call answered, row by row."""
    if not isinstance(rows, list) or len(rows) != count:
        raise SourceBusy("Salesforce did not answer for every record of a batch")
    return [None if row.get("success") else row_error(row.get("errors")) for row in rows]


def _part_answer(part: Mapping[str, Any]) -> SourceError | None:
    status = part["httpStatusCode"]
    if 200 <= status < 300:
        return None
    if status == 412:
        return SourceBusy("a person or process changed the record meanwhile", CHANGED)
    if not first_error(part["body"])[0]:
        return SourceBusy(f"Salesforce answers {status} for a record of a batch")
    return row_error(part["body"])
