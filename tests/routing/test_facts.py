"""What conditions see of messy values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.routing.countries import country_code
from connector.routing.facts import understand
from tests.builders import a_lead
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("Germany", "DE"),
        ("deutschland", "DE"),
        ("DEU", "DE"),
        ("U.S.A.", "US"),
        ("Suisse", "CH"),
        ("España", "ES"),
        ("espana", "ES"),
        ("日本", "JP"),
        ("United Kingdom", "GB"),
        ("Côte d'Ivoire", "CI"),
        ("Atlantis", None),
        ("", None),
        ("EU", None),
        ("XX", None),
    ],
)
def test_a_country_is_known_by_its_names_and_never_guessed(spelling: str, code: str | None) -> None:
    assert country_code(spelling) == code


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("employees", "51-200", 51),
        ("employees", "1,200", 1200),
        ("employees", "about 40", 40),
        ("employees", "many", None),
        ("employees", True, None),
        ("deal_value", "€ 12 500.50", 12500.5),
        ("authority", "no", False),
        ("authority", "perhaps", None),
        ("company", " Globex ", "Globex"),
        ("company", "Select", None),
        ("country", "Atlantis", None),
    ],
)
def test_a_value_is_understood_or_missing(name: str, value: Any, expected: Any) -> None:
    assert understand(a_lead(**{name: value}), NOW, {"select"}).shown.get(name) == expected


@pytest.mark.parametrize(
    ("fields", "domain"),
    [
        ({"email": "Ann@Globex.COM"}, "globex.com"),
        ({"website": "https://www.globex.com/about"}, "globex.com"),
        ({"email": "ann", "website": "globex.com:8080"}, "globex.com"),
        ({}, None),
    ],
)
def test_the_domain_comes_from_the_address_else_the_website(fields: Any, domain: str | None) -> None:
    assert understand(a_lead(**fields), NOW).shown.get("domain") == domain


@given(
    st.dictionaries(
        st.sampled_from(["country", "employees", "deal_value", "authority", "email", "website", "company"]),
        st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans()),
    )
)
def test_no_value_makes_it_stumble(fields: Any) -> None:
    understand(a_lead(**fields), NOW)
