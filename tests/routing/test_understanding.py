"""The admin's word on how values are understood reaches every decision; a mistake in it has a place."""

from typing import Any

import pytest

from connector.model.decision import Decision, Outcome
from connector.routing.pipeline import decide
from connector.routing.policy import BadPolicy
from tests.builders import a_lead, a_policy, a_snapshot, partner

ANNA = partner("anna")


def decided(toml: str, **fields: Any) -> Decision:
    return decide(a_policy(toml), a_snapshot(), a_lead(**fields))


RATES = """
base_currency = "eur"
rates = { usd = 0.5 }
"""
LARGE = '[[route]]\nname = "large"\nwhen = { deal_value = { at_least = 1000 } }\n'


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("USD 2,000.00", Outcome.ASSIGNED),
        ("USD 1,900.00", Outcome.FALLBACK),
        ("EUR 1.000,00", Outcome.ASSIGNED),
        ("CHF 90'000.00", Outcome.FALLBACK),
    ],
)
def test_amounts_are_judged_in_the_base_currency_and_without_a_rate_not_at_all(
    amount: str, expected: Outcome
) -> None:
    assert decided(RATES + ANNA + LARGE, deal_value=amount).outcome is expected


def test_an_industry_has_one_name_for_leads_and_partners_alike() -> None:
    toml = """
        industry_synonyms = { Manufacturing = ["Maschinenbau", "Machinery"] }
    """
    route = '[[route]]\nname = "all"\nmust_cover = ["industry"]\n'
    toml += partner("anna", industries=["machinery"]) + partner("bert", industries=["Retail"]) + route
    assert decided(toml, industry="MASCHINENBAU").partner == "anna"
    assert decided(toml, industry="Retail").partner == "bert"


def test_corrections_of_the_free_mail_list_are_followed() -> None:
    route = '[[route]]\nname = "corporate"\nwhen = { email_kind = "corporate" }\n'
    toml = 'treat_as_company = ["gmail.com"]\ntreat_as_free_mail = ["acme.com"]\n' + ANNA + route
    assert decided(toml, email="a@gmail.com").outcome is Outcome.ASSIGNED
    assert decided(toml, email="a@acme.com").outcome is Outcome.FALLBACK


def test_telephone_numbers_are_understood_only_where_a_rule_asks_for_them() -> None:
    asking = '[[route]]\nname = "call"\nwhen = { phone = { present = true } }\n'
    assert a_policy(ANNA + asking).normal.phones
    assert a_policy(ANNA + LARGE).normal.phones
    assert not a_policy('[standing]\norder = ["partner_on_lead"]\n' + ANNA + LARGE).normal.phones


@pytest.mark.parametrize(
    ("toml", "where", "message"),
    [
        ('base_currency = "EURO"', ("base_currency",), "not an ISO 4217 currency"),
        ("rates = { USD = 0.9 }", ("rates",), "write base_currency"),
        ('base_currency = "EUR"\nrates = { DOLLAR = 1 }', ("rates", "DOLLAR"), "not an ISO 4217 currency"),
        ('base_currency = "EUR"\nrates = { EUR = 2 }', ("rates", "EUR"), "can only be 1"),
        (
            'industry_synonyms = { A = ["x", "y"], B = ["X"] }',
            ("industry_synonyms", "B", 0),
            "given to both 'A' and 'B'",
        ),
        ("industry_synonyms = { IT = [], it = [] }", ("industry_synonyms", "IT"), "are one name"),
        ('treat_as_company = ["acme.com", "acme"]', ("treat_as_company", 1), "not a domain"),
        (
            'treat_as_company = ["a.com"]\ntreat_as_free_mail = ["www.a.com"]',
            ("treat_as_free_mail", 0),
            "leave it on one",
        ),
    ],
)
def test_a_mistake_in_how_values_are_understood_has_its_place(
    toml: str, where: tuple[str | int, ...], message: str
) -> None:
    with pytest.raises(BadPolicy) as raised:
        a_policy(toml + "\n" + ANNA)
    (finding,) = raised.value.findings
    assert finding.where == where
    assert message in finding.message
