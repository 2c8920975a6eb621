"""One field as describe tells it: what its type, its flags and its references make of it."""

from typing import Any

from connector.sandbox.salesforce.schema import DECIMALS, IDS, TEXT, Field

SOAP_TYPES = {
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "id": "tns:ID",
    "reference": "tns:ID",
    "address": "urn:address",
}
# What is the same for every field that the org has.
ALWAYS: dict[str, Any] = {
    **dict.fromkeys(
        ("aiPredictionField", "autoNumber", "calculated", "cascadeDelete", "caseSensitive"), False
    ),
    **dict.fromkeys(("dependentPicklist", "deprecatedAndHidden", "displayLocationInDecimal"), False),
    **dict.fromkeys(("encrypted", "formulaTreatNullNumberAsZero", "highScaleNumber", "htmlFormatted"), False),
    **dict.fromkeys(("restrictedDelete", "writeRequiresMasterRead"), False),
    **dict.fromkeys(("calculatedFormula", "compoundFieldName", "controllerName", "defaultValueFormula")),
    **dict.fromkeys(("extraTypeInfo", "filteredLookupInfo", "inlineHelpText", "mask", "maskType")),
    **dict.fromkeys(("referenceTargetField", "relationshipOrder")),
}


def described(one: Field) -> dict[str, Any]:
    """All that describe tells of a field."""
    named = {"name": one.name, "label": one.label, "custom": one.custom, "permissionable": one.custom}
    told = ALWAYS | named | _by_type(one) | _by_flags(one) | _by_reference(one)
    return dict(sorted(told.items()))


def _by_type(one: Field) -> dict[str, Any]:
    is_text, is_number = one.type in TEXT or one.type in IDS, one.type in DECIMALS
    is_plain = one.type not in ("textarea", "address") and not one.has("X")
    return {
        "aggregatable": is_plain and one.type != "boolean",
        "byteLength": one.length * (3 if one.type in TEXT else 1) if is_text else 0,
        "defaultValue": False if one.type == "boolean" else None,
        "digits": one.length if one.type == "int" else 0,
        "filterable": one.stored and not one.has("X"),
        "groupable": is_plain and not is_number and one.type != "datetime",
        "length": one.length if is_text else 0,
        "picklistValues": [_choice(value) for value in one.values],
        "precision": one.length if is_number else 0,
        "queryByDistance": one.type == "address",
        "scale": one.scale,
        "searchPrefilterable": one.type == "reference",
        "soapType": SOAP_TYPES.get(one.type, "xsd:string"),
        "sortable": one.stored and not one.has("X") and one.type != "multipicklist",
        "type": one.type,
    }


def _choice(value: str) -> dict[str, Any]:
    return {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value}


def _by_flags(one: Field) -> dict[str, Any]:
    return {
        "createable": one.has("C"),
        "defaultedOnCreate": one.has("D"),
        "externalId": one.has("E"),
        "idLookup": one.has("I") or one.has("E"),
        "nameField": one.has("A"),
        "nillable": one.has("N"),
        "restrictedPicklist": one.has("R"),
        "unique": one.has("Q"),
        "updateable": one.has("U"),
    }


def _by_reference(one: Field) -> dict[str, Any]:
    return {
        "namePointing": len(one.refers_to) > 1,
        "polymorphicForeignKey": len(one.refers_to) > 1,
        "referenceTo": list(one.refers_to),
        "relationshipName": one.relationship or None,
    }
