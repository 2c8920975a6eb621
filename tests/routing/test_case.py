"""What methods choose from: sizes, weights and absences that lapse, to the unit and to the moment."""

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.routing.case import ByValue, Rotation
from connector.routing.facts import understand
from connector.routing.fitting import unfit
from connector.routing.making_up import MakeUp
from connector.routing.pipeline import decide
from connector.routing.rotation import LEAD
from tests.builders import a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW
from tests.routing.candidates import a_case, partners

BY_VALUE = Rotation("r", {"a": 0, "b": 3}, by_value=ByValue(100, 4))


def test_a_turn_given_by_hand_costs_the_leads_size_and_who_weighs_nothing_counts_as_one() -> None:
    pick = a_case(partners("abc"), rotation=BY_VALUE, lead={"deal_value": 200}).turn_of(partners("a")[0])
    assert pick.partner == "a"
    assert pick.gain == {"a": 400_000_000, "b": 1_200_000_000, "c": 400_000_000}
    assert pick.entry == {"a": -1_600_000_000, "b": 1_200_000_000, "c": 400_000_000}
    assert pick.because == {"rule": "by_hand"}


@pytest.mark.parametrize(
    ("value", "leads"), [(100, 1), (250, 2.5), (900, 4), (1, 0.25), (None, 1), ("much", 1), (float("nan"), 1)]
)
def test_a_lead_costs_its_value_within_bounds_and_one_where_that_is_unknown(value: Any, leads: float) -> None:
    case = a_case(partners("ab"), rotation=BY_VALUE, lead={"deal_value": value})
    assert sum(case.turn().gain.values()) == leads * LEAD
    assert sum(a_case(partners("ab"), lead={"deal_value": value}).turn().gain.values()) == LEAD


def test_what_an_absence_earned_lapses_after_its_time_and_not_at_it() -> None:
    terms = MakeUp(limit=10, within=timedelta(days=14), every=4)
    case = a_case(
        partners("ab"), rotation=Rotation("r", make_up=terms), credits={"a": 3 * LEAD, "b": -3 * LEAD}
    )
    on_time, late = NOW - timedelta(days=14), NOW - timedelta(days=14, seconds=1)
    lapsed = {at: replace(case, returned={"a": at}).turn().because.get("lapsed") for at in (on_time, late)}
    assert lapsed[on_time] is None
    assert lapsed[late]


def test_a_partner_fits_by_the_routes_limits_and_without_a_route_by_its_own() -> None:
    route = '[[route]]\nname = "all"\npool = { partners = ["bert"] }\nmust_cover = ["country"]\n'
    policy = a_policy(partner("anna", countries=["FR"], max_open_leads=1) + partner("bert") + route)
    lead = a_lead(country="DE")
    anna, facts = policy.partners["anna"], understand(lead, NOW)
    assert unfit(policy, a_snapshot(), lead, facts, anna, policy.routes[0]) == "outside_country"
    assert unfit(policy, a_snapshot(), lead, facts, anna, None) is None
    assert unfit(policy, a_snapshot(load={"anna": 1}), lead, facts, anna, None) == "at_capacity"


def test_who_is_away_earns_by_the_weights_of_the_method() -> None:
    terms = MakeUp(limit=10, within=timedelta(days=14), every=4)
    case = replace(a_case(partners("ab"), rotation=Rotation("r", make_up=terms)), away=partners("z"))
    heavy = case.turn(lambda partner: 3 if partner.id == "z" else 1)
    assert heavy.entry["z"] == 3 * heavy.gain["a"]


def test_the_day_is_that_of_the_rules_zone() -> None:
    rules = (
        'territories = "t.csv"\n' + partner("anna") + '[[route]]\nname = "all"\nmust_cover = ["territory"]\n'
    )
    files = {"t.csv": "country,partner,until\nDE,anna,2026-11-02\n"}
    evening = NOW.replace(hour=20)
    for zone, whose in ((UTC, "anna"), (ZoneInfo("Asia/Tokyo"), None)):
        policy = a_policy(rules, zone=zone, files=files)
        assert decide(policy, a_snapshot(evening), a_lead(country="DE")).partner == whose
