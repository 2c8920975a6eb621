"""How a route chooses, from the config: every mistake at its line."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from connector.config import load
from connector.config.load import BadConfig
from connector.routing.case import ByValue
from connector.routing.making_up import MakeUp
from connector.routing.methods import METHODS, schema
from connector.routing.pipeline import decide, fold
from connector.routing.settings import RouteSettings
from tests.builders import ROOT, a_lead, a_policy, a_snapshot, leads, partner
from tests.routing.candidates import EXAMPLES

TWO = partner("anna") + partner("bert")


def problem(tmp_path: Path, route: str) -> str:
    """The only mistake in the shipped config with this route before its own, from its first line on."""
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    start = text.index("[[route]]")
    config = tmp_path / "config.toml"
    config.write_text(f'{text[:start]}[[route]]\nname = "new"\n{route}\n\n{text[start:]}', encoding="utf-8")
    first = text[:start].count("\n") + 3
    with pytest.raises(BadConfig) as error:
        load(config)
    (only,) = error.value.problems
    return f"{only.place.line - first}:{only.place.column} {only.message}"


@pytest.mark.parametrize(
    ("route", "message"),
    [
        ('pick = "round_robbin"', "0:8 there is no method 'round_robbin'; did you mean \"round_robin\"?"),
        ('pick = { method = "top_perform" }', "0:19 there is no method"),
        ("pick = { others = 0.5 }", "0:8 pick needs a method"),
        (
            'pick = { method = "top_performer", otters = 0.5 }',
            "top_performer has no option 'otters'; did you mean \"others\"?",
        ),
        (
            'pick = { method = "top_performer", others = 5 }',
            "others: input should be less than or equal to 0.9",
        ),
        ('pick = { method = "round_robin", others = 0.2 }', "round_robin has no option 'others'"),
        ('pick = "by_value"', "by_value needs 'bands'; add it here"),
        (
            'pick = { method = "by_value", bands = [{ at_least = 1, tiers = ["a"] }, { at_least = 2, tiers = ["b"] }] }',  # noqa: E501
            "bands: write the bands from the highest value to the lowest",
        ),
        ('pick = { method = "named", field = "partnr" }', "field: there is no lead field 'partnr'"),
        (
            'pick = { method = "best_fit", parts = { skils = 1 } }',
            "there is no part 'skils'; known are country",
        ),
        ('pick = { method = "best_fit", parts = { skills = 0 } }', "nobody could fit best"),
        (
            'pick = { method = "by_group", groups = [{ name = "a", partners = ["nordwnd"] }, { name = "b", tiers = ["x"] }] }',  # noqa: E501
            "there is no partner 'nordwnd'",
        ),
        ('prefer = ["tier", "skils"]', "0:19 there is no preference 'skils'; did you mean \"skills\"?"),
        ('rotation = { name = "x", fair_by = "value" }', '0:36 fair_by = "value" needs typical_value'),
        (
            'rotation = { name = "x", fair_by = "value", typical_value = 5, absence = "make_up" }',
            "make_up counts leads",
        ),
        (
            'rotation = { name = "americas", absence = "make_up" }',
            "shares rotation 'americas' on other terms",
        ),
        ('rotation = { name = "x", make_up_every = 1 }', "0:42 make_up_every"),
        ('rotation = { name = "x", weights = { nordwnd = 1 } }', 'did you mean "nordwind"?'),
    ],
)
def test_a_mistake_is_found_where_it_is(tmp_path: Path, route: str, message: str) -> None:
    assert message in problem(tmp_path, route)


def test_a_method_may_be_written_as_its_name_or_as_a_table() -> None:
    plain, table = (
        RouteSettings.model_validate({"name": "r", "pick": pick}).pick
        for pick in ("named", {"method": "named"})
    )
    assert plain == table


def test_a_rotation_has_its_terms() -> None:
    terms = 'absence = "make_up", make_up_limit = 2, make_up_within = "7d", make_up_every = 4'
    route = a_policy(TWO + f'[[route]]\nname = "r"\nrotation = {{ name = "x", {terms} }}').routes[0]
    assert route.rotation.make_up == MakeUp(2, timedelta(days=7), 4)
    value = 'fair_by = "value", typical_value = 20000'
    route = a_policy(TWO + f'[[route]]\nname = "r"\nrotation = {{ name = "x", {value} }}').routes[0]
    assert route.rotation.by_value == ByValue(20_000, 10)


def test_a_lead_pays_its_value_where_the_rotation_is_fair_by_value() -> None:
    rotation = 'rotation = { name = "x", fair_by = "value", typical_value = 1000 }'
    policy = a_policy(TWO + f'[[route]]\nname = "r"\n{rotation}')
    work = [a_lead(n, deal_value=value) for n, value in enumerate([4_000, 1_000, 1_000, 1_000, 1_000])]
    assert [d.partner for d in fold(policy, a_snapshot(), work)] == ["anna", *["bert"] * 4]


def test_a_hybrid_is_preferences_and_a_method() -> None:
    toml = (
        partner("anna", tier="gold", max_open_leads=10)
        + partner("bert", tier="gold", max_open_leads=100)
        + partner("cora", tier="silver")
        + '[[route]]\nname = "r"\nprefer = ["tier"]\npick = "least_loaded"'
    )
    decision = decide(a_policy(toml), a_snapshot(load={"anna": 2, "bert": 5}), a_lead())
    assert decision.partner == "bert"


def test_every_method_counts_its_turns_in_the_snapshot() -> None:
    snapshot = a_snapshot()
    for _ in fold(a_policy(TWO + '[[route]]\nname = "r"'), snapshot, leads(6)):
        pass
    assert snapshot.turns == {"r": {"anna": 3, "bert": 3}}


def test_the_schema_knows_every_method_and_its_options() -> None:
    tables = {table["properties"]["method"]["const"]: table for table in schema()["anyOf"][1:]}
    assert set(tables) == set(METHODS)
    assert "others" in tables["top_performer"]["properties"]
    assert set(schema()["anyOf"][0]["enum"]) == METHODS.keys() - EXAMPLES.keys()
    assert "$ref" not in json.dumps(schema())
    assert RouteSettings.model_json_schema()["properties"]["pick"]["anyOf"] == schema()["anyOf"]


def test_who_has_no_weight_has_one() -> None:
    (route,) = a_policy(
        TWO + '[[route]]\nname = "all"\nrotation = { name = "r", weights = { anna = 3 } }\n'
    ).routes
    assert route.rotation.weights == {"anna": 3, "bert": 1}
