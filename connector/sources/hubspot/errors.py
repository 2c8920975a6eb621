"""HubSpot's zoo of answers, translated once."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import urllib3

from connector.sources.base import SourceBusy, SourceError, SourceLocked, SourceRefused

_LONGEST_WAIT = timedelta(minutes=15)
_BUSY = frozenset({408, 423, 429, 477, 500, 502, 503, 504, 520, 521, 523, 524})
_LOCKED = frozenset({401, 403, 522, 525, 526})


def translated(error: Exception) -> SourceError:
    """A client library's exception as one of ours; its modules share no base class, so by shape."""
    status = getattr(error, "status", None)
    if isinstance(status, int):
        return _by_status(status, getattr(error, "body", "") or "", getattr(error, "headers", None) or {})
    if isinstance(error, urllib3.exceptions.HTTPError | OSError):
        return SourceBusy(f"HubSpot cannot be reached ({type(error).__name__})")
    if isinstance(error, ValueError):
        return SourceBusy("HubSpot gave an answer that cannot be read")
    raise error


def _by_status(status: int, body: str | bytes, headers: Mapping[str, str]) -> SourceError:
    told = _told(body)
    category = str(told.get("category") or told.get("policyName") or told.get("errorType") or "")
    message = f"HubSpot answers {status} {category}: {told.get('message', '')}".strip(": ")
    if status in _LOCKED:
        return SourceLocked(message, category)
    if status in _BUSY:
        return SourceBusy(message, category, _wait(told, headers))
    return SourceRefused(message, category, gone=status == 404)


def _wait(told: Mapping[str, Any], headers: Mapping[str, str]) -> timedelta | None:
    named = headers.get("Retry-After", "")
    if named.isdigit():
        return timedelta(seconds=int(named))
    policy = told.get("policyName")
    if policy == "DAILY":
        return _LONGEST_WAIT
    return timedelta(seconds=10) if policy == "TEN_SECONDLY_ROLLING" else None


def _told(body: str | bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def row_error(entry: Mapping[str, Any]) -> SourceError:
    """What one entry of a batch answer's `errors` means."""
    category = str(entry.get("category", ""))
    message = f"HubSpot says {category}: {entry.get('message', '')}"
    if category == "OBJECT_NOT_FOUND":
        return SourceRefused(message, category, gone=True)
    if category in ("RATE_LIMITS", "INTERNAL_ERROR", "CONFLICT"):
        return SourceBusy(message, category)
    return SourceRefused(message, category)
