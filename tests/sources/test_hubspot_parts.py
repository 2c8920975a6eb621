"""Paths, errors and values of the HubSpot port that need no server."""

from types import SimpleNamespace
from typing import Any

import pytest
import urllib3

from connector.sources.base import SourceBusy, SourceError, SourceLocked, SourceRefused
from connector.sources.hubspot.errors import row_error, translated
from connector.sources.hubspot.versions import versioned
from connector.sources.mapping import same_value


@pytest.mark.parametrize(
    ("path", "dated"),
    [
        ("/crm/v3/objects/contacts/search", "/crm/objects/2026-03/contacts/search"),
        ("/crm/v3/objects/contacts/batch/update", "/crm/objects/2026-03/contacts/batch/update"),
        ("/crm/v3/owners/", "/crm/owners/2026-03"),
        ("/crm/v3/properties/{objectType}", "/crm/properties/2026-03/{objectType}"),
        ("/crm/v4/associations/a/b/batch/read", "/crm/associations/2026-03/a/b/batch/read"),
        ("/oauth/v1/token", "/oauth/2026-03/token"),
    ],
)
def test_paths_take_the_form_of_the_configured_version(path: str, dated: str) -> None:
    assert versioned(path, "2026-03") == dated
    assert versioned(path, "v3") == path


class Failure(Exception):
    """The shape that the client's many exception classes share."""

    def __init__(self, status: int, body: str = "{}", **headers: str):
        self.status, self.body, self.headers = status, body, headers


@pytest.mark.parametrize(
    ("error", "expected", "wait"),
    [
        (Failure(429, '{"policyName": "TEN_SECONDLY_ROLLING"}'), SourceBusy, 10),
        (Failure(429, '{"policyName": "DAILY"}'), SourceBusy, 900),
        (Failure(429, '{"category": "RATE_LIMITS"}'), SourceBusy, 1),
        (Failure(429, "{}", **{"Retry-After": "7"}), SourceBusy, 7),
        (Failure(502, "<html>cloudflare</html>"), SourceBusy, None),
        (Failure(423), SourceBusy, None),
        (Failure(401), SourceLocked, None),
        (Failure(403, '{"category": "MISSING_SCOPES"}'), SourceLocked, None),
        (Failure(400, '{"category": "VALIDATION_ERROR"}'), SourceRefused, None),
        (urllib3.exceptions.ProtocolError("reset"), SourceBusy, None),
        (ValueError("not json"), SourceBusy, None),
    ],
)
def test_every_failure_gets_one_of_three_meanings(
    error: Exception, expected: type[SourceError], wait: float | None
) -> None:
    found = translated(error)
    assert type(found) is expected
    if isinstance(found, SourceBusy):
        assert (found.retry_after.total_seconds() if found.retry_after else None) == wait


def test_what_is_no_failure_of_hubspot_is_not_hidden() -> None:
    with pytest.raises(AttributeError):
        translated(AttributeError("a mistake of ours"))


@pytest.mark.parametrize(
    ("category", "expected"),
    [("OBJECT_NOT_FOUND", SourceRefused), ("VALIDATION_ERROR", SourceRefused), ("RATE_LIMITS", SourceBusy)],
)
def test_rows_of_a_207_are_told_apart(category: str, expected: type[SourceError]) -> None:
    found = row_error({"category": category, "message": "m"})
    assert type(found) is expected
    assert getattr(found, "gone", False) == (category == "OBJECT_NOT_FOUND")


@pytest.mark.parametrize(
    ("wanted", "held", "same"),
    [
        (42, "42", True),
        (42, 42.0, True),
        (None, "", True),
        (True, "true", True),
        ("a", "A", False),
        (0, None, False),
        ("x", None, False),
    ],
)
def test_a_value_is_the_same_however_the_crm_spells_it(wanted: Any, held: Any, same: bool) -> None:
    assert same_value(wanted, held) is same


def test_the_shape_is_enough() -> None:
    assert isinstance(translated(SimpleNamespace(status=500, body=b"x", headers={})), SourceBusy)  # type: ignore[arg-type]
