"""Salesforce's zoo of codes, translated once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import requests
from simple_salesforce.exceptions import SalesforceError

from connector.sources.base import SourceBusy, SourceError, SourceLocked, SourceRefused
from connector.sources.errors import unreachable

CHANGED = "CHANGED"
"""The code of a write that was refused because the record changed since we looked."""

_GONE = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND", "CANNOT_UPDATE_CONVERTED_LEAD"})
_LOCKED = frozenset(
    {
        "INVALID_SESSION_ID",
        "INVALID_FIELD",
        "INVALID_TYPE",
        "MALFORMED_QUERY",
        "API_DISABLED_FOR_ORG",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "STORAGE_LIMIT_EXCEEDED",
        "UNSUPPORTED_API_VERSION",
        "CLIENT_NOT_ACCESSIBLE_FOR_USER",
        "TXN_SECURITYNO_ACCESS",
    }
)
NO_ACCESS = frozenset(
    {
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "FUNCTIONALITY_NOT_ENABLED",
    }
)
"""For one record its sharing; for a whole call a missing permission."""
_REFUSED = NO_ACCESS | frozenset(
    {
        "DUPLICATES_DETECTED",
        "DUPLICATE_VALUE",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "FIELD_FILTER_VALIDATION_EXCEPTION",
        "FIELD_INTEGRITY_EXCEPTION",
        "INACTIVE_OWNER_OR_USER",
        "INVALID_CROSS_REFERENCE_KEY",
        "INVALID_EMAIL_ADDRESS",
        "INVALID_OPERATION",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        "JSON_PARSER_ERROR",
        "MALFORMED_ID",
        "MISSING_ARGUMENT",
        "NUMBER_OUTSIDE_VALID_RANGE",
        "OP_WITH_INVALID_USER_TYPE_EXCEPTION",
        "REQUIRED_FIELD_MISSING",
        "STRING_TOO_LONG",
        "TRANSFER_REQUIRES_READ",
    }
)
_PASSING_STATUS = frozenset({406, 408, 420, 423, 429})
_LASTING_STATUS = frozenset({401, 403, 410, 414, 431})
_DAILY_LIMIT_PAUSE = timedelta(minutes=15)


def by_code(code: str, message: str, wait: timedelta | None = None) -> SourceError:
    """What a Salesforce error code means for one record.

    A code that nobody listed is worth trying again: who tries gives up after so many times, and a person
    then sees the code.
    """
    told = f"Salesforce says {code}: {' '.join(message.split())}"
    if code == "REQUEST_LIMIT_EXCEEDED":
        # "TotalRequests" is the rolling 24 hours of the whole org; the other variants pass in seconds.
        return SourceBusy(told, code, wait or (_DAILY_LIMIT_PAUSE if "TotalRequests" in message else None))
    if code in _GONE:
        return SourceRefused(told, code, gone=True)
    if code in _LOCKED:
        return SourceLocked(told, code)
    return SourceRefused(told, code) if code in _REFUSED else SourceBusy(told, code, wait)


def row_error(errors: Any) -> SourceError:
    """What the `errors` of one row of an answer mean."""
    return by_code(*first_error(errors))


def translated(error: Exception, wait: timedelta | None = None) -> SourceError:
    """A client library's exception as one of ours; `wait` is the answer's Retry-After."""
    if isinstance(error, SalesforceError):
        return _from_library(error, wait)
    if isinstance(error, requests.RequestException | ConnectionError):
        return unreachable("Salesforce", error)
    if isinstance(error, ValueError | KeyError | TypeError):
        # The library reads error pages of proxies as JSON and stumbles.
        return SourceBusy(f"Salesforce gave an answer that cannot be read ({type(error).__name__})")
    raise error


def _from_library(error: SalesforceError, wait: timedelta | None) -> SourceError:
    code, message = first_error(error.content)
    if code in NO_ACCESS:
        return SourceLocked(f"Salesforce says {code}: {message}; the user lacks a permission", code)
    if code and code != "UNKNOWN_EXCEPTION":
        return by_code(code, message, wait)
    if error.status in _PASSING_STATUS or error.status >= 500 or code:
        return SourceBusy(f"Salesforce answers {error.status}", code, wait)
    if error.status in _LASTING_STATUS:
        return SourceLocked(f"Salesforce, or something in front of it, answers {error.status}")
    return SourceRefused(f"Salesforce answers {error.status}", str(error.status))


def first_error(content: Any) -> tuple[str, str]:
    """Code and message of an error body of any of the shapes that Salesforce uses."""
    item = content[0] if isinstance(content, list) and content else content
    if not isinstance(item, Mapping):
        return "", ""
    code = item.get("errorCode") or item.get("statusCode") or item.get("error") or ""
    return str(code), str(item.get("message") or item.get("error_description") or "")
