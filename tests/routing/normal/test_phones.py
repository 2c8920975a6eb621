"""Telephone numbers as networks dial them."""

import pytest

from connector.routing.normal.phones import e164


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("030 12345678", "DE", "+493012345678"),
        ("+49 (0)30 12345678", None, "+493012345678"),
        ("0049 30 1234567", "DE", "+49301234567"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("415-555-2671 ext. 12", "US", "+14155552671"),
        ("+43 699 123 456 78", "DE", "+4369912345678"),
        ("4930123456.0", "DE", "+4930123456"),
    ],
)
def test_a_number_is_dialled_with_its_countrys_code(text: str, country: str | None, number: str) -> None:
    assert e164(text, country) == number


@pytest.mark.parametrize(
    ("text", "country"),
    [
        *(("030 12345678", None), ("030 12345678", "XX"), ("12345", "DE"), ("n/a", "DE"), ("", "DE")),
        *(("+1 555 555 5555", "US"), ("0" * 10_000_000, "DE"), ("\x00", "DE"), ("tel:", "DE")),
    ],
)
def test_what_cannot_be_dialled_is_none(text: str, country: str | None) -> None:
    assert e164(text, country) is None
