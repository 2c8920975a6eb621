"""The `associations` that a create brings along."""

from collections.abc import Iterable
from typing import Any

from connector.sandbox.hubspot.call import Call
from connector.sandbox.hubspot.errors import HubSpotError, invalid
from connector.sandbox.hubspot.kinds import LEADS, kind_named
from connector.sandbox.hubspot.links import HUBSPOT_DEFINED, LinkType
from connector.sandbox.hubspot.records import Record
from connector.sandbox.hubspot.shapes import Object, is_whole, number, text, things

Wanted = list[tuple[int, list[LinkType]]]


def understand(call: Call, raw: Any) -> Wanted:
    """The associations to make, checked before anything is written."""
    wanted = [_one(call, each) for each in things(raw)]
    if call.kind is LEADS and not any(types[0].target in ("0-1", "0-2") for _, types in wanted):
        raise invalid("A lead must be associated with a contact or a company when it is created.")
    return wanted


def _one(call: Call, raw: Object) -> tuple[int, list[LinkType]]:
    to, types = raw.get("to"), things(raw.get("types"))
    to_id = text(to.get("id") if isinstance(to, dict) else to)
    if not is_whole(to_id) or not types:
        raise _bad_associations()
    known = [_type(call, each) for each in types]
    target = call.portal.table(kind_named(known[0].target))
    if target.find(to_id) is None:
        raise _bad_associations()
    return int(to_id), known


def _type(call: Call, raw: Object) -> LinkType:
    wanted = (raw.get("associationCategory", HUBSPOT_DEFINED), number(raw.get("associationTypeId")))
    for (source, _), types in call.portal.links.types.items():
        for each in types if source == call.kind.type_id else ():
            if (each.category, each.id) == wanted:
                return each
    raise _bad_associations()


def _bad_associations() -> HubSpotError:
    return invalid("One or more associations are invalid")


def link(call: Call, record: Record, wanted: Iterable[tuple[int, list[LinkType]]]) -> None:
    """Make the associations of a record that now exists."""
    for to_id, types in wanted:
        call.portal.links.put(record.id, to_id, types)
