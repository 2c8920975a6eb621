"""Amounts and counts, where there is one way to read them."""

from decimal import Decimal

import pytest

from connector.routing.normal.money import Rates, converted, money
from connector.routing.normal.numerals import count


@pytest.mark.parametrize(
    ("text", "country", "amount", "currency"),
    [
        ("1.234,50 €", None, "1234.50", "EUR"),
        ("1,234.50 EUR", None, "1234.50", "EUR"),
        ("€ 12 500.50", None, "12500.50", "EUR"),
        ("1.234 EUR", None, "1234", "EUR"),
        ("USD 12k", None, "12000", "USD"),
        ("usd12K", None, "12000", "USD"),
        ("12k€", None, "12000", "EUR"),
        ("£1.5m", None, "1500000", "GBP"),
        ("2,5 Mio. EUR", None, "2500000", "EUR"),
        ("TEUR 50", None, "50000", "EUR"),
        ("50 T€", None, "50000", "EUR"),
        ("10-20k EUR", None, "10000", "EUR"),
        ("$50k", "US", "50000", "USD"),
        ("$50k", "AU", "50000", "AUD"),
        ("$50k", "DE", "50000", "USD"),
        ("A$ 5,000", "DE", "5000", "AUD"),
        ("kr 500", "SE", "500", "SEK"),
        ("¥1,000,000", "JP", "1000000", "JPY"),
        ("Rs. 5,00,000", "IN", "500000", "INR"),
        ("CHF 1'234.50", None, "1234.50", "CHF"),
        ("1,234", None, "1234", None),
        ("12000", None, "12000", None),
        ("try 500", None, "500", None),
        ("-500 EUR", None, "-500", "EUR"),
    ],
)
def test_an_amount_is_read_with_its_currency(
    text: str, country: str | None, amount: str, currency: str | None
) -> None:
    assert money(text, country) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        *(("1.234", None), ("1.234 KWD", None), ("$50k", None), ("kr 500", None), ("¥1000", None)),
        *(
            ("USD 5 or EUR 6", None),
            ("1.2.3 €", None),
            ("2024-01-05", None),
            ("1e400", None),
            ("9" * 40, None),
        ),
        *(("", None), ("EUR", None), ("many", None), ("12 34", None), ("9" * 10_000_000, None)),
    ],
)
def test_what_can_be_read_in_two_ways_is_none(text: str, country: str | None) -> None:
    assert money(text, country) is None


def test_an_amount_is_converted_by_the_admins_rates_or_missing() -> None:
    rates: Rates = {"USD": 0.92, "JPY": Decimal("0.006")}
    assert converted(Decimal(12000), "USD", "EUR", rates) == 11040
    assert converted(Decimal("33.33"), "USD", "EUR", rates) == 30.66
    assert converted(Decimal(1000), "JPY", "EUR", rates) == 6
    assert converted(Decimal(5), "EUR", "EUR", rates) == 5
    assert converted(Decimal(5), None, "EUR", rates) == 5
    assert converted(Decimal(5), "USD", None, rates) == 5
    assert converted(Decimal(5), "GBP", "EUR", rates) is None
    assert converted(Decimal(10) ** 15, "USD", "EUR", {"USD": 10**6}) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,200", 1200),
        ("1.200", 1200),
        ("1 200", 1200),
        ("12.5", 12.5),
        ("51-200", 51),
        ("51 to 200", 51),
        ("10+ employees", 10),
        ("about 40", 40),
        ("1,000 - 5,000", 1000),
        ("5k", 5000),
        ("-5", None),
        ("many", None),
        ("1_000", None),
        ("1.2.3", None),
    ],
)
def test_a_count_is_read_at_its_lower_end(text: str, number: float | None) -> None:
    assert count(text) == number
