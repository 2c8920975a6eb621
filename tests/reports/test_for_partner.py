"""What a partner may read of a decision, and what it never reads."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model.decision import Decision
from connector.reports.candidates import explained_data
from connector.reports.for_partner import seen_by
from connector.routing.by_hand import Order, by_hand
from connector.routing.pipeline import decide, fold
from tests.builders import a_lead, a_policy, a_snapshot, leads, partner

NAMES = {"anna": "Anna", "bert": "Bert", "cora": "Cora"}
THREE = partner("anna", countries=["DE"]) + partner("bert") + partner("cora", countries=["FR"])
ROUTE = '[[route]]\nname = "all"\nmust_cover = ["country"]\n'


def read(decision: Decision, who: str) -> str:
    return seen_by(decision, who, NAMES).text().partition("UTC\n")[2]


def test_each_partner_reads_its_own_part() -> None:
    decision = decide(a_policy(THREE + ROUTE), a_snapshot(), a_lead(country="DE"))
    assert read(decision, "anna") == (
        "  it is yours\n  route 'all': 2 of 3 fit; the turn was yours: "
        "your credit +0.00, 0.50 gained, now -0.50"
    )
    assert read(decision, "bert") == (
        "  it went to another partner\n  route 'all': 2 of 3 fit; it was another partner's turn: "
        "your credit +0.00, 0.50 gained, now +0.50"
    )
    assert read(decision, "cora") == (
        "  it went to another partner\n  route 'all': 2 of 3 fit; you did not: outside region"
    )


@pytest.mark.parametrize(
    ("more", "named", "who", "expected"),
    [
        (
            ROUTE + 'pool = { partners = ["anna"] }',
            None,
            "bert",
            "1 of 1 fit; you are not among its partners",
        ),
        (
            ROUTE + 'prefer = ["country"]',
            None,
            "bert",
            "2 of 3 fit; the route prefers others for such a lead",
        ),
        (ROUTE + 'pick = "cherry_pick"', None, "bert", "it is on offer to 2 partners, you among them"),
        (ROUTE + 'pick = "cherry_pick"', None, "cora", "it is on offer to 2 partners\n"),
        (ROUTE, "Cora", "cora", "it is yours by an existing right"),
        (ROUTE, "Cora", "anna", "it went to another partner by an existing right"),
        (ROUTE.replace('"all"', '"all for Bert"'), None, "anna", "  a route: 2 of 3 fit; the turn was yours"),
        (ROUTE.replace('"all"', '"all for Bert"'), None, "cora", "  a route: 2 of 3 fit; you did not"),
        ("", None, "anna", "no partner could take it"),
    ],
)
def test_it_is_told_how_it_came(more: str, named: str | None, who: str, expected: str) -> None:
    decision = decide(a_policy(THREE + more), a_snapshot(), a_lead(country="DE", partner=named))
    assert expected in read(decision, who) + "\n"


def test_a_lead_given_by_hand_says_so_but_not_by_whom() -> None:
    order = Order("mia@ops", "Bert asked nicely", anyway=True)
    decision = by_hand(a_policy(THREE + ROUTE), a_snapshot(), a_lead(country="DE"), "anna", order)
    assert isinstance(decision, Decision)
    assert read(decision, "anna").startswith("  it is yours by hand\n")


WORD = st.text("bcdfghjkmnpqrstvwxz", min_size=5, max_size=7)


@st.composite
def programmes(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """Rules over partners whose names turn up wherever an admin may write them."""
    ids = draw(st.lists(WORD.map("p{}".format), min_size=2, max_size=4, unique=True))
    names = {who: draw(WORD).title() + " Ltd" for who in ids}
    dice = st.sampled_from(list(names.values()))
    tables = [
        partner(
            who,
            name=names[who],
            countries=draw(st.sampled_from([["DE"], [], ["FR"]])),
            active=draw(st.booleans()),
            owners={"salesforce": [f"user:{n}@{who}.example" for n in range(draw(st.integers(1, 2)))]},
        )
        for who in ids
    ]
    pick = draw(st.sampled_from(["round_robin", "cherry_pick", "least_loaded", "first_in_list"]))
    rules = (
        f'[[screen]]\nname = "no {draw(dice)}"\nwhen = {{ employees = {{ below = 3 }} }}\n'
        f'[[route]]\nname = "for {draw(dice)}"\nwhen = {{ company = {{ not = "{draw(dice)}" }} }}\n'
        f'must_cover = ["country"]\npick = "{pick}"\nprefer = ["country"]\n'
        f'if_nobody_fits = {{ then = "next_route" }}\nrotation = {{ name = "{draw(dice)}" }}\n'
        f'[[route]]\nname = "rest"\nmust_cover = ["country"]\n'
    )
    return "".join(tables) + rules, names


@settings(max_examples=60)
@given(programme=programmes(), data=st.data())
def test_no_other_partner_and_nothing_of_the_person_is_ever_named(
    programme: tuple[str, dict[str, str]], data: st.DataObject
) -> None:
    toml, names = programme
    whose = st.sampled_from([*names.values(), None])
    person: dict[str, Any] = {"last_name": "Zauberberg", "email": "zauberberg@quux.example"}
    work = [
        a_lead(
            n,
            **person,
            country=data.draw(st.sampled_from(["DE", "FR", "AT"])),
            employees=data.draw(st.sampled_from([1, 9])),
            company=data.draw(whose) or "Quux",
            partner=data.draw(whose),
        )
        for n in range(3)
    ]
    for decision in fold(a_policy(toml), a_snapshot(), work):
        for who in names:
            view = seen_by(decision, who, names)
            told = (view.text() + json.dumps(view.as_data())).casefold()
            for other, name in names.items():
                if other != who and name.casefold() != names[who].casefold():
                    assert other not in told
                    assert name.casefold() not in told
            assert "zauberberg" not in told
            assert "quux" not in told


def test_explained_as_data_it_names_every_candidate_with_code_and_credits() -> None:
    after = a_snapshot()
    last = list(fold(a_policy(THREE + ROUTE), after, leads(2, country="DE")))[-1]
    told = explained_data(last, NAMES)
    assert json.loads(json.dumps(told)) == told
    assert told["path"][-1] == "next in turn among 2 of 3 that fit"
    assert [(c["partner"], c["fits"], c["because"], c["picked"]) for c in told["candidates"]] == [
        ("anna", True, None, False),
        ("bert", True, None, True),
        ("cora", False, "outside_country", False),
    ]
    assert told["candidates"][1]["credit_before"] == 0.5
    assert told["candidates"][1]["credit_after"] == after.credits["all"]["bert"] == 0
