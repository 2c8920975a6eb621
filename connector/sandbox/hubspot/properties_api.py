"""Property definitions and their groups."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connector.sandbox.hubspot.batch_api import answer
from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.definitions import FIELD_TYPES, Option, Property
from connector.sandbox.hubspot.errors import HubSpotError, invalid, required
from connector.sandbox.hubspot.shapes import text, things

NEEDED = ("name", "label", "type", "fieldType", "groupName")


def properties(call: Call) -> Answer:
    """GET …/properties/{type}."""
    found = sorted(call.table.properties.values(), key=lambda each: each.name)
    return Answer(200, {"results": [_dated(call, each).body() for each in found]})


def get_property(call: Call) -> Answer:
    """GET …/properties/{type}/{name}."""
    return Answer(200, _dated(call, _property(call)).body())


def _dated(call: Call, definition: Property) -> Property:
    at = definition.created_at or call.table.created_at
    return replace(definition, created_at=at, updated_at=definition.updated_at or at)


def _property(call: Call) -> Property:
    definition = call.table.properties.get(call.params["name"])
    if definition is None:
        raise _unknown(call.params["name"])
    return definition


def _unknown(name: str) -> HubSpotError:
    return HubSpotError(
        404,
        f"Property {name} does not exist",
        "OBJECT_NOT_FOUND",
        subCategory="PropertyValidationError.PROPERTY_DOESNT_EXIST",
        context={"name": [name]},
    )


def batch_read(call: Call) -> Answer:
    """POST …/properties/{type}/batch/read."""
    names = [text(each.get("name")) for each in call.inputs()]
    known = [call.table.properties[name] for name in names if name in call.table.properties]
    errors = [_unknown(name).entry() for name in names if name not in call.table.properties]
    return answer(call, 200, [_dated(call, each).body() for each in known], errors)


def batch_create(call: Call) -> Answer:
    """POST …/properties/{type}/batch/create: what is there already is an error of its own."""
    results, errors = [], []
    for each in call.inputs():
        try:
            results.append(_declare(call, _defined(call, each)).body())
        except HubSpotError as error:
            errors.append(error.entry())
    return answer(call, 201, results, errors)


def batch_archive(call: Call) -> Answer:
    """POST …/properties/{type}/batch/archive."""
    for each in call.inputs():
        definition = call.table.properties.get(text(each.get("name")))
        if definition is not None and not definition.hubspot_defined:
            _forget(call, definition)
    return Answer(204)


def create_property(call: Call) -> Answer:
    """POST …/properties/{type}."""
    return Answer(201, _declare(call, _defined(call, call.body)).body())


def _declare(call: Call, definition: Property) -> Property:
    call.table.properties[definition.name] = definition
    if definition.unique:
        call.table.unique[definition.name] = {}
    return definition


def _defined(call: Call, body: Mapping[str, Any]) -> Property:
    missing = [name for name in NEEDED if not body.get(name)]
    if missing:
        raise required(*missing)
    name, label, kind, field_type, group = (text(body[name]) for name in NEEDED)
    if name in call.table.properties:
        raise HubSpotError(
            409,
            f"A property named '{name}' already exists.",
            "OBJECT_ALREADY_EXISTS",
            context={"name": [name]},
        )
    if not name[0].isalpha() or not name.replace("_", "").isalnum() or name != name.lower():
        raise invalid(f"Property name {name} must be lower case and start with a letter")
    if field_type not in FIELD_TYPES.get(kind, ()):
        raise invalid(f"Invalid fieldType {field_type} for type {kind}")
    if group not in call.table.groups:
        raise invalid(f"Property group {group} does not exist")
    return Property(
        name,
        label,
        kind,
        field_type,
        group,
        _options(body.get("options")),
        unique=bool(body.get("hasUniqueValue")),
        hubspot_defined=False,
        description=text(body.get("description")),
        created_at=call.now,
        updated_at=call.now,
    )


def _options(raw: Any) -> tuple[Option, ...]:
    if any("value" not in each for each in things(raw)):
        raise required("value")
    return tuple(
        Option(text(each["value"]), text(each.get("label"), text(each["value"])), bool(each.get("hidden")))
        for each in things(raw)
    )


def update_property(call: Call) -> Answer:
    """PATCH …/properties/{type}/{name}: label, description, group or options; never name or type."""
    definition, body = _property(call), call.body
    changed = replace(
        definition,
        label=text(body.get("label"), definition.label),
        description=text(body.get("description"), definition.description),
        group=text(body.get("groupName"), definition.group),
        options=_options(body["options"]) if body.get("options") else definition.options,
        updated_at=call.now,
    )
    call.table.properties[changed.name] = changed
    return Answer(200, _dated(call, changed).body())


def archive_property(call: Call) -> Answer:
    """DELETE …/properties/{type}/{name}: HubSpot's own cannot go."""
    definition = _property(call)
    if definition.hubspot_defined:
        raise invalid(f"{definition.name} is a HubSpot defined property and cannot be archived")
    _forget(call, definition)
    return Answer(204)


def _forget(call: Call, definition: Property) -> None:
    del call.table.properties[definition.name]
    call.table.unique.pop(definition.name, None)


def groups(call: Call) -> Answer:
    """GET …/properties/{type}/groups."""
    return Answer(200, {"results": [_group(name, label) for name, label in call.table.groups.items()]})


def create_group(call: Call) -> Answer:
    """POST …/properties/{type}/groups."""
    name, label = call.body.get("name"), call.body.get("label")
    if not name or not label:
        raise required("name", "label")
    call.table.groups[text(name)] = text(label)
    return Answer(201, _group(text(name), text(label)))


def _group(name: str, label: str) -> dict[str, Any]:
    return {"name": name, "label": label, "displayOrder": -1, "archived": False}
