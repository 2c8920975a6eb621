"""Where spellings of names stop being understood: part by part, form by form."""

import pytest

from connector.routing.normal.companies import company_key
from connector.routing.normal.countries import country_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Republic of France", "FR"),
        ("The Kingdom of Spain", "ES"),
        ("Islands of Fiji", "FJ"),
        ("Kingdom of the Netherlands", "NL"),
        ("Plurinational State of Bolivia", "BO"),
        ("Republic of Republic of France", None),
        ("Republic of Sudan", "SD"),
        ("Commonwealth of Virgin Islands", None),
        ("Hong Kong, China", "HK"),
        ("China (Shanghai)", "CN"),
        ("Shanghai, China", "CN"),
        ("Tbilisi, Georgia", None),
        ("Atlanta, Georgia", None),
        ("a, b, c, Germany", "DE"),
        ("a, b, c, d, Germany", None),
        ("Germany, France", None),
        ("x, Per", None),
        ("x, Uk", "GB"),
        ("x, Cuba", "CU"),
        ("US (CA)", None),
        ("xk", "XK"),
        ("XKX", "XK"),
        ("Kosovo", "XK"),
        ("DEU", "DE"),
        ("Vietnam", "VN"),
        ("Viet Nam", "VN"),
        ("Socialist Republic of Viet Nam", "VN"),
        ("Bolivia, Plurinational State of", "BO"),
        ("Lao People's Democratic Republic", "LA"),
        ("Republic of Moldova", "MD"),
    ],
)
def test_a_country_is_read_as_far_as_it_is_one(text: str, code: str | None) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Co. Ltd. GmbH", "co"),
        ("Smith & GmbH", "smith"),
        ("And GmbH", "and"),
        ("Smith and Wesson", "smith and wesson"),
        ("PT PT Telkom", "telkom"),
        ("OOO ZAO Romashka", "romashka"),
        ("PT", "pt"),
        ("PT GmbH", "pt"),
        ("Acme O", "acme o"),
        ("Acme GmbH Ltd. AG", "acme"),
        ("Joint Stock Company Romashka", "romashka"),
        ("Acme Liability", "acme liability"),
    ],
)
def test_a_legal_form_is_taken_off_as_often_as_it_stands_there_and_never_all(name: str, key: str) -> None:
    assert company_key(name) == key
