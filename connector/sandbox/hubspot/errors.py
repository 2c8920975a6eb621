"""HubSpot's error bodies, word for word where they were recorded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

VALIDATION = "VALIDATION_ERROR"

OAUTH_PAGE = "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
SCOPES_PAGE = "https://developers.hubspot.com/scopes"


class HubSpotError(Exception):
    """An answer that is not a success: a status and what its body says."""

    def __init__(
        self,
        status: int,
        message: str,
        category: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.headers = dict(headers or {})
        self.more = more

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The envelope around the message, its keys in HubSpot's order."""
        body = {"status": "error", "message": self.message, "correlationId": correlation_id, **self.more}
        if "policyName" in self.more:
            body["requestId"] = correlation_id
        return body | {"category": self.category} if self.category else body

    def entry(self, **context: Sequence[str]) -> dict[str, Any]:
        """The same error as one entry of a batch answer."""
        about = {**self.more.get("context", {}), **context}
        return {
            "status": "error",
            "category": self.category or VALIDATION,
            "message": self.message,
            "context": {name: list(values) for name, values in about.items()},
        }


@dataclass(frozen=True)
class Problem:
    """One property value that HubSpot does not take, with its code."""

    name: str
    code: str
    message: str


def invalid(message: str, **more: Any) -> HubSpotError:
    """400 with the category VALIDATION_ERROR."""
    return HubSpotError(400, message, VALIDATION, **more)


def invalid_properties(problems: Iterable[Problem], portal_id: int) -> HubSpotError:
    """400 whose message carries a JSON list of what is wrong with which property."""
    items = [
        {
            "isValid": False,
            "message": problem.message,
            "error": problem.code,
            "name": problem.name,
            "localizedErrorMessage": problem.message,
            "portalId": portal_id,
        }
        for problem in problems
    ]
    return invalid(f"Property values were not valid: {orjson.dumps(items).decode()}")


def unauthorized() -> HubSpotError:
    """401 for a missing or unknown token."""
    return HubSpotError(
        401,
        "Authentication credentials not found. This API supports OAuth 2.0 authentication "
        f"and you can find more details at {OAUTH_PAGE}",
        "INVALID_AUTHENTICATION",
    )


def expired(seconds: int) -> HubSpotError:
    """401 for an OAuth access token past its time."""
    return HubSpotError(
        401,
        f"The OAuth token used to make this call expired {seconds} second(s) ago.",
        "EXPIRED_AUTHENTICATION",
    )


def missing_scopes(scopes: Sequence[str]) -> HubSpotError:
    """403 that names the scopes, one of which would have been enough."""
    return HubSpotError(
        403,
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {SCOPES_PAGE}.",
        "MISSING_SCOPES",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(scopes)},
            }
        ],
        links={"scopes": SCOPES_PAGE},
    )


def not_found(record_id: str) -> HubSpotError:
    """404: a numeric id gives no category, any other text gives OBJECT_NOT_FOUND (two spaces and all)."""
    if record_id.isascii() and record_id.isdigit():
        return HubSpotError(404, "resource not found")
    return HubSpotError(
        404,
        "Object not found.  objectId are usually numeric.",
        "OBJECT_NOT_FOUND",
        context={"id": [record_id]},
    )


def conflict(record_id: int) -> HubSpotError:
    """409 for an e-mail address that another contact has; the id is only in the text."""
    return HubSpotError(409, f"Contact already exists. Existing ID: {record_id}", "CONFLICT")


def misshapen(wanted: str, found: str) -> HubSpotError:
    """400 for JSON that is well formed but of another shape than the endpoint takes."""
    return HubSpotError(
        400,
        f"Invalid input JSON on line 1, column 1: Cannot deserialize value of type `{wanted}` from {found}",
    )


def required(*names: str) -> HubSpotError:
    """400 for a body without a field that it must have."""
    return invalid(
        f"Invalid input JSON on line 1, column 2. Some required fields were not set: [{', '.join(names)}]"
    )


def missing_objects(singular: str, ids: Sequence[str]) -> dict[str, Any]:
    """The one entry of a batch answer that lists every id that was not found."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {singular.upper()} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        "context": {"ids": list(ids)},
    }
