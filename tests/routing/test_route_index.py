"""Routes found by value are those that looking at one after another finds."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.routing.conditions import understand_condition
from connector.routing.facts import understand
from connector.routing.route_index import RouteIndex
from tests.benchmarks.decisions import a_crowd, programme
from tests.builders import a_lead, a_policy
from tests.conftest import NOW

FIELDS = ("country", "product", "industry", "employees", "authority")
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "country": st.sampled_from(["DE", "AT", "FR"]),
    "product": st.sampled_from(["ERP", "erp", "CRM"]),
    "industry": st.sampled_from(["Retail", "RETAIL", "Energy"]),
    "employees": st.sampled_from([1, 200, 200.0]),
    "authority": st.booleans(),
}


def _asked(name: str) -> st.SearchStrategy[Any]:
    plain = VALUES[name] | st.lists(VALUES[name], max_size=3)
    return plain | st.sampled_from([{"present": True}, {"missing": True}]) | plain.map(lambda v: {"not": v})


SIMPLE = st.fixed_dictionaries({}, optional={name: _asked(name) for name in FIELDS})
WHENS = st.fixed_dictionaries(
    {},
    optional={
        **{name: _asked(name) for name in FIELDS},
        **{word: st.lists(SIMPLE, min_size=1, max_size=2) for word in ("any", "all", "none")},
    },
)
LEADS = st.fixed_dictionaries({}, optional={name: VALUES[name] for name in FIELDS})


@settings(max_examples=200)
@given(whens=st.lists(WHENS, max_size=12), lead=LEADS)
def test_the_index_leaves_out_no_condition_that_holds(
    whens: list[dict[str, Any]], lead: dict[str, Any]
) -> None:
    conditions = [understand_condition(when, FIELDS) for when in whens]
    facts = understand(a_lead(1, **lead), NOW)
    places = RouteIndex(conditions).places(facts)
    assert places == sorted(set(places))
    plain = [place for place, condition in enumerate(conditions) if condition.holds(facts)]
    assert [place for place in places if conditions[place].holds(facts)] == plain


def test_in_a_large_programme_the_same_routes_cover_every_lead() -> None:
    policy = a_policy(programme(routes=60, partners=80))
    for lead in a_crowd(300):
        facts = understand(lead, NOW).plus("score", 30)
        plain = [route.name for route in policy.routes if route.condition.holds(facts)]
        assert [route.name for route in policy.covering(facts)] == plain


def test_conditions_that_ask_for_many_values_are_still_found() -> None:
    many = [f"p{number}" for number in range(400)]
    when = {"product": many, "industry": many, "country": ["DE", "AT"]}
    index = RouteIndex([understand_condition(when, FIELDS)])
    wanted = understand(a_lead(1, product="p399", industry="p0", country="DE"), NOW)
    assert index.places(wanted) == [0]
    assert index.places(understand(a_lead(1, product="p399", country="FR"), NOW)) == []
