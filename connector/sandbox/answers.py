"""How each CRM words an error that a fault makes it give: status, headers and body."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

import orjson

JSON = "application/json;charset=UTF-8"
HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(crm: str, path: str, status: int, params: Mapping[str, str], now: datetime) -> Answer:
    """What a CRM answers with this status; `params` may hold `reason` and `retry_after`."""
    if status >= 500:
        plain = _page(status)
    elif crm == "salesforce":
        plain = _salesforce(path, status, params.get("reason", ""))
    else:
        plain = _hubspot(path, status, params.get("reason", ""))
    headers = {**plain.headers, **_retry_after(params, now)}
    return Answer(plain.status, plain.body, plain.content_type, headers)


def _retry_after(params: Mapping[str, str], now: datetime) -> dict[str, str]:
    """`retry_after=5` is in seconds; `retry_after=date:5` is the same as an HTTP date."""
    given = params.get("retry_after", "")
    if given.startswith("date:"):
        then = now + timedelta(seconds=float(given.removeprefix("date:")))
        return {"Retry-After": format_datetime(then, usegmt=True)}
    return {"Retry-After": given} if given else {}


_TITLES = {
    429: "Too Many Requests",
    477: "Migration in Progress",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Time-out",
    524: "A timeout occurred",
}


def _page(status: int) -> Answer:
    title = f"{status} {_TITLES.get(status, 'Error')}"
    text = (
        f"<html><head><title>{title}</title></head>\n<body><center><h1>{title}</h1></center></body></html>\n"
    )
    return Answer(status, text.encode(), HTML)


_SALESFORCE = {
    (401, ""): ("INVALID_SESSION_ID", "Session expired or invalid"),
    (403, ""): ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    (403, "concurrent"): ("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
    (403, "permission"): ("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"),
    (423, ""): ("ENTITY_IS_LOCKED", "This record is locked. If you need to edit it, contact your admin."),
}


def _salesforce(path: str, status: int, reason: str) -> Answer:
    if path.endswith("/oauth2/token"):
        return _json(400, {"error": "invalid_grant", "error_description": "authentication failure"})
    known = _SALESFORCE.get((status, reason)) or _SALESFORCE.get((status, ""))
    if known is None:
        return _page(status)
    code, message = known
    return _json(status, [{"message": message, "errorCode": code}])


_CORRELATION = {"correlationId": "5b1d3c1e-0000-4000-8000-00000000fa17"}
_HUBSPOT = {
    (401, ""): {
        "status": "error",
        "message": "Authentication credentials not found. This API supports OAuth 2.0 authentication and you "
        "can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        **_CORRELATION,
        "category": "INVALID_AUTHENTICATION",
    },
    (401, "expired"): {
        "status": "error",
        "message": "The OAuth token used to make this call expired 7 second(s) ago.",
        **_CORRELATION,
        "category": "EXPIRED_AUTHENTICATION",
    },
    (403, ""): {
        "status": "error",
        "message": "This app hasn't been granted all required scopes to make this call. Read more about "
        "required scopes here: https://developers.hubspot.com/scopes.",
        **_CORRELATION,
        "errors": [
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredScopes": ["crm.objects.contacts.write"]},
            }
        ],
        "links": {"scopes": "https://developers.hubspot.com/scopes"},
        "category": "MISSING_SCOPES",
    },
    (423, ""): {
        "status": "error",
        "message": "The resource is locked.",
        **_CORRELATION,
        "category": "LOCKED",
    },
    (477, ""): {
        "status": "error",
        "message": "This account is being migrated between data centres.",
        **_CORRELATION,
        "category": "MIGRATION_IN_PROGRESS",
    },
    (429, "search"): {
        "status": "error",
        "message": "You have reached your secondly limit.",
        **_CORRELATION,
        "category": "RATE_LIMITS",
    },
}
_POLICIES = {"": "TEN_SECONDLY_ROLLING", "secondly": "SECONDLY", "daily": "DAILY"}


def _hubspot(path: str, status: int, reason: str) -> Answer:
    if status == 429 and not reason and path.rstrip("/").endswith("/search"):
        reason = "search"
    if status == 429 and reason != "search":
        return _told(429, _rate_limit(_POLICIES.get(reason, _POLICIES[""])))
    body = _HUBSPOT.get((status, reason)) or _HUBSPOT.get((status, ""))
    return _page(status) if body is None else _told(status, body)


def _told(status: int, body: object) -> Answer:
    """HubSpot tells the correlation id twice."""
    plain = _json(status, body)
    correlation = {"X-HubSpot-Correlation-Id": _CORRELATION["correlationId"]}
    return Answer(status, plain.body, "application/json;charset=utf-8", correlation)


def _rate_limit(policy: str) -> dict[str, object]:
    name = "daily" if policy == "DAILY" else policy.lower()
    return {
        "status": "error",
        "message": f"You have reached your {name} limit.",
        "errorType": "RATE_LIMIT",
        **_CORRELATION,
        "policyName": policy,
        "groupName": "publicapi:private-apps:api-calls",
    }


def _json(status: int, body: object) -> Answer:
    return Answer(status, orjson.dumps(body))
