"""What the API tells about itself and about the org: versions, resources, limits, objects."""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.salesforce.api import rows
from connector.sandbox.salesforce.api.call import Call, Reply
from connector.sandbox.salesforce.api.field_describe import described
from connector.sandbox.salesforce.errors import no_access
from connector.sandbox.salesforce.schema import Schema, SObject, children_of

OLDEST, NEWEST = 31, 68
RESOURCES = ("sobjects", "query", "queryAll", "limits", "composite")


def versions() -> list[dict[str, str]]:
    """The versions of the API; three a year since Spring '14 (30.0)."""
    return [
        {"label": _label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(OLDEST, NEWEST + 1)
    ]


def _label(number: int) -> str:
    years, season = divmod(number - 30, 3)
    return f"{('Spring', 'Summer', 'Winter')[season]} '{14 + years + (season == 2)}"


def resources(call: Call) -> Reply:
    """The resources of one version."""
    return Reply(200, {name: f"{call.root}/{name}" for name in RESOURCES})


def limits(call: Call) -> Reply:
    """What is left of the org's daily limits."""
    if not call.org.permissions_of(call.session.user_id).view_setup:
        raise no_access("This user needs the permission View Setup and Configuration.")
    most = call.org.settings.daily_api_calls
    calls = {"Max": most, "Remaining": max(0, most - call.org.limits.used)}
    return Reply(200, {"DailyApiRequests": calls, "DailyBulkApiBatches": {"Max": 15000, "Remaining": 15000}})


def record_count(call: Call) -> Reply:
    """How many records there are of each object asked for."""
    asked = [name for name in call.query.get("sObjects", "").lower().split(",") if name]
    schema = call.org.seen_by(call.session.user_id)
    found = [one for name, one in sorted(schema.items()) if not asked or name in asked]
    return Reply(200, {"sObjects": [{"count": call.org.count(one), "name": one.name} for one in found]})


def everything(call: Call) -> Reply:
    """All objects in short."""
    schema = call.org.seen_by(call.session.user_id)
    listed = [{**_flags(one), "urls": _urls(call, one)} for one in schema.values()]
    return Reply(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})


def basic(call: Call) -> Reply:
    """One object in short."""
    one = rows.seen_object(call)
    return Reply(200, {"objectDescribe": {**_flags(one), "urls": _urls(call, one)}, "recentItems": []})


def one_object(call: Call) -> Reply:
    """One object with its fields, record types and children."""
    sobject = rows.seen_object(call)
    schema = call.org.seen_by(call.session.user_id)
    return Reply(
        200,
        {
            **_flags(sobject),
            "actionOverrides": [],
            "childRelationships": _children(schema, sobject),
            "fields": [described(one) for one in sobject],
            "recordTypeInfos": _record_types(call, sobject),
            "supportedScopes": [{"label": f"All {sobject.plural.lower()}", "name": "everything"}],
            "urls": _urls(call, sobject),
        },
    )


def _flags(sobject: SObject) -> dict[str, Any]:
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": sobject.has("C"),
        "custom": sobject.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": sobject.has("D"),
        "deprecatedAndHidden": False,
        "feedEnabled": sobject.has("M"),
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "layoutable": sobject.has("S"),
        "mergeable": sobject.has("M"),
        "mruEnabled": sobject.has("S"),
        "name": sobject.name,
        "queryable": True,
        "replicateable": sobject.has("R"),
        "retrieveable": True,
        "searchable": sobject.has("S"),
        "triggerable": sobject.has("S"),
        "undeletable": sobject.has("D") and sobject.field("IsDeleted") is not None,
        "updateable": sobject.has("U"),
    }


def _urls(call: Call, sobject: SObject) -> dict[str, str]:
    root = f"{call.root}/sobjects/{sobject.name}"
    return {"sobject": root, "describe": f"{root}/describe", "rowTemplate": f"{root}/{{ID}}"}


def _record_types(call: Call, sobject: SObject) -> list[Mapping[str, Any]]:
    default = call.org.default_record_types.get(sobject.name)
    infos = [
        _record_type(call, sobject, str(row["Id"]), str(row["DeveloperName"]), str(row["Name"]), default)
        for row in call.org.store.find("RecordType", SobjectType=sobject.name)
    ]
    return [*infos, _record_type(call, sobject, "012000000000000AAA", "Master", "Master", default)]


def _record_type(
    call: Call, sobject: SObject, record_type: str, developer_name: str, name: str, default: str | None
) -> Mapping[str, Any]:
    master = developer_name == "Master"
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": record_type == default or (master and default is None),
        "developerName": developer_name,
        "master": master,
        "name": name,
        "recordTypeId": record_type,
        "urls": {"layout": f"{call.root}/sobjects/{sobject.name}/describe/layouts/{record_type}"},
    }


def _children(schema: Schema, sobject: SObject) -> list[Mapping[str, Any]]:
    return [
        {
            "cascadeDelete": False,
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": one.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": name or None,
            "restrictedDelete": False,
        }
        for name, child, one in children_of(schema, sobject)
    ]
