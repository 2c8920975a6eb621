"""Company names without their legal form."""

import pytest

from connector.routing.normal.companies import company_key
from tests.public_data import rows


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("ACME Inc.", "acme"),
        ("Acme, Inc", "acme"),
        ("Müller & Söhne GmbH & Co. KG", "mueller and soehne"),
        ("Mueller & Soehne", "mueller and soehne"),
        ("Mu\u0308ller GmbH", "mueller"),
        ("Straßenbau AG", "strassenbau"),
        ("The Coca-Cola Company", "coca cola"),
        ("AB Volvo (publ)", "volvo"),
        ("PT Telkom Indonesia (Persero) Tbk", "telkom indonesia"),
        ("Grupo Bimbo, S.A.B. de C.V.", "grupo bimbo"),
        ("Allegro Sp. z o.o.", "allegro"),
        ("Foo UG (haftungsbeschränkt)", "foo"),
        ("Novo Nordisk A/S", "novo nordisk"),
        ("Société Générale S.A.", "societe generale"),
        ("ООО Ромашка", "ромашка"),  # noqa: RUF001 (Cyrillic)
        ("阿里巴巴有限公司", "阿里巴巴"),
        ("株式会社阿里巴巴", "阿里巴巴"),
        ("㈱阿里巴巴", "阿里巴巴"),
        ("Smith & Co", "smith"),
        ("IBM Deutschland GmbH", "ibm deutschland"),
    ],
)
def test_a_name_is_what_is_spoken(name: str, key: str) -> None:
    assert company_key(name) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [("GmbH", "gmbh"), ("Co., Ltd.", "co ltd"), ("S.A. de C.V.", "sa de cv"), ("株式会社", "株式会社")],
)
def test_a_name_that_would_become_empty_is_kept(name: str, key: str) -> None:
    assert company_key(name) == key


@pytest.mark.parametrize("name", ["", " ", "!!!", "-", "\x00", "\u200b"])
def test_a_name_without_a_letter_is_none(name: str) -> None:
    assert company_key(name) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("Siemens AG", "Siemens Energy AG"), ("Deutsche Bank", "Deutsche Bahn"), ("IBM", "IBM Japan")],
)
def test_other_companies_keep_other_names(one: str, other: str) -> None:
    assert company_key(one) != company_key(other)


def test_most_collected_legal_forms_are_known() -> None:
    forms = {row["abbreviation"].strip() for row in rows("company_matching/legal_forms.csv")}
    latin = {form for form in forms if form.isascii() and len(form) > 2}
    known = {form for form in latin if company_key(f"Zyxwvut {form}") == "zyxwvut"}
    assert len(known) / len(latin) > 0.6
