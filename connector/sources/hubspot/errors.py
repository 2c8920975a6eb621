"""HubSpot's zoo of answers, translated once."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import urllib3

from connector.sources.base import SourceBusy, SourceError, SourceLocked, SourceRefused
from connector.sources.errors import unreachable

_LONGEST_WAIT = timedelta(minutes=15)
_BUSY = frozenset({408, 423, 425, 429, 477, 500, 502, 503, 504, 520, 521, 523, 524, 527, 530})
_LOCKED = frozenset({401, 403, 522, 525, 526})
_PAUSES = {
    "TEN_SECONDLY_ROLLING": timedelta(seconds=10),
    "SECONDLY": timedelta(seconds=1),
    # Until midnight in the account's time zone, which no answer tells.
    "DAILY": _LONGEST_WAIT,
}
_OF_THE_MAPPING = ("PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE")


def translated(error: Exception) -> SourceError:
    """A client library's exception as one of ours; its modules share no base class, so by shape."""
    status = getattr(error, "status", None)
    if isinstance(status, int) and status:
        return _by_status(status, getattr(error, "body", "") or "", getattr(error, "headers", None) or {})
    if isinstance(error, urllib3.exceptions.HTTPError | OSError) or _is_tls(error):
        return unreachable("HubSpot", error.__context__ or error)
    if isinstance(error, ValueError):
        return SourceBusy("HubSpot gave an answer that cannot be read")
    raise error


def _is_tls(error: Exception) -> bool:
    """The client stumbles over its own exception for a failed handshake, which has no body."""
    return isinstance(error, AttributeError) and getattr(error.__context__, "status", None) == 0


def _by_status(status: int, body: str | bytes, headers: Mapping[str, str]) -> SourceError:
    told = _told(body)
    category = str(told.get("category") or told.get("policyName") or told.get("errorType") or "")
    text = str(told.get("message", ""))
    message = f"HubSpot answers {status} {category}: {text}{_scopes(told)}".strip(": ")
    if status in _LOCKED or _about_mapping(text):
        return SourceLocked(message, category or str(status))
    if status in _BUSY:
        return SourceBusy(message, category or str(status), _wait(told, headers))
    if status == 404 and not told:
        # HubSpot words its own; the page of a web server means that the path does not exist.
        return SourceLocked("HubSpot has no such path; is api_version supported, and base_url right?", "404")
    return SourceRefused(message, category or str(status), gone=status == 404)


def _about_mapping(message: str) -> bool:
    return any(f'"error":"{code}"' in message for code in _OF_THE_MAPPING)


def _scopes(told: Mapping[str, Any]) -> str:
    """The permissions that a 403 asks for, any one of which would do."""
    contexts = [entry.get("context") or {} for entry in told.get("errors") or () if isinstance(entry, dict)]
    names = [
        name
        for context in contexts
        for key in ("requiredScopes", "requiredGranularScopes")
        for name in context.get(key) or ()
    ]
    return f" One of these scopes is missing: {', '.join(names)}" if names else ""


def _wait(told: Mapping[str, Any], headers: Mapping[str, str]) -> timedelta | None:
    named = _retry_after(headers)
    if named is not None:
        return min(named, timedelta(days=1))
    # Search refuses without naming its policy; it counts by the second.
    policy = str(told.get("policyName") or ("SECONDLY" if told.get("category") == "RATE_LIMITS" else ""))
    return _PAUSES.get(policy)


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    named = headers.get("Retry-After", "")
    if named.isdigit():
        return timedelta(seconds=int(named))
    try:
        then, now = parsedate_to_datetime(named), parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return max(then - now, timedelta())


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """HubSpot's clock as an answer tells it."""
    try:
        return parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None


def _told(body: str | bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def row_error(entry: Mapping[str, Any]) -> SourceError:
    """What one entry of a batch answer's `errors` means."""
    category = str(entry.get("category", ""))
    text = str(entry.get("message", ""))
    message = f"HubSpot says {category}: {text}"
    if _about_mapping(text):
        return SourceLocked(message, category)
    if category == "OBJECT_NOT_FOUND":
        return SourceRefused(message, category, gone=True)
    if category in ("RATE_LIMITS", "INTERNAL_ERROR", "CONFLICT", "LOCKED"):
        return SourceBusy(message, category)
    return SourceRefused(message, category)


def for_a_person(error: SourceRefused) -> SourceLocked:
    """A question that HubSpot refuses will be refused again: the config asks for what is not there."""
    return SourceLocked(str(error), error.code)
