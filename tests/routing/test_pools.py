"""A pool is whoever meets its conditions over partners."""

import pytest

from connector.routing.policy import BadPolicy
from tests.builders import a_policy, partner

PARTNERS = (
    partner("ann", tier="gold", type="msp", countries=["DE"])
    + 'fields = { region = "South", since = 2019, sap = true }\n'
    + partner("bert", tier="silver", type="msp", max_open_leads=5)
    + 'fields = { region = "north", since = 2024 }\n'
    + partner("cora", type="reseller")
)


def pool(written: str) -> list[str]:
    route = f'[[route]]\nname = "all"\npool = {written}\n'
    return [each.id for each in a_policy(PARTNERS + route).routes[0].pool]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('{ when = { region = "south" } }', ["ann"]),
        ('{ when = { region = { not = "south" } } }', ["bert"]),
        ("{ when = { since = { at_most = 2020 } } }", ["ann"]),
        ("{ when = { sap = true } }", ["ann"]),
        ("{ when = { region = { missing = true } } }", ["cora"]),
        ("{ when = { max_open_leads = { at_least = 5 } } }", ["bert"]),
        ('{ when = { any = [{ tier = "GOLD" }, { type = "reseller" }] } }', ["ann", "cora"]),
        ('{ type = ["msp"], when = { region = "north" } }', ["bert"]),
        ('{ country = ["DE", "AT"] }', ["ann"]),
        ("{}", ["ann", "bert", "cora"]),
    ],
)
def test_a_pool_is_whoever_meets_its_condition(written: str, expected: list[str]) -> None:
    assert pool(written) == expected


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('{ when = { regoin = "south" } }', "there is no field 'regoin'"),
        ('{ when = { since = { older_than = "30d" } } }', "a pool is filled once, so 'older_than'"),
        ('{ when = { any = [{ since = { within = "1d" } }] } }', "a pool is filled once, so 'within'"),
        ('{ partners = ["ana"] }', "there is no partner 'ana'"),
        ('{ when = { region = "east" } }', "no partner belongs to this pool"),
    ],
)
def test_what_cannot_fill_a_pool_is_a_mistake(written: str, told: str) -> None:
    with pytest.raises(BadPolicy, match=told) as caught:
        pool(written)
    assert len(caught.value.findings) == 1
    assert caught.value.findings[0].message.startswith(told)
    assert caught.value.findings[0].where[:3] == ("route", 0, "pool")


def test_a_field_of_your_own_hides_none_that_every_partner_has() -> None:
    with pytest.raises(BadPolicy, match="every partner has 'tier' already"):
        a_policy(partner("ann") + "fields = { tier = 1 }\n")


def test_a_field_that_says_nothing_is_missing_and_text_compares_in_any_case() -> None:
    partners = (
        partner("ann") + 'fields = { region = "" }\n' + partner("bob") + 'fields = { region = "South" }\n'
    )

    def pool(when: str) -> list[str]:
        policy = a_policy(partners + f'[[route]]\nname = "all"\npool = {{ when = {{ {when} }} }}\n')
        return [each.id for each in policy.routes[0].pool]

    assert pool("region = { missing = true }") == ["ann"]
    assert pool('region = "SOUTH"') == ["bob"]
