"""Composite and batch requests: up to 25 requests in one."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connector.sandbox.salesforce.api.call import Call, Reply
from connector.sandbox.salesforce.errors import SalesforceError, bad_json, not_found

MOST = 25
MOST_QUERIES = 5
INHERITED = ("accept", "authorization", "content-type")
REFERENCE = re.compile(r"@\{([^}]*)\}")
HALTED = {
    "errorCode": "PROCESSING_HALTED",
    "message": "The transaction was rolled back since another operation in the same transaction failed.",
}

Dispatch = Callable[[Call], Reply]


class Composite:
    """Runs the requests within a request through the same routes as those from outside."""

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch

    def composite(self, call: Call) -> Reply:
        """Requests that may refer to the answers before them; all or none if asked."""
        body = call.record()
        parts = _parts(body, "compositeRequest")
        _check_references(parts)
        answers: list[dict[str, Any]] = []
        try:
            with call.org.store.all_or_none():
                known: dict[str, Any] = {}
                for part in parts:
                    answers.append(self._one(call, part, known))
                if body.get("allOrNone") and any(each["httpStatusCode"] >= 400 for each in answers):
                    raise _RolledBack
        except _RolledBack:
            answers = [each if each["httpStatusCode"] >= 400 else _halted(each) for each in answers]
        return Reply(200, {"compositeResponse": answers})

    def batch(self, call: Call) -> Reply:
        """Requests that know nothing of each other; each counts as a call of its own."""
        body = call.record()
        parts = _parts(body, "batchRequests")
        call.org.limits.count(len(parts) - 1, call.org.settings.daily_api_calls)
        results: list[dict[str, Any]] = []
        for part in parts:
            address = "/services/data/" + str(part.get("url", "")).lstrip("/")
            reply = self._dispatch(_sub_call(call, part, address, part.get("richInput"), {}))
            results.append({"statusCode": reply.status, "result": reply.body})
            if reply.status >= 400 and body.get("haltOnError"):
                break
        return Reply(
            200, {"hasErrors": any(each["statusCode"] >= 400 for each in results), "results": results}
        )

    def _one(self, call: Call, part: Mapping[str, Any], known: dict[str, Any]) -> dict[str, Any]:
        reference = str(part["referenceId"])
        try:
            address = str(_filled(part.get("url", ""), known))
            given = _filled(part.get("body"), known)
            reply = self._attempt(_sub_call(call, part, address, given, _headers_of(part)))
        except SalesforceError as error:
            reply = Reply(error.status, [error.fault.whole()])
        if reply.status < 400:
            known[reference] = reply.body
        return {
            "body": reply.body,
            "httpHeaders": dict(reply.headers),
            "httpStatusCode": reply.status,
            "referenceId": reference,
        }

    def _attempt(self, call: Call) -> Reply:
        with call.org.store.all_or_none():
            return self._dispatch(call)


class _RolledBack(Exception):
    """Leaves a transaction whose requests were to succeed together."""


def _halted(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "body": [HALTED], "httpHeaders": {}, "httpStatusCode": 400}


def _parts(body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    parts = body.get(name)
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts) or not parts:
        raise bad_json(f"The property {name} must be an array of requests.")
    if len(parts) > MOST:
        message = f"The request can't contain more than {MOST} operations"
        raise SalesforceError("LIMIT_EXCEEDED", message)
    queries = sum(
        "/query" in str(part.get("url", "")) or "/composite/sobjects" in str(part.get("url", ""))
        for part in parts
    )
    if name == "compositeRequest" and queries > MOST_QUERIES:
        message = (
            f"The request can't contain more than {MOST_QUERIES} query or sObject Collections operations"
        )
        raise SalesforceError("LIMIT_EXCEEDED", message)
    return parts


def _check_references(parts: list[dict[str, Any]]) -> None:
    names = [str(part.get("referenceId", "")) for part in parts]
    bad = next((name for name in names if not re.fullmatch(r"[A-Za-z0-9_]+", name)), None)
    if bad is not None:
        raise bad_json(f"The referenceId is required and may hold letters, digits and underscores: '{bad}'")
    if len(set(names)) < len(names):
        raise bad_json("The referenceId of each request must be its own.")


def _headers_of(part: Mapping[str, Any]) -> dict[str, str]:
    given = part.get("httpHeaders") or {}
    if not isinstance(given, dict):
        raise bad_json("The property httpHeaders must be an object.")
    headers = {name.lower(): str(value) for name, value in given.items()}
    taken = [name for name in INHERITED if name in headers]
    if taken:
        raise bad_json(f"The header {taken[0]} cannot be set in a subrequest.")
    return headers


def _sub_call(
    call: Call, part: Mapping[str, Any], address: str, body: Any, headers: Mapping[str, str]
) -> Call:
    try:
        parts = urlsplit(address)
    except ValueError:
        raise not_found() from None
    inherited = {name: call.headers[name] for name in INHERITED if name in call.headers}
    return replace(
        call,
        method=str(part.get("method", "GET")).upper(),
        path=parts.path,
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers={**inherited, **headers},
        body=body,
        parameters={},
        is_part=True,
    )


def _filled(given: Any, known: Mapping[str, Any]) -> Any:
    """A value with `@{reference.path}` replaced by what an earlier answer held there."""
    if isinstance(given, dict):
        return {name: _filled(value, known) for name, value in given.items()}
    if isinstance(given, list):
        return [_filled(value, known) for value in given]
    if not isinstance(given, str):
        return given
    whole = REFERENCE.fullmatch(given)
    if whole is not None:
        return _looked_up(whole[1], known)
    return REFERENCE.sub(lambda match: str(_looked_up(match[1], known)), given)


def _looked_up(path: str, known: Mapping[str, Any]) -> Any:
    at: Any = known
    for step in re.findall(r"[^.\[\]]+", path):
        try:
            at = at[int(step)] if isinstance(at, list) else at[step]
        except (KeyError, IndexError, TypeError, ValueError):
            message = f"Invalid reference specified. No value for {path} found"
            raise SalesforceError("PROCESSING_HALTED", message) from None
    return at
