"""How long a text may be and still be read, and how large a number, to the character and the unit."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from connector.routing.normal import (
    companies,
    countries,
    domains,
    emails,
    industries,
    languages,
    numerals,
    phones,
    postcodes,
    states,
)
from connector.routing.normal.money import converted, money
from connector.routing.normal.numerals import MOST, count, first
from connector.routing.normal.products import MOST as MOST_PRODUCTS
from connector.routing.normal.products import products


@pytest.mark.parametrize(
    ("read", "text", "longest", "found"),
    [
        (countries.country_code, "Germany", countries.LONGEST, "DE"),
        (lambda text: states.state_code(text, "US"), "California", states.LONGEST, "US-CA"),
        (lambda text: postcodes.postcode(text, "DE"), "1067", postcodes.LONGEST, "01067"),
        (languages.language, "German", languages.LONGEST, "de"),
        (lambda text: phones.e164(text, "DE"), "030 12345678", phones.LONGEST, "+493012345678"),
        (domains.host, "www.acme.com", domains.LONGEST, "acme.com"),
        (domains.registrable, "shop.acme.com", domains.LONGEST, "acme.com"),
        (domains.base_name, "shop.acme.com", domains.LONGEST, "acme"),
        (emails.address, "Ann@Acme.com", emails.LONGEST, "ann@acme.com"),
        (lambda text: industries.industry(text, {"it": "Software"}), "IT", industries.LONGEST, "Software"),
        (count, "1,200", numerals.LONGEST, 1200),
        (lambda text: money(text, None), "5 EUR", numerals.LONGEST, (Decimal(5), "EUR")),
    ],
)
def test_a_text_is_read_up_to_its_longest_and_not_beyond(
    read: Callable[[str], object], text: str, longest: int, found: object
) -> None:
    assert read(text.ljust(longest)) == found
    assert read(text.ljust(longest + 1)) is None


def test_of_a_companys_name_the_beginning_is_read() -> None:
    assert companies.company_key("x" * companies.LONGEST + "y") == "x" * companies.LONGEST


def test_of_a_list_of_products_the_beginning_is_read() -> None:
    assert products(";" * 4_999 + "xy") == ("x",)
    assert len(products(";".join(map(str, range(MOST_PRODUCTS)))[:5000])) == MOST_PRODUCTS


@pytest.mark.parametrize(("times", "read"), [(1, True), (10, False)])
def test_numbers_are_read_up_to_the_most(times: int, read: bool) -> None:
    value = MOST * times
    assert (first(str(value), None) is not None) is read
    assert (first(f"-{value}", None) is not None) is read
    assert (converted(value, None, None, {}) is not None) is read
    assert (converted(-value, None, None, {}) is not None) is read
    assert (first(f"{value // 1000}k", None) is not None) is read


@pytest.mark.parametrize(
    ("text", "value"),
    [("\u22125", "-5"), ("- 5", "-5"), ("+5", "5"), ("0", "0"), ("-0.5", "-0.5"), ("5 crore", "50000000")],
)
def test_signs_and_words_of_a_number_count(text: str, value: str) -> None:
    assert first(text, True) == Decimal(value)


def test_no_number_of_people_is_negative_and_none_is_one() -> None:
    assert (count("0"), count("-1"), count("0.5")) == (0, None, 0.5)


@pytest.mark.parametrize(("dot", "value"), [(None, None), (True, Decimal("1.234")), (False, Decimal(1234))])
def test_a_dot_is_read_as_one_says(dot: bool | None, value: Decimal | None) -> None:
    assert first("1.234", dot) == value


@pytest.mark.parametrize(
    ("text", "country", "lacks"),
    [
        ("1067", "DE", True),
        ("01067", "DE", False),
        ("067", "DE", False),
        ("1o67", "DE", False),
        ("\u0661\u0660\u0661\u0660", "DE", False),
        ("800", "AT", False),
        ("12", "XX", False),
        ("", "XX", False),
    ],
)
def test_what_lacks_a_leading_zero(text: str, country: str, lacks: bool) -> None:
    assert postcodes.lacks_a_zero(text, country) is lacks
