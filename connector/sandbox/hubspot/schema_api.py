"""Owners, property definitions and pipelines."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.definitions import FIELD_TYPES, Option, Property
from connector.sandbox.hubspot.errors import HubSpotError, invalid, required
from connector.sandbox.hubspot.pipelines import STAGES, Pipeline, Stage
from connector.sandbox.hubspot.shapes import is_whole, number, text, thing, things

MAX_OWNERS = 500
NEEDED = ("name", "label", "type", "fieldType", "groupName")
CLOSING = ("0", "0.0", "1", "1.0")


def owners(call: Call) -> Answer:
    """GET …/owners: live ones, or with archived=true those who left."""
    limit, after = call.whole("limit", 100, MAX_OWNERS), call.query.get("after", "0")
    if not is_whole(after):
        raise invalid(f"Invalid paging token: {after}")
    email = call.query.get("email", "").lower()
    matching = [
        owner
        for owner in call.portal.owners
        if owner.archived is call.flag("archived")
        and int(owner.id) > int(after)
        and email in ("", owner.email.lower())
    ]
    answer: dict[str, Any] = {"results": [owner.body() for owner in matching[:limit]]}
    if len(matching) > limit:
        last = matching[limit - 1].id
        link = f"https://api.hubapi.com{call.path}?limit={limit}&after={last}"
        answer["paging"] = {"next": {"after": last, "link": link}}
    return Answer(200, answer)


def owner(call: Call) -> Answer:
    """GET …/owners/{id}, by id or by user id."""
    key, owners = call.params["id"], call.portal.owners
    found = owners.by_user_id(key) if call.query.get("idProperty") == "userId" else owners.by_id(key)
    if found is None or found.archived is not call.flag("archived"):
        raise HubSpotError(404, "resource not found")
    return Answer(200, found.body())


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
        raise HubSpotError(
            404,
            f"Property {call.params['name']} does not exist",
            "OBJECT_NOT_FOUND",
            subCategory="PropertyValidationError.PROPERTY_DOESNT_EXIST",
        )
    return definition


def create_property(call: Call) -> Answer:
    """POST …/properties/{type}."""
    definition = _defined(call, call.body)
    call.table.properties[definition.name] = definition
    if definition.unique:
        call.table.unique[definition.name] = {}
    return Answer(201, definition.body())


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
    del call.table.properties[definition.name]
    call.table.unique.pop(definition.name, None)
    return Answer(204)


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


def pipelines(call: Call) -> Answer:
    """GET …/pipelines/{type}."""
    return Answer(200, {"results": [each.body() for each in call.portal.pipelines[call.kind.name].values()]})


def get_pipeline(call: Call) -> Answer:
    """GET …/pipelines/{type}/{id}."""
    return Answer(200, _pipeline(call).body())


def stages(call: Call) -> Answer:
    """GET …/pipelines/{type}/{id}/stages."""
    return Answer(200, {"results": _pipeline(call).body()["stages"]})


def _pipeline(call: Call) -> Pipeline:
    pipeline = call.portal.pipelines[call.kind.name].get(call.params["id"])
    if pipeline is None:
        raise HubSpotError(404, "resource not found", "OBJECT_NOT_FOUND")
    return pipeline


def create_pipeline(call: Call) -> Answer:
    """POST …/pipelines/{type}."""
    body = call.body
    if call.kind.name not in STAGES:
        raise invalid(f"{call.kind.type_id} has no pipelines")
    if not body.get("label") or body.get("stages") is None:
        raise required("label", "stages")
    pipeline_id = text(body.get("pipelineId")) or str(call.table.new_id())
    pipeline = Pipeline(pipeline_id, text(body["label"]), number(body.get("displayOrder")), call.now)
    for each in things(body["stages"]):
        stage = _stage(call, each)
        pipeline.stages[stage.id] = stage
    call.portal.add_pipeline(call.kind, pipeline)
    return Answer(201, pipeline.body())


def create_stage(call: Call) -> Answer:
    """POST …/pipelines/{type}/{id}/stages."""
    pipeline, stage = _pipeline(call), _stage(call, call.body)
    pipeline.stages[stage.id] = stage
    call.portal.refresh_stages(call.kind)
    return Answer(201, stage.body())


def _stage(call: Call, body: Mapping[str, Any]) -> Stage:
    metadata = {name: text(value) for name, value in thing(body.get("metadata") or {}).items()}
    if not body.get("label"):
        raise required("label")
    if call.kind.name == "deals":
        if "probability" not in metadata:
            raise invalid("Deal stages must have a probability between 0.0 and 1.0 in their metadata")
        metadata["isClosed"] = str(metadata["probability"] in CLOSING).lower()
    stage_id = text(body.get("stageId")) or str(call.table.new_id())
    return Stage(stage_id, text(body["label"]), number(body.get("displayOrder")), metadata, call.now)
