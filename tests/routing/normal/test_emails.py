"""Addresses, and whose they are."""

import pytest

from connector.routing.normal.emails import COMPANIES_ON_FREE_LISTS, address, kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann@Acme.COM", "ann@acme.com"),
        (" ann@acme.com ", "ann@acme.com"),
        ("Ann Roe <ann@acme.com>", "ann@acme.com"),
        ("mailto:ann@acme.com", "ann@acme.com"),
        ("ann+x@acme.co.uk", "ann+x@acme.co.uk"),
        ("o'brien@acme.com", "o'brien@acme.com"),
        ("jörg@acme.de", "jörg@acme.de"),
        ("ann@münchen-bau.de", "ann@xn--mnchen-bau-9db.de"),
        ("a" * 64 + "@acme.com", "a" * 64 + "@acme.com"),
    ],
)
def test_an_address_is_folded(text: str, expected: str) -> None:
    assert address(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "ann",
            "@acme.com",
            "ann@",
            "ann@acme",
            "ann@@acme.com",
            "ann@acme..com",
            "ann@-acme.com",
            "n/a",
        ),
        *("a..b@acme.com", ".a@acme.com", "a.@acme.com", "a b@acme.com", '"a b"@acme.com', "ann@[10.0.0.1]"),
        *("ann@10.0.0.1", "ann@localhost", "ann@acme.local", "ann@acme.com, bob@acme.com", "ann@acme.com/x"),
        *("ann@https://acme.com", "ann\x00@acme.com", "\ud800@acme.com", "a" * 65 + "@acme.com"),
        *("ann@" + "a." * 130 + "com", "a@" * 10_000_000),
    ],
)
def test_what_cannot_be_an_address_is_invalid(text: str) -> None:
    assert address(text) is None
    assert kind(text) == "invalid"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ann@acme.com", "corporate"),
        ("ann@gmail.com", "free"),
        ("ann@web.de", "free"),
        ("ann@hey.com", "free"),
        ("ann@mail.yahoo.co.uk", "free"),
        ("ann@mailinator.com", "disposable"),
    ],
)
def test_an_address_is_a_companys_or_a_mail_providers(text: str, expected: str) -> None:
    assert kind(text) == expected


@pytest.mark.parametrize("domain", sorted(COMPANIES_ON_FREE_LISTS))
def test_companies_that_stand_on_lists_of_free_mail_are_companies(domain: str) -> None:
    assert kind(f"ann@{domain}") == "corporate"


def test_the_admin_overrides_the_lists() -> None:
    assert kind("ann@gmail.com", as_company={"gmail.com"}) == "corporate"
    assert kind("ann@eu.acme.com", as_free_mail={"acme.com"}) == "free"
    assert kind("ann@acme.com", as_company={"acme.com"}, as_free_mail={"acme.com"}) == "corporate"
    assert kind("ann", as_company={"acme.com"}) == "invalid"
