"""Where spellings of names stop being understood: part by part, form by form."""

from decimal import Decimal

import pytest

from connector.routing.normal.companies import company_key
from connector.routing.normal.countries import country_code
from connector.routing.normal.domains import host
from connector.routing.normal.emails import kind
from connector.routing.normal.folding import plain
from connector.routing.normal.languages import language
from connector.routing.normal.money import converted
from connector.routing.normal.numerals import count, first
from connector.routing.normal.postcodes import postcode


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
        ("Kingdom of Georgia", None),
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
        ("Cong Ty", "cong ty"),
        ("PT GmbH", "pt"),
        ("Acme O", "acme o"),
        ("Acme GmbH Ltd. AG", "acme"),
        ("Joint Stock Company Romashka", "romashka"),
        ("Acme Liability", "acme liability"),
    ],
)
def test_a_legal_form_is_taken_off_as_often_as_it_stands_there_and_never_all(name: str, key: str) -> None:
    assert company_key(name) == key


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("FL-9490", "LI", "9490"),
        ("LI-9490", "LI", "9490"),
        ("L-9490", "LI", "9490"),
        ("FIN-00100", "FI", "00100"),
        ("LV-1050", "LV", "1050"),
        ("FL-1050", "LV", None),
        ("FIN-01067", "DE", None),
        ("VLT 1117", "MT", "VLT1117"),
        ("02134-123", "US", None),
        ("0000-000", "PT", None),
    ],
)
def test_a_postal_code_may_bear_its_countrys_sign(text: str, country: str, code: str | None) -> None:
    assert postcode(text, country) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("de", "de"),
        ("deu", "de"),
        ("de_AT", "de"),
        ("nb", "no"),
        ("nn-NO", "no"),
        ("nob", "no"),
        ("Norwegian Nynorsk", "no"),
        ("gsw", "gsw"),
        ("Swiss German", "gsw"),
        ("xx", None),
        ("Elvish", None),
    ],
)
def test_a_language_has_two_letters_if_there_are_any(text: str, code: str | None) -> None:
    assert language(text) == code


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a\u200bb", "ab"),
        ("a\u00adb", "ab"),
        ("\u0939\u093f\u0902\u0926\u0940", "\u0939\u093f\u0902\u0926\u0940"),
        ("a\u2014b", "a b"),
        ("R&D", "r and d"),
        ("d'or", "dor"),
    ],
)
def test_marks_are_blanks_and_what_cannot_be_seen_is_nothing(text: str, read: str) -> None:
    assert plain(text) == read


def test_whose_a_mail_domain_is_may_be_said_of_a_host_or_of_all_of_them() -> None:
    for own in ({"mail.gmail.com"}, {"gmail.com"}):
        assert kind("a@mail.gmail.com", as_company=own) == "corporate"
    assert kind("a@gmail.com", as_company={"mail.gmail.com"}) == "free"
    for free in ({"mail.acme.com"}, {"acme.com"}):
        assert kind("a@mail.acme.com", as_free_mail=free) == "free"
    assert kind("a@acme.com", as_free_mail={"mail.acme.com"}) == "corporate"


def test_a_host_is_as_long_as_dns_allows_and_typed_with_any_keyboard() -> None:
    longest = ".".join(["a" * 63] * 3 + ["b" * 61])
    assert host(longest) == longest
    assert host(longest + "b") is None
    assert host("\uff41\uff43\uff4d\uff45.com") == "acme.com"


def test_whole_numbers_are_whole() -> None:
    assert type(converted(Decimal("5.00"), None, None, {})) is int
    assert type(count("5")) is int
    assert first("12,34.5", None) is None
    assert first("12,345.5", None) == Decimal("12345.5")
