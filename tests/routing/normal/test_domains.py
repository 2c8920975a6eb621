"""Domains from what people type as a website."""

import pytest

from connector.routing.normal.domains import base_name, host, registrable
from tests.public_data import rows


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.Acme.com/en/about?x=1#top", "acme.com"),
        ("https://https://acme.com", "acme.com"),
        ("http//acme.com", "acme.com"),
        ("//acme.com", "acme.com"),
        (" acme.com. ", "acme.com"),
        ("acme.com:8080", "acme.com"),
        ("shop.acme.co.uk", "acme.co.uk"),
        ("user:secret@acme.com", "acme.com"),
        ("Ann <ann@acme.com>", "acme.com"),
        ("mailto:ann@mail.acme.com.au", "acme.com.au"),
        ("www.com", "www.com"),
        ("acme.github.io", "acme.github.io"),
    ],
)
def test_decoration_falls_off(text: str, domain: str) -> None:
    assert registrable(text) == domain


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "acme",
            "co.uk",
            "github.io",
            "localhost:3000",
            "acme.local",
            "10.0.0.1",
            "https://10.0.0.1/x",
        ),
        *(
            "[::1]",
            "[2001:db8::1]:80",
            "N.A.",
            "n/a",
            "none",
            "https://",
            "acme..com",
            "-acme.com",
            "acme,com",
        ),
        *("a" * 64 + ".com", "a." * 200 + "com", "acme.com\x00", "\ud800.com", "x" * 10_000_000),
    ],
)
def test_what_names_no_company_has_no_domain(text: str) -> None:
    assert registrable(text) is None
    assert base_name(text) is None


@pytest.mark.parametrize("text", ["münchen-bau.de", "MÜNCHEN-BAU.DE", "xn--mnchen-bau-9db.de"])
def test_international_names_are_compared_as_dns_holds_them(text: str) -> None:
    assert host(text) == "xn--mnchen-bau-9db.de"


def test_sharp_s_is_not_double_s() -> None:
    assert registrable("straße.de") != registrable("strasse.de")


@pytest.mark.parametrize("stored", ["acme.com", "www.acme.com", "http://acme.com", "https://www.acme.com"])
def test_every_way_to_store_a_website_hits_the_domain_of_an_address(stored: str) -> None:
    """DU-12 of the collected behaviours."""
    assert registrable(stored) == registrable("ann@acme.com")


def test_a_brand_keeps_its_base_name_across_countries_and_look_alikes_do_not_share_it() -> None:
    """DU-13 of the collected behaviours."""
    assert {base_name(site) for site in ("acme.com", "acme.de", "acme.co.uk", "eu.acme.fr")} == {"acme"}
    assert "acme" not in {base_name(site) for site in ("macmedia.com", "acme-corp.com", "acmee.com")}


def test_every_collected_case_is_met() -> None:
    for row in rows("behaviours/domain_cases.csv"):
        text = row["input"]
        found = (host(text) or "", base_name(text) or "", registrable(text) or "")
        assert found == (row["host"], row["base"], row["registrable"]), row
