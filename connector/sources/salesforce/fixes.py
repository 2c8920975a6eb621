"""What to do about a write that Salesforce refused, by its code."""

from collections.abc import Mapping

FIXES: Mapping[str, str] = {
    "CANNOT_UPDATE_CONVERTED_LEAD": (
        "give the integration user the permission View and Edit Converted Leads (Setup, Permission Sets, "
        "App Permissions); then retry"
    ),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": (
        "correct the record so that the validation rule holds, or let the rule pass for the integration "
        "user (Setup, Object Manager, Lead, Validation Rules); then retry"
    ),
    "FIELD_FILTER_VALIDATION_EXCEPTION": (
        "widen the lookup filter of the field that the message names, or fill it with a record that the "
        "filter lets through; then retry"
    ),
    "FIELD_INTEGRITY_EXCEPTION": (
        "correct the value that the message names on the record, often state and country that do not go "
        "together; then retry"
    ),
    "REQUIRED_FIELD_MISSING": (
        "fill the fields that the message names on the record, or stop requiring them; then retry"
    ),
    "STRING_TOO_LONG": (
        "lengthen the field that the message names (Setup, Object Manager, Lead, Fields), or map another "
        "one in [crm.NAME.write]; then retry"
    ),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": (
        "add the value that the message names to the picklist, or take the restriction off it, or map a "
        "text field; then retry"
    ),
    "INVALID_TYPE_ON_FIELD_IN_RECORD": "map a field of a fitting type in [crm.NAME.write]; then retry",
    "JSON_PARSER_ERROR": "map a field of a fitting type in [crm.NAME.write]; then retry",
    "NUMBER_OUTSIDE_VALID_RANGE": (
        "give the number field more digits (Setup, Object Manager, Lead, Fields); then retry"
    ),
    "INVALID_EMAIL_ADDRESS": "correct the e-mail address on the record; then retry",
    "DUPLICATES_DETECTED": (
        "merge the duplicate, or let the duplicate rule pass for the integration user (Setup, Duplicate "
        "Rules); then retry"
    ),
    "DUPLICATE_VALUE": (
        "a field that must be unique holds the same value on the record that the message names; correct "
        "one of them, then retry"
    ),
    "INACTIVE_OWNER_OR_USER": (
        "activate the user in Salesforce, or name another owner in the config; then retry"
    ),
    "OP_WITH_INVALID_USER_TYPE_EXCEPTION": (
        "the owner's licence may not own leads (Chatter-only, high-volume portal); name a standard or "
        "partner user in the config, then retry"
    ),
    "TRANSFER_REQUIRES_READ": "give the new owner's profile Read on Lead; then retry",
    "INVALID_OPERATION": (
        "add Lead (and Task, if a flow makes tasks for the new owner) to the queue's objects in Setup, "
        "Queues; then retry"
    ),
    "INVALID_CROSS_REFERENCE_KEY": (
        "the owner or partner record is no longer there; restore it, or name another one in the config, "
        "then retry"
    ),
    "INSUFFICIENT_ACCESS": (
        "share the record with the integration user for editing (role, sharing rule, or Modify All on "
        "Lead); then retry"
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": (
        "share the record with the integration user for editing (role, sharing rule, or Modify All on "
        "Lead); then retry"
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": (
        "share the partner's record with the integration user for reading, and give it Transfer Record; "
        "then retry"
    ),
    "FUNCTIONALITY_NOT_ENABLED": "switch the feature that the message names on in Setup; then retry",
    "ENTITY_IS_LOCKED": "an approval process holds the record; finish or recall the approval, then retry",
    "UNABLE_TO_LOCK_ROW": "something keeps changing the same record or its account; let it end, then retry",
    "CANNOT_EXECUTE_FLOW_TRIGGER": (
        "a flow fails when the record is saved; mend it (Setup, Flows), then retry"
    ),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": (
        "an Apex trigger fails when the record is saved; mend it, then retry"
    ),
    "INVALID_FIELD": (
        "create the field that the message names, or let the integration user see and edit it (field- "
        "level security); then retry"
    ),
    "INVALID_FIELD_FOR_INSERT_UPDATE": (
        "let the integration user edit the field that the message names (field-level security), or map "
        "another one; then retry"
    ),
    "STORAGE_LIMIT_EXCEEDED": "free data storage in the org; then retry",
    "MALFORMED_ID": (
        "correct the value that should be a record id, often of a lookup that is mapped; then retry"
    ),
    "MISSING_ARGUMENT": "fill what the message names on the record; then retry",
}
