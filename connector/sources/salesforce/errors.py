"""Salesforce's zoo of codes, translated once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import requests
from simple_salesforce.exceptions import SalesforceError

from connector.sources.base import SourceBusy, SourceError, SourceLocked, SourceRefused

_GONE = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND", "CANNOT_UPDATE_CONVERTED_LEAD"})
_LOCKED = frozenset(
    {
        "INVALID_SESSION_ID",
        "INVALID_FIELD",
        "INVALID_TYPE",
        "MALFORMED_QUERY",
        "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
    }
)
_BUSY = frozenset(
    {
        "UNABLE_TO_LOCK_ROW",
        "SERVER_UNAVAILABLE",
        "QUERY_TIMEOUT",
        "TOO_MANY_APEX_REQUESTS",
        "REQUEST_RUNNING_TOO_LONG",
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
        "API_TEMPORARILY_UNAVAILABLE",
        "UNKNOWN_EXCEPTION",
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        "ENTITY_IS_LOCKED",
    }
)
_DAILY_LIMIT_PAUSE = timedelta(minutes=15)


def by_code(code: str, message: str) -> SourceError:
    """What a Salesforce error code means for us."""
    told = f"Salesforce says {code}: {message.strip()}"
    if code == "REQUEST_LIMIT_EXCEEDED":
        # "TotalRequests" is the rolling 24 hours of the whole org; the other variants pass in seconds.
        return SourceBusy(told, code, _DAILY_LIMIT_PAUSE if "TotalRequests" in message else None)
    if code in _GONE:
        return SourceRefused(told, code, gone=True)
    if code in _LOCKED:
        return SourceLocked(told, code)
    return SourceBusy(told, code) if code in _BUSY else SourceRefused(told, code)


def translated(error: Exception) -> SourceError:
    """A client library's exception as one of ours."""
    if isinstance(error, SalesforceError):
        return _from_library(error)
    if isinstance(error, requests.RequestException | ConnectionError):
        return SourceBusy(f"Salesforce cannot be reached ({type(error).__name__})")
    if isinstance(error, ValueError | KeyError | TypeError):
        # The library reads error pages of proxies as JSON and stumbles.
        return SourceBusy(f"Salesforce gave an answer that cannot be read ({type(error).__name__})")
    raise error


def _from_library(error: SalesforceError) -> SourceError:
    code, message = first_error(error.content)
    if error.status in (408, 420, 429, 500, 502, 503, 504) and code in ("", "UNKNOWN_EXCEPTION"):
        return SourceBusy(f"Salesforce answers {error.status}", code)
    if not code and error.status in (401, 403):
        return SourceLocked(f"Salesforce, or something in front of it, answers {error.status}")
    if not code:
        return SourceRefused(f"Salesforce answers {error.status}", str(error.status))
    return by_code(code, message)


def first_error(content: Any) -> tuple[str, str]:
    """Code and message of an error body of any of the shapes that Salesforce uses."""
    item = content[0] if isinstance(content, list) and content else content
    if not isinstance(item, Mapping):
        return "", ""
    code = item.get("errorCode") or item.get("statusCode") or item.get("error") or ""
    return str(code), str(item.get("message") or item.get("error_description") or "")
