"""Postal codes, whole again."""

import pytest

from connector.routing.normal.postcodes import postcode


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("1067", "DE", "01067"),
        ("1067.0", "DE", "01067"),
        ("D-01067", "DE", "01067"),
        ("2134", "US", "02134"),
        ("501", "US", "00501"),
        ("2134-1234", "US", "02134-1234"),
        ("1000", "FR", "01000"),
        ("800", "AU", "0800"),
        ("10", "NO", "0010"),
        ("sw1a1aa", "GB", "SW1A 1AA"),
        ("SW1A  1AA", "GB", "SW1A 1AA"),
        ("gy1-1aa", "GG", "GY1 1AA"),
        ("1011ab", "NL", "1011 AB"),
        ("k1a0b1", "CA", "K1A 0B1"),
        ("a65f4e2", "IE", "A65 F4E2"),
        ("CH-8001", "CH", "8001"),
        ("11455", "SE", "114 55"),
        ("950", "PL", "00-950"),
        ("1000000", "BR", "01000-000"),
        ("10010", "JP", "001-0010"),
        ("ab 12", None, "AB 12"),
        ("12345", "XX", "12345"),
    ],
)
def test_a_code_is_as_its_country_writes_it(text: str, country: str | None, code: str) -> None:
    assert postcode(text, country) == code
    assert postcode(code, country) == code


@pytest.mark.parametrize(
    ("text", "country"),
    [
        *(
            ("67", "DE"),
            ("106700", "DE"),
            ("0", "DE"),
            ("00000", "DE"),
            ("SW1A 1AA", "DE"),
            ("\u0661\u0660" * 2, "DE"),
        ),
        *(
            ("SW1A", "GB"),
            ("D1A0B1", "CA"),
            ("0000 AA", "NL"),
            ("", "DE"),
            ("none", None),
            ("1" * 10_000_000, "US"),
        ),
    ],
)
def test_what_the_country_does_not_write_is_none(text: str, country: str | None) -> None:
    assert postcode(text, country) is None
