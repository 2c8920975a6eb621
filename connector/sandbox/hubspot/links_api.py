"""Associations v4 and its date-based form."""

from collections.abc import Sequence
from typing import Any

from connector.sandbox.hubspot import writes
from connector.sandbox.hubspot.batch_api import answer
from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.errors import HubSpotError, invalid, not_found, required
from connector.sandbox.hubspot.kinds import LEADS, Kind, kind_named
from connector.sandbox.hubspot.links import HUBSPOT_DEFINED, USER_DEFINED, LinkType
from connector.sandbox.hubspot.records import Record
from connector.sandbox.hubspot.shapes import is_whole, number, text, thing, things

MAX_READ, MAX_CREATE, MAX_PAGE = 1000, 2000, 500
Ends = Sequence[tuple[int, list[LinkType]]]


def batch_read(call: Call) -> Answer:
    """POST …/associations/{from}/{to}/batch/read; `toObjectId` is a number here and nowhere else."""
    target = _target(call)
    results, lost = [], []
    for each in call.inputs(MAX_READ):
        key = text(each.get("id"))
        record = call.table.find(key)
        ends = call.portal.links.of(call.kind.type_id, record.id, target.type_id) if record else []
        if ends:
            results.append({"from": {"id": key}, **_page_of(call, ends, text(each.get("after"), "0"))})
        else:
            lost.append(key)
    errors = [_no_associations(call, target, key) for key in lost]
    return answer(call, 200, results, errors)


def _page_of(call: Call, ends: Ends, after: str) -> dict[str, Any]:
    if not is_whole(after):
        raise invalid(f"Invalid paging token: {after}")
    limit = call.portal.settings.association_page
    page = [end for end in ends if end[0] >= int(after)]
    body: dict[str, Any] = {"to": [_end(*each) for each in page[:limit]]}
    return body | {"paging": {"next": {"after": str(page[limit][0])}}} if len(page) > limit else body


def _no_associations(call: Call, target: Kind, key: str) -> dict[str, Any]:
    message = f"No {target.singular} is associated with {call.kind.singular} {key}."
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": message,
        "context": {"fromObjectId": [key]},
    }


def _end(to_id: int, types: Sequence[LinkType]) -> dict[str, Any]:
    return {"toObjectId": to_id, "associationTypes": [_type_body(each) for each in types]}


def _type_body(each: LinkType) -> dict[str, Any]:
    return {"category": each.category, "typeId": each.id, "label": each.label}


def get_page(call: Call) -> Answer:
    """GET …/objects/{type}/{id}/associations/{to}."""
    record, target = writes.existing(call.table, call.params["id"]), _target(call)
    limit, after = call.whole("limit", 500, MAX_PAGE), call.query.get("after", "0")
    ends = call.portal.links.of(call.kind.type_id, record.id, target.type_id)
    if not is_whole(after):
        raise invalid(f"Invalid paging token: {after}")
    page = [end for end in ends if end[0] >= int(after)]
    body: dict[str, Any] = {"results": [_end(*each) for each in page[:limit]]}
    if len(page) > limit:
        body["paging"] = {"next": {"after": str(page[limit][0])}}
    return Answer(200, body)


def put_one(call: Call) -> Answer:
    """PUT …/objects/{type}/{id}/associations/{to}/{to_id} with a bare list of types."""
    record, other = _both(call)
    if not isinstance(call.json, list) or not call.json:
        raise HubSpotError(
            400,
            "Invalid input JSON on line 1, column 1: Cannot deserialize value of type "
            "`java.util.HashSet<com.hubspot.inbounddb.associations.base.AssociationSpec>` "
            "from Object value (token `JsonToken.START_OBJECT`)",
        )
    return Answer(201, _pair(call, record.id, other.id, _link(call, record.id, other.id, things(call.json))))


def put_default(call: Call) -> Answer:
    """PUT …/objects/{type}/{id}/associations/default/{to}/{to_id}: unlabelled, both directions told."""
    record, other = _both(call)
    return Answer(200, _default_answer(call, [_link_plain(call, record.id, other.id)]))


def remove_one(call: Call) -> Answer:
    """DELETE …/objects/{type}/{id}/associations/{to}/{to_id}."""
    record, other = _both(call)
    call.portal.links.remove(call.kind.type_id, record.id, _target(call).type_id, other.id)
    _archive_lonely_lead(call, record)
    return Answer(204)


def batch_create(call: Call) -> Answer:
    """POST …/associations/{from}/{to}/batch/create: labels that are sent replace those that were there."""
    results, errors = [], []
    for each in call.inputs(MAX_CREATE):
        try:
            record, other = _pair_of(call, each)
            linked = _link(call, record.id, other.id, things(each.get("types")))
            results.append(_pair(call, record.id, other.id, linked))
        except HubSpotError as error:
            errors.append(error.entry())
    return answer(call, 201, results, errors)


def batch_default(call: Call) -> Answer:
    """POST …/associations/{from}/{to}/batch/associate/default."""
    pairs = [_pair_of(call, each) for each in call.inputs(MAX_CREATE)]
    return Answer(200, _default_answer(call, [_link_plain(call, one.id, other.id) for one, other in pairs]))


