"""Whatever a form lets through is understood or missing, and never an accident."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.routing.normal.companies import company_key
from connector.routing.normal.countries import country_code
from connector.routing.normal.domains import base_name, host, registrable
from connector.routing.normal.emails import address, kind
from connector.routing.normal.industries import industry
from connector.routing.normal.money import money
from connector.routing.normal.numerals import count
from connector.routing.normal.phones import e164
from connector.routing.normal.postcodes import postcode
from connector.routing.normal.products import products
from connector.routing.normal.states import state_code

READERS: dict[str, Callable[[str], Any]] = {
    "address": address,
    "base_name": base_name,
    "company_key": company_key,
    "count": count,
    "country_code": country_code,
    "e164": lambda text: e164(text, "DE"),
    "host": host,
    "industry": lambda text: industry(text, {"software": "Software"}),
    "kind": kind,
    "money": lambda text: money(text, "SE"),
    "postcode": lambda text: postcode(text, "GB"),
    "products": products,
    "registrable": registrable,
    "state_code": lambda text: state_code(text, "US"),
}

PIECES = [
    *("acme", "GmbH", "& Co", ".", ",", "-", "@", "://", "/", ":", "<", ">", "(", ")", " ", "\x00", "\ud800"),
    *(
        "1",
        "000",
        "٣",
        "²",
        "€",
        "$",
        "k",
        "EUR",
        "xn--",
        "www.",
        "ä",
        "ß",
        "İ",
        "日本",
        "한",
        "\u202e",
        "\u0301",
    ),
]
PATTERNS = [
    "a",
    ".",
    "a.",
    "a@",
    "://",
    "<",
    "(",
    "1",
    "1 ",
    "1,",
    "1.",
    "-1",
    "a:/",
    "ä",
    "\u0301",
    "Ltd ",
    "日",
    "xn--a.",
]


@pytest.mark.parametrize("reader", READERS)
@given(text=st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)))
@settings(max_examples=150, deadline=None)
def test_any_text_is_understood_or_missing(reader: str, text: str) -> None:
    found = READERS[reader](text)
    assert found is None or found or found == 0 or isinstance(found, tuple)


@pytest.mark.parametrize(
    "reader", ["address", "country_code", "e164", "host", "postcode", "registrable", "state_code"]
)
@given(text=st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)))
@settings(max_examples=150, deadline=None)
def test_what_was_understood_is_understood_again(reader: str, text: str) -> None:
    found = READERS[reader](text)
    assert found is None or READERS[reader](found) == found


@pytest.mark.parametrize("reader", READERS)
def test_ten_million_characters_take_no_longer_than_a_glance(reader: str) -> None:
    for pattern in PATTERNS:
        text = pattern * (10_000_000 // len(pattern))
        start = time.process_time()
        READERS[reader](text)
        assert time.process_time() - start < 0.2, pattern


@pytest.mark.parametrize("reader", READERS)
def test_the_longest_text_that_is_read_is_read_in_linear_time(reader: str) -> None:
    for size in (50, 110, 300, 1990):
        for pattern in PATTERNS:
            text = (pattern * size)[:size] + "!"
            start = time.process_time()
            READERS[reader](text)
            assert time.process_time() - start < 0.1, (pattern, size)
