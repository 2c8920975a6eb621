"""A report of what can be understood counts everything once and shows nothing personal."""

from connector.reports.quality import quality, quality_tables
from connector.reports.tables import plain
from tests.builders import a_lead, a_policy
from tests.conftest import NOW

LEADS = [
    a_lead(1, country="Germany", email="ann@globex.example", deal_value="12 TEUR or so"),
    a_lead(2, country="Atlantis", email="secret words", phone="call me"),
    a_lead(3, country="Atlantis\x1b[2J", email="bob@globex.example", industry="Select"),
    a_lead(1, crm="hubspot", country="n/a"),
]
POLICY = a_policy('base_currency = "EUR"\nmissing_words = ["Select", "n/a"]')


def test_each_value_is_missing_understood_or_not() -> None:
    found = quality(LEADS, POLICY, NOW)["salesforce"].as_data()
    assert found["leads"] == 3
    assert found["fields"]["country"] == {
        "given": 3,
        "missing": 0,
        "understood": 1,
        "not_understood": 2,
        "examples": {"Atlantis": 1, "Atlantis\ufffd[2J": 1},
    }
    assert "industry" not in found["fields"]
    for counts in found["fields"].values():
        assert counts["understood"] + counts["not_understood"] + counts["missing"] == found["leads"]


def test_crms_are_counted_apart_and_the_least_understood_field_comes_first() -> None:
    found = quality(LEADS, POLICY, NOW)
    assert found["hubspot"].as_data() == {"leads": 1, "fields": {}}
    assert next(iter(found["salesforce"].as_data()["fields"])) == "country"


def test_no_personal_value_is_shown_as_an_example() -> None:
    found = quality(LEADS, POLICY, NOW)
    assert found["salesforce"].as_data()["fields"]["email"]["not_understood"] == 1
    told = plain(quality_tables(found))
    assert "Atlantis" in told
    assert "secret words" not in told
    assert "call me" not in told
