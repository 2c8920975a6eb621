"""What to do about a write that HubSpot refused, by its category or by what it says of a property."""

from collections.abc import Mapping

from connector.sources.base import SourceError, fix_for

FIXES: Mapping[str, str] = {
    "VALIDATION_ERROR": (
        "correct the property that the message names, on the record or in [crm.NAME.write]; then retry"
    ),
    "NOT_TAKEN": (
        "HubSpot moves this property in one direction only; map another one in [crm.NAME.write], or clear "
        "it on the record; then retry"
    ),
    "CONFLICT": "another record holds the same unique value; merge the two in HubSpot, then retry",
    "MISSING_SCOPES": (
        "give the app the scope that the message names, and put its new token in place; then retry"
    ),
    "READ_ONLY_VALUE": "map a property that can be edited in [crm.NAME.write]; then retry",
    "PROPERTY_DOESNT_EXIST": (
        "create the property that the message names (Settings, Properties), or correct its name in "
        "[crm.NAME.write]; then retry"
    ),
}
OF_A_PROPERTY: Mapping[str, str] = {
    "INVALID_OPTION": (
        "add the value that the message names to the property's options (Settings, Properties), or map a "
        "text property; then retry"
    ),
    "INVALID_EMAIL": "correct the e-mail address on the record; then retry",
    "INVALID_INTEGER": "map a property of a fitting type in [crm.NAME.write]; then retry",
    "INVALID_LONG": "map a property of a fitting type in [crm.NAME.write]; then retry",
    "INVALID_FLOAT": "map a property of a fitting type in [crm.NAME.write]; then retry",
    "INVALID_DATE": "map a property of a fitting type in [crm.NAME.write]; then retry",
    "INVALID_OWNER_ID": "activate the owner in HubSpot, or name another one in the config; then retry",
    "PROPERTY_DOESNT_EXIST": FIXES["PROPERTY_DOESNT_EXIST"],
    "READ_ONLY_VALUE": FIXES["READ_ONLY_VALUE"],
}


def fix(error: SourceError) -> str:
    """A validation error names in its message what is wrong with which property."""
    named = (sentence for code, sentence in OF_A_PROPERTY.items() if f'"error":"{code}"' in str(error))
    return next(named, None) or fix_for(error, FIXES)