def batch_archive(call: Call) -> Answer:
    """POST …/associations/{from}/{to}/batch/archive; 204 on v4, 200 on a date."""
    target = _target(call)
    for each in call.inputs(MAX_CREATE):
        for end in things(each.get("to")):
            from_id, to_id = _end_id(each.get("from")), _end_id(end)
            call.portal.links.remove(call.kind.type_id, from_id, target.type_id, to_id)
    return _gone(call)


def batch_archive_labels(call: Call) -> Answer:
    """POST …/associations/{from}/{to}/batch/labels/archive."""
    for each in call.inputs(MAX_CREATE):
        types = [_known(call, one) for one in things(each.get("types"))]
        call.portal.links.remove_types(_end_id(each.get("from")), _end_id(each.get("to")), types)
    return _gone(call)


def _end_id(raw: Any) -> int:
    if raw is None:
        raise required("from", "to")
    return number(thing(raw).get("id"))


def _gone(call: Call) -> Answer:
    if not call.dated:
        return Answer(204)
    return answer(call, 200, [], [])


def labels(call: Call) -> Answer:
    """GET …/associations/{from}/{to}/labels."""
    types = call.portal.links.types[call.kind.type_id, _target(call).type_id]
    return Answer(200, {"results": [_type_body(each) for each in types]})


def create_label(call: Call) -> Answer:
    """POST …/associations/{from}/{to}/labels: one type id for each direction."""
    label, name = call.body.get("label"), call.body.get("name")
    if not label or not name:
        raise required("label", "name")
    source, target = call.kind.type_id, _target(call).type_id
    made = call.portal.links.add_label(source, target, text(label), text(call.body.get("inverseLabel")))
    return Answer(200, {"results": [_type_body(each) for each in made]})


def _target(call: Call) -> Kind:
    return kind_named(call.params["to"])


def _both(call: Call) -> tuple[Record, Record]:
    target = call.portal.table(_target(call))
    return writes.existing(call.table, call.params["id"]), writes.existing(target, call.params["to_id"])


def _pair_of(call: Call, each: dict[str, Any]) -> tuple[Record, Record]:
    ends = [each.get(name) for name in ("from", "to")]
    if not all(isinstance(end, dict) and end.get("id") for end in ends):
        raise required("from", "to")
    keys = [text(end["id"]) for end in ends if end]
    tables = (call.table, call.portal.table(_target(call)))
    for key, table in zip(keys, tables, strict=True):
        if table.find(key) is None:
            raise not_found(key)
    return writes.existing(tables[0], keys[0]), writes.existing(tables[1], keys[1])


def _link(call: Call, from_id: int, to_id: int, raw: Sequence[dict[str, Any]]) -> list[LinkType]:
    types = [_known(call, each) for each in raw]
    if not types:
        raise required("types")
    return call.portal.links.put(from_id, to_id, types)


def _known(call: Call, raw: dict[str, Any]) -> LinkType:
    source, target = call.kind.type_id, _target(call).type_id
    category, type_id = (
        text(raw.get("associationCategory"), HUBSPOT_DEFINED),
        number(raw.get("associationTypeId")),
    )
    known = call.portal.links.known(source, target, category, type_id)
    if known is None:
        raise invalid(f"{type_id} is not a valid association type between {source} and {target}")
    return known


def _link_plain(call: Call, from_id: int, to_id: int) -> tuple[int, int, LinkType]:
    source, target = call.kind.type_id, _target(call).type_id
    plain = call.portal.links.plain(source, target)
    if plain is None:
        raise invalid(f"No default association type between {source} and {target}")
    call.portal.links.put(from_id, to_id, [plain])
    return from_id, to_id, plain


def _pair(call: Call, from_id: int, to_id: int, types: Sequence[LinkType]) -> dict[str, Any]:
    return {
        "fromObjectTypeId": call.kind.type_id,
        "fromObjectId": from_id,
        "toObjectTypeId": _target(call).type_id,
        "toObjectId": to_id,
        "labels": [each.label for each in types if each.label and each.category == USER_DEFINED],
    }


def _default_answer(call: Call, made: Sequence[tuple[int, int, LinkType]]) -> dict[str, Any]:
    results = []
    for from_id, to_id, each in made:
        results.append(_default_pair(from_id, to_id, each.id))
        results.append(_default_pair(to_id, from_id, each.back))
    return answer(call, 200, results, []).body  # type: ignore[no-any-return]


def _default_pair(from_id: int, to_id: int, type_id: int) -> dict[str, Any]:
    spec = {"associationCategory": HUBSPOT_DEFINED, "associationTypeId": type_id}
    return {"from": {"id": str(from_id)}, "to": {"id": str(to_id)}, "associationSpec": spec}


def _archive_lonely_lead(call: Call, record: Record) -> None:
    """HubSpot deletes a lead with the last of its primary associations."""
    if call.kind is not LEADS:
        return
    ends = call.portal.links.ends(call.kind.type_id, record.id)
    if not any(target in ("0-1", "0-2") for target, _, _ in ends):
        writes.archive(call.portal, call.table, record)
