"""What every distribution method keeps to."""

import copy
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model.lead import Value
from connector.model.partner import Partner
from connector.model.performance import Performance
from connector.routing.case import Case, Rotation
from connector.routing.methods import METHODS
from connector.routing.pipeline import decide
from connector.routing.rotation import LEAD
from tests.builders import a_lead, a_policy, a_snapshot, partner
from tests.routing.candidates import EXAMPLES, a_case, a_method, a_partner

every_method = pytest.mark.parametrize("name", METHODS)

VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9)
)
LEADS: st.SearchStrategy[dict[str, Value]] = st.dictionaries(
    st.sampled_from(["product", "skills", "country", "industry", "deal_value", "partner", "lead_source"]),
    VALUES | st.sampled_from(["SAP; AWS", "DE", "Anna", "a", 70_000, "Manufacturing"]),
)
PARTNERS = st.lists(
    st.builds(
        a_partner,
        st.sampled_from("abcdefgh"),
        tier=st.sampled_from([None, "gold", "Silver", "other"]),
        countries=st.sampled_from([frozenset(), frozenset({"DE"})]),
        skills=st.sampled_from([{}, {"sap": 3.0}, {"sap": 9, "aws": 0.5}]),
        max_open_leads=st.sampled_from([None, 1, 40]),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda partner: partner.id,
)
RECORDS = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.builds(
        Performance,
        leads=st.integers(0, 900),
        won=st.integers(0, 300),
        revenue=st.floats(0, 1e9),
        responses=st.integers(0, 900),
        response_minutes=st.floats(0, 1e5),
    ),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    counts = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 50))
    return a_case(
        draw(PARTNERS),
        number=draw(st.integers(1, 99)),
        lead=draw(LEADS),
        load=draw(counts),
        credits=draw(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(-2 * LEAD, 2 * LEAD))),
        records=draw(RECORDS),
        rotation=Rotation("r", draw(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 9)))),
        seed=draw(st.integers(0, 3)),
    )


@every_method
@settings(max_examples=30)
@given(case=cases())
def test_it_picks_one_of_the_eligible_and_books_to_zero(name: str, case: Case) -> None:
    pick = a_method(name).pick(case)
    eligible = {partner.id for partner in case.eligible}
    assert pick.partner in ({None} if METHODS[name].offers else eligible)
    assert set(pick.before) == set(pick.gain) == set(pick.entry) <= eligible
    assert sum(pick.entry.values()) == 0
    assert bool(pick.entry) == METHODS[name].uses_rotation


@every_method
@settings(max_examples=30)
@given(case=cases())
def test_it_answers_the_same_again_and_changes_nothing(name: str, case: Case) -> None:
    before = copy.deepcopy(case.snapshot)
    assert a_method(name).pick(case) == a_method(name).pick(case)
    assert case.snapshot == before


@every_method
@settings(max_examples=30)
@given(case=cases(), data=st.data())
def test_the_order_of_the_pool_makes_no_difference_where_it_says_so(
    name: str, case: Case, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(list(case.eligible)))
    other = replace(case, eligible=shuffled)
    if METHODS[name].any_order:
        assert a_method(name).pick(other).partner == a_method(name).pick(case).partner
    else:
        assert a_method(name).pick(other).partner == shuffled[0].id


@every_method
@settings(max_examples=30)
@given(case=cases())
def test_it_says_why_as_data_and_in_words(name: str, case: Case) -> None:
    pick = a_method(name).pick(case)
    facts = json.loads(json.dumps(pick.because))
    assert facts == pick.because
    words = METHODS[name].said({**facts, "among": len(case.eligible)})
    assert words
    assert "{" not in words


@every_method
@given(candidate=PARTNERS, lead=LEADS)
@settings(max_examples=15)
def test_the_only_candidate_gets_it(name: str, candidate: list[Partner], lead: dict[str, Value]) -> None:
    only = None if METHODS[name].offers else candidate[0].id
    assert a_method(name).pick(a_case(candidate[:1], lead=lead)).partner == only


@every_method
def test_it_can_be_written_in_the_config_and_explained(name: str) -> None:
    options = "".join(f", {key} = {_toml(value)}" for key, value in EXAMPLES.get(name, {}).items())
    route = f'[[route]]\nname = "r"\npick = {{ method = "{name}"{options} }}'
    toml = partner("anna") + partner("bert") + route
    decision = decide(a_policy(toml), a_snapshot(), a_lead())
    if METHODS[name].offers:
        assert (decision.partner, decision.offered_to) == (None, ("anna", "bert"))
    else:
        assert decision.partner in ("anna", "bert")
    assert decision.reasons[-1].facts["method"] == name
    assert decision.rotation == ("r" if METHODS[name].uses_rotation else None)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + " }"
    return json.dumps(value) if not isinstance(value, list) else f"[{', '.join(map(_toml, value))}]"
