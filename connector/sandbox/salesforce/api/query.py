"""SOQL over HTTP: query, queryAll, and the pages after the first."""

from connector.sandbox.salesforce.api.call import Call, Reply
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.queries import Page

SMALLEST_BATCH, LARGEST_BATCH = 200, 2000


def query(call: Call) -> Reply:
    """Rows that are not deleted."""
    return _first(call, with_deleted=False)


def query_all(call: Call) -> Reply:
    """Rows, deleted ones included."""
    return _first(call, with_deleted=True)


def more(call: Call) -> Reply:
    """The page that a locator leads to."""
    return _reply(call, call.org.queries.more(call.parameters["locator"], _size(call)))


def _first(call: Call, *, with_deleted: bool) -> Reply:
    soql = call.query.get("q")
    if soql is None:
        raise SalesforceError("MALFORMED_QUERY", "SOQL query is required in the parameter q.")
    page = call.org.queries.first(soql, call.context(with_deleted=with_deleted), _size(call))
    return _reply(call, page)


def _reply(call: Call, page: Page) -> Reply:
    body: dict[str, object] = {"totalSize": page.total, "done": page.locator is None}
    if page.locator is not None:
        body["nextRecordsUrl"] = f"{call.root}/query/{page.locator}"
    return Reply(200, {**body, "records": page.records})


def _size(call: Call) -> int:
    """Rows a page: what the client asked for within bounds, and never more than the org gives."""
    return min(_asked(call.headers.get("sforce-query-options", "")), max(1, call.org.settings.page_size))


def _asked(options: str) -> int:
    for option in options.split(","):
        name, _, number = option.partition("=")
        if name.strip().lower() == "batchsize" and number.strip().isdigit():
            return min(max(int(number), SMALLEST_BATCH), LARGEST_BATCH)
    return LARGEST_BATCH
