"""States within their country."""

import pytest

from connector.routing.normal.states import state_code


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("California", "US", "US-CA"),
        ("calif.", "US", "US-CA"),
        ("CA", "US", "US-CA"),
        ("State of Washington", "US", "US-WA"),
        ("Washington, D.C.", "US", "US-DC"),
        ("Québec", "CA", "CA-QC"),
        ("PQ", "CA", "CA-QC"),
        ("Newfoundland", "CA", "CA-NL"),
        ("vic", "AU", "AU-VIC"),
        ("N.S.W.", "AU", "AU-NSW"),
        ("Bavaria", "DE", "DE-BY"),
        ("NRW", "DE", "DE-NW"),
        ("Baden-Wuerttemberg", "DE", "DE-BW"),
        ("Baden-Württemberg", "DE", "DE-BW"),
        ("Vienna", "AT", "AT-9"),
        ("Niederösterreich", "AT", "AT-3"),
        ("Genf", "CH", "CH-GE"),
        ("Kanton Zürich", "CH", "CH-ZH"),
        ("Orissa", "IN", "IN-OD"),
        ("Maharashtra", "IN", "IN-MH"),
        ("São Paulo", "BR", "BR-SP"),
        ("sao paulo", "BR", "BR-SP"),
        ("England", "GB", "GB-ENG"),
        ("Kent", "GB", "GB-KEN"),
        ("County Durham", "GB", "GB-DUR"),
        ("Berkshire", "GB", "GB-ENG"),
        ("Tokyo", "JP", "JP-13"),
        ("us-ca", None, "US-CA"),
        ("Washington State", "US", "US-WA"),
        ("Wrexham", "GB", "GB-WRX"),
        ("Wrecsam", "GB", "GB-WRX"),
        ("Durham, County", "GB", "GB-DUR"),
        ("Durham County", "GB", "GB-DUR"),
        ("Ontario Province", "CA", "CA-ON"),
        ("Principado de Asturias", "ES", "ES-AS"),
        ("Asturias, Principado de", "ES", "ES-AS"),
        ("Bro Morgannwg", "GB", "GB-VGL"),
        ("Islas Baleares", "ES", "ES-IB"),
    ],
)
def test_a_state_is_known_by_code_name_and_abbreviation(text: str, country: str | None, code: str) -> None:
    assert state_code(text, country) == code


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("CA", None),
        ("California", None),
        ("CA", "DE"),
        ("US-CA", "DE"),
        ("Bavarja", "DE"),
        ("", "US"),
        ("California", "XX"),
        ("California" * 1000, "US"),
    ],
)
def test_a_state_without_its_country_stays_missing(text: str, country: str | None) -> None:
    assert state_code(text, country) is None


@pytest.mark.parametrize(("name", "country"), [("Tartu", "EE"), ("Maputo", "MZ"), ("Hsinchu", "TW")])
def test_a_name_of_a_town_and_of_what_lies_around_it_means_neither(name: str, country: str) -> None:
    assert state_code(name, country) is None
