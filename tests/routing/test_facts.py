"""What conditions see of messy values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.lead import LARGEST, LONGEST, STANDARD_FIELDS
from connector.routing.facts import said, understand
from connector.routing.normal import Normal
from connector.routing.normal.countries import country_code
from connector.routing.normal.numerals import MOST
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
        ({"email": "ann@mail.globex.co.uk", "website": "initech.com"}, "globex.co.uk"),
        ({"email": "ann@gmail.com", "website": "globex.com"}, "globex.com"),
        ({"email": "ann@gmail.com"}, None),
        ({"website": "facebook.com/globex"}, None),
        ({"website": "gmail.com"}, None),
        ({}, None),
    ],
)
def test_the_domain_comes_from_a_corporate_address_else_the_website(fields: Any, domain: str | None) -> None:
    assert understand(a_lead(**fields), NOW).shown.get("domain") == domain


@pytest.mark.parametrize(
    ("fields", "name", "expected"),
    [
        ({"phone": "030 12345678", "country": "Germany"}, "phone", "+493012345678"),
        ({"phone": "030 12345678"}, "phone", None),
        ({"postal_code": "1067", "country": "Germany"}, "postal_code", "01067"),
        ({"postal_code": 1067, "country": "Deutschland"}, "postal_code", "01067"),
        ({"state": "Calif.", "country": "USA"}, "state", "US-CA"),
        ({"state": "CA"}, "state", None),
        ({"email": " Ann@Globex.COM "}, "email", "ann@globex.com"),
        ({"email": "ann at globex"}, "email", None),
        ({"email": "ann at globex"}, "email_kind", "invalid"),
        ({"email": "ann@gmail.com"}, "email_kind", "free"),
        ({"email": "ann@mailinator.com"}, "email_kind", "disposable"),
        ({"email": "ann@globex.com"}, "email_kind", "corporate"),
        ({}, "email_kind", None),
        ({"email": "ann@mail.globex.co.uk"}, "email_domain", "mail.globex.co.uk"),
        ({"company": "Müller & Söhne GmbH"}, "company_key", "mueller and soehne"),
        ({"employees": -5}, "employees", None),
        ({"employees": float("nan")}, "employees", None),
        ({"deal_value": float("inf")}, "deal_value", None),
        ({"deal_value": "5 kr", "country": "Sweden"}, "deal_value", 5),
        ({"deal_value": "5 kr"}, "deal_value", None),
        ({"deal_value": 10**5000}, "deal_value", None),
        ({"fax": float("nan")}, "fax", None),
    ],
)
def test_values_are_normalised_with_what_stands_beside_them(fields: Any, name: str, expected: Any) -> None:
    assert understand(a_lead(**fields), NOW).shown.get(name) == expected


RULES = Normal.written(
    base_currency="eur",
    rates={"USD": 0.5},
    industry_synonyms={"Software": ["COMPUTER_SOFTWARE"]},
    treat_as_company=["https://gmx.de"],
    treat_as_free_mail=["Globex.com"],
    phones=False,
)


@pytest.mark.parametrize(
    ("fields", "name", "expected"),
    [
        ({"deal_value": "USD 12k"}, "deal_value", 6000),
        ({"deal_value": "1.234,50 €"}, "deal_value", 1234.5),
        ({"deal_value": "GBP 5"}, "deal_value", None),
        ({"deal_value": 100, "currency": "usd"}, "deal_value", 50),
        ({"deal_value": 100, "currency": "GBP"}, "deal_value", None),
        ({"deal_value": 100}, "deal_value", 100),
        ({"industry": "computer software"}, "industry", "Software"),
        ({"industry": "Farming"}, "industry", "Farming"),
        ({"email": "ann@gmx.de"}, "domain", "gmx.de"),
        ({"email": "ann@eu.globex.com"}, "email_kind", "free"),
        ({"email": "ann@eu.globex.com", "website": "globex.com"}, "domain", None),
        ({"phone": "call me"}, "phone", "call me"),
    ],
)
def test_the_admins_settings_decide_where_there_is_a_choice(fields: Any, name: str, expected: Any) -> None:
    assert understand(a_lead(**fields), NOW, rules=RULES).shown.get(name) == expected


def test_an_absurdly_long_text_is_cut() -> None:
    facts = understand(a_lead(description="x" * 10_000_000, company="y" * 10_000_000), NOW)
    assert len(str(facts.shown["description"])) == LONGEST
    assert len(str(facts.shown["company_key"])) <= LONGEST


FIELDS = [*STANDARD_FIELDS, "currency", "nothing_known"]


@given(
    st.dictionaries(
        st.sampled_from(FIELDS),
        st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans()),
    )
)
def test_no_value_makes_it_stumble(fields: Any) -> None:
    facts = understand(a_lead(**fields), NOW, rules=RULES)
    assert all(value is not None for value in facts.shown.values())


@pytest.mark.parametrize(
    ("fields", "name", "expected"),
    [
        ({"employees": 0}, "employees", 0),
        ({"employees": True}, "employees", None),
        ({"employees": MOST}, "employees", MOST),
        ({"employees": MOST + 1}, "employees", None),
        ({"employees": "200 - 500"}, "employees", 200),
        ({"deal_value": -5}, "deal_value", -5),
        ({"deal_value": True}, "deal_value", None),
        ({"deal_value": MOST}, "deal_value", MOST),
        ({"deal_value": -MOST - 1}, "deal_value", None),
        ({"deal_value": "7", "currency": "EUR"}, "deal_value", 7),
        ({"fax": LARGEST}, "fax", LARGEST),
        ({"fax": -LARGEST}, "fax", -LARGEST),
        ({"fax": LARGEST * 2}, "fax", None),
        ({"fax": " "}, "fax", None),
        ({"fax": None}, "fax", None),
        ({"fax": 0}, "fax", 0),
        ({"fax": False}, "fax", False),
        ({"authority": "Y"}, "authority", True),
        ({"authority": " OFF "}, "authority", False),
        ({"authority": 1}, "authority", True),
        ({"authority": False}, "authority", False),
        ({"authority": "perhaps"}, "authority", None),
        ({"language": "german"}, "language", "de"),
        ({"website": "https://www.globex.com"}, "domain", "globex.com"),
        ({"website": "https://facebook.com/globex"}, "domain", None),
        ({"website": "https://gmail.com"}, "domain", None),
        ({"website": "nowhere"}, "domain", None),
        ({"email": "a@gmail.com", "website": "globex.com"}, "domain", "globex.com"),
        ({"email": "a@globex.com", "website": "initech.com"}, "domain", "globex.com"),
        ({"email": "@", "website": "globex.com"}, "email_domain", None),
        ({"company": "GmbH"}, "company_key", "gmbh"),
        ({"company": "-"}, "company_key", None),
    ],
)
def test_a_value_is_understood_up_to_its_bounds(fields: Any, name: str, expected: Any) -> None:
    found = understand(a_lead(**fields), NOW).shown.get(name)
    assert (found, type(found)) == (expected, type(expected))


def test_a_lead_has_its_owner_crm_and_time_and_compares_without_regard_to_case() -> None:
    lead = a_lead(crm="hubspot", owner="Queue:Intake", company="Globex GmbH", employees=5)
    facts = understand(lead, NOW)
    assert facts.now == NOW
    assert facts.shown == {
        "company": "Globex GmbH",
        "employees": 5,
        "company_key": "globex",
        "crm": "hubspot",
        "created_at": lead.created_at,
        "owner": "Queue:Intake",
    }
    assert facts.folded == {**facts.shown, "company": "globex gmbh", "owner": "queue:intake"}
    assert "owner" not in understand(a_lead(owner=None), NOW).shown
    more = facts.plus("grade", "A1")
    assert (more.shown["grade"], more.folded["grade"], more.now) == ("A1", "a1", NOW)
    assert more.folded == {**facts.folded, "grade": "a1"}


def test_words_for_no_answer_are_no_answer_in_any_case() -> None:
    fields = {"city": "N/A", "fax": "n/a ", "company": "n/a ltd", "first_name": "Ann"}
    assert said(fields, {"n/a"}) == {"company": "n/a ltd", "first_name": "Ann"}
    assert said(fields, ()) == {**fields, "fax": "n/a"}
