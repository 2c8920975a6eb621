"""getUpdated and getDeleted: which records changed or went within a span of time."""

from connector.sandbox.salesforce.api import rows
from connector.sandbox.salesforce.api.call import Call, Reply
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.store import quoted
from connector.sandbox.salesforce.times import parse_moment, shown

DAY = 86_400
UPDATED_DAYS, DELETED_DAYS = 30, 15
MOST_IDS = 600_000


def updated(call: Call) -> Reply:
    """Ids of records that were made or changed and are still there."""
    start, end = _span(call, UPDATED_DAYS, at_least=1)
    ids = [record_id for record_id, _ in _found(call, start, end, is_deleted=0)]
    return Reply(200, {"ids": ids, "latestDateCovered": shown(_covered(call, end))})


def deleted(call: Call) -> Reply:
    """Ids of records that went to the recycle bin."""
    start, end = _span(call, DELETED_DAYS, at_least=61)
    gone = [
        {"id": record_id, "deletedDate": shown(stamp)}
        for record_id, stamp in _found(call, start, end, is_deleted=1)
    ]
    earliest = shown(call.org.stamp() - DELETED_DAYS * DAY)
    covered = shown(_covered(call, end))
    return Reply(
        200, {"deletedRecords": gone, "earliestDateAvailable": earliest, "latestDateCovered": covered}
    )


def _found(call: Call, start: int, end: int, is_deleted: int) -> list[tuple[str, int]]:
    sobject = rows.seen_object(call)
    if not sobject.has("R") or (is_deleted and sobject.field("IsDeleted") is None):
        raise SalesforceError("INVALID_TYPE", f"object type '{sobject.name}' is not replicateable")
    stamp = "SystemModstamp" if sobject.field("SystemModstamp") else "CreatedDate"
    alive = f'AND "IsDeleted" = {is_deleted}' if sobject.field("IsDeleted") else ""
    found = call.org.store.run(
        f'SELECT "Id", "{stamp}" FROM {quoted(sobject.name)} '  # noqa: S608
        f'WHERE "{stamp}" >= ? AND "{stamp}" < ? {alive} ORDER BY 2, 1',
        (start, end),
    ).fetchall()
    if len(found) > MOST_IDS:
        raise SalesforceError("EXCEEDED_ID_LIMIT", f"More than {MOST_IDS} ids would be answered.")
    return found


def _span(call: Call, days: int, at_least: int) -> tuple[int, int]:
    try:
        start, end = (parse_moment(call.query.get(name, "")) // 60 * 60 for name in ("start", "end"))
    except ValueError:
        message = "start and end must be dates with times, such as 2026-01-02T03:04:05+00:00"
        raise SalesforceError("INVALID_REPLICATION_DATE", message) from None
    now = call.org.stamp()
    if end - start < at_least:
        raise SalesforceError("INVALID_REPLICATION_DATE", "startDate before endDate")
    if start < now - days * DAY:
        raise SalesforceError(
            "INVALID_REPLICATION_DATE", "startDate before org creation date or too long ago"
        )
    return start, min(end, now)


def _covered(call: Call, end: int) -> int:
    """Up to where the answer is complete: not beyond the start of a transaction that is still open."""
    return min([end, *(transaction.began for transaction in call.org.transactions)])
