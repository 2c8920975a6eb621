"""Countries are known by their names, and never guessed."""

import pytest

from connector.routing.normal.countries import all_codes, country_code
from connector.routing.normal.folding import plain
from connector.routing.normal.tables import names_by_code
from tests.public_data import rows


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("Germany", "DE"),
        ("DEUTSCHLAND", "DE"),
        ("Bundesrepublik Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("deu", "DE"),
        (" de ", "DE"),
        ("U.S.A.", "US"),
        ("the United States of America", "US"),
        ("Estados Unidos", "US"),
        ("Côte d’Ivoire", "CI"),  # noqa: RUF001 (the apostrophe that telephones type)
        ("Bosnia & Herzegovina", "BA"),
        ("the Netherlands", "NL"),
        ("Great Britain", "GB"),
        ("Wales", "GB"),
        ("ประเทศไทย", "TH"),
        ("ไทย", "TH"),
        ("Россия", "RU"),
        ("Swaziland", "SZ"),
        ("Kosovo", "XK"),
        ("Taiwan, Province of China", "TW"),
        ("Republic of China", "TW"),
        ("the Kingdom of Spain", "ES"),
        ("Republic of France", "FR"),
        ("the Philippines", "PH"),
        ("Russian Federation", "RU"),
        ("Holy See (Vatican City State)", "VA"),
        ("Italian Republic", "IT"),
        ("Lebanese Republic", "LB"),
    ],
)
def test_a_country_is_known_in_any_language_and_by_older_names(spelling: str, code: str) -> None:
    assert country_code(spelling) == code


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("Korea (North)", "KP"),
        ("Korea, Republic of", "KR"),
        ("Congo, Democratic Republic of the", "CD"),
        ("Ireland, Northern", "GB"),
        ("Paris, France", "FR"),
        ("Paris, Texas", "US"),
        ("Schweiz/Suisse", "CH"),
        ("Hong Kong, China", "HK"),
        ("Puerto Rico, USA", "PR"),
        ("California", "US"),
        ("Bavaria", "DE"),
    ],
)
def test_parts_of_a_text_count_where_they_agree(spelling: str, code: str) -> None:
    assert country_code(spelling) == code


@pytest.mark.parametrize(
    "spelling",
    [
        *("", " ", "-", "EU", "XX", "D", "N/A", "other", "abroad", "Select", "Atlantis", "12345", "the"),
        *(
            "Germny",
            "Korea (Nroth)",
            "Germany/Austria",
            "Lebanon, Ohio",
            "Atlanta, Georgia",
            "Springfield, CA",
        ),
        *("Virgin Islands", "Channel Islands", "West Indies", "Punjab", "USSR", "Kongo", "Republic of"),
        *("Germany" * 1000, "\x00", "\ud800", "🇩🇪"),
    ],
)
def test_what_could_be_two_countries_or_none_stays_missing(spelling: str) -> None:
    assert country_code(spelling) is None


def test_a_code_is_itself() -> None:
    assert {country_code(code) for code in all_codes()} == all_codes()
    assert all(country_code(code.lower()) == code for code in all_codes())


@pytest.mark.parametrize("table", ["country_names.tsv", "country_aliases.tsv", "state_aliases.tsv"])
def test_the_tables_hold_folded_names_of_one_meaning(table: str) -> None:
    names = [(name, code) for code, names in names_by_code(table) for name in names]
    assert [name for name, _ in names if plain(name) != name] == []
    homes: dict[tuple[str, str], set[str]] = {}
    for name, code in names:
        home = code.partition("-")[0] if table == "state_aliases.tsv" else ""
        homes.setdefault((home, name), set()).add(code)
    assert [name for name, codes in homes.items() if len(codes) > 1] == []


def test_half_of_a_public_collection_of_spellings_is_read_without_guessing() -> None:
    """The collection files parts of countries under codes of their own, GB-SCT; here Scotland is GB."""
    found = [(country_code(row["spelling"]), row["code"]) for row in rows("spellings/country_spellings.csv")]
    right = sum(code in (meant, meant.partition("-")[0]) for code, meant in found if code and meant)
    assert [code for code, meant in found if code and not meant] == []
    assert right / sum(code is not None for code, _ in found) > 0.999
    assert right / sum(meant != "" for _, meant in found) > 0.94
