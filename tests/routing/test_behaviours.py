"""Behaviours of other lead routers that concern who may have a lead, and scores; see docs/behaviours.md."""

from datetime import timedelta

import pytest

from connector.model.decision import Outcome
from connector.model.lead import Lead, Ref
from connector.routing.pipeline import decide, fold
from connector.routing.policy import BadPolicy
from tests.builders import a_lead, a_policy, a_snapshot, leads, partner
from tests.conftest import NOW

ROUTE = '[[route]]\nname = "r"\n'
TWO = partner("a") + partner("b")


def capped(name: str, cap: str) -> str:
    return partner(name) + f"max_new_leads = [{cap}]\n"


def test_ca_01_a_cap_is_the_admins_own_number() -> None:
    policy = a_policy(capped("a", '{ leads = 2, per = "day" }, { leads = 45, per = "month" }') + ROUTE)
    assert [d.outcome for d in fold(policy, a_snapshot(), leads(3))] == [
        Outcome.ASSIGNED,
        Outcome.ASSIGNED,
        Outcome.FALLBACK,
    ]


def test_ca_02_who_has_had_more_than_its_cap_gets_nothing_until_the_next_day() -> None:
    policy, snapshot = a_policy(capped("a", '{ leads = 2, per = "day" }') + ROUTE), a_snapshot()
    snapshot.given["a"] = [NOW] * 30
    assert decide(policy, snapshot, a_lead()).partner is None
    snapshot.now = NOW + timedelta(days=1)
    assert decide(policy, snapshot, a_lead()).partner == "a"


def test_ca_06_each_gets_its_cap_and_the_rest_waits() -> None:
    caps = {"a": 2, "b": 1, "c": 1, "d": 1, "e": 2, "f": 2, "g": 2, "h": 1}
    partners = "".join(capped(who, f'{{ leads = {most}, per = "day" }}') for who, most in caps.items())
    policy = a_policy(partners + ROUTE + 'if_nobody_fits = { hold = "24h" }\n')
    decisions = list(fold(policy, a_snapshot(), leads(60)))
    got = [d.partner for d in decisions if d.partner]
    assert {who: got.count(who) for who in caps} == caps
    assert {d.outcome for d in decisions if not d.partner} == {Outcome.HELD}


def test_ca_09_two_each_in_a_rolling_hour_and_the_fifth_waits_for_it_to_pass() -> None:
    cap = '{ leads = 2, per = "hour", rolling = true }'
    policy = a_policy(capped("a", cap) + capped("b", cap) + ROUTE + 'if_nobody_fits = { hold = "24h" }\n')
    snapshot = a_snapshot()
    decisions = list(fold(policy, snapshot, leads(5)))
    assert sorted(d.partner or "" for d in decisions) == ["", "a", "a", "b", "b"]
    snapshot.now = NOW + timedelta(hours=1)
    assert decide(policy, snapshot, a_lead(5)).partner


def test_ca_10_what_is_older_than_the_window_no_longer_counts() -> None:
    policy = a_policy(capped("a", '{ leads = 2, per = "60m" }') + ROUTE)
    snapshot = a_snapshot()
    snapshot.given["a"] = [NOW - timedelta(minutes=70), NOW - timedelta(minutes=50)]
    first = decide(policy, snapshot, a_lead(1))
    assert first.partner == "a"
    snapshot.apply(first)
    assert decide(policy, snapshot, a_lead(2)).partner is None


def test_el_01_what_is_over_or_somebodys_is_left_alone() -> None:
    policy = a_policy(partner("a") + ROUTE)
    assert decide(policy, a_snapshot(), a_lead(converted=True)).outcome is Outcome.LEFT_ALONE
    assert decide(policy, a_snapshot(), a_lead(owner="user:ann@acme.example")).outcome is Outcome.LEFT_ALONE
    assert decide(policy, a_snapshot(), a_lead(status=None, probability=0)).partner == "a"


def test_el_02_a_copy_is_a_lead_of_its_own() -> None:
    policy, snapshot = a_policy(TWO + "[standing]\norder = []\n" + ROUTE), a_snapshot()
    original = a_lead(1, email="ann@acme.example")
    copy = Lead(Ref("salesforce", "000002"), original.owner, NOW, NOW, original.fields)
    assert [d.partner for d in fold(policy, snapshot, [original, copy])] == ["a", "b"]


def test_el_03_a_lead_that_meets_no_condition_is_assigned_to_nobody() -> None:
    policy = a_policy(partner("a") + ROUTE + 'when = { country = "DE" }\n')
    decision = decide(policy, a_snapshot(), a_lead(country="FR"))
    assert (decision.outcome, decision.partner) == (Outcome.FALLBACK, None)


def test_el_05_a_web_forms_lead_is_decided_like_any_other() -> None:
    policy = a_policy(partner("a") + ROUTE)
    assert decide(policy, a_snapshot(), a_lead(crm="hubspot", owner=None)).partner == "a"


@pytest.mark.parametrize(("hours", "taken"), [(25, False), (1, True), (None, False)])
def test_el_07_a_rule_may_leave_out_what_has_been_quiet_for_long(hours: int | None, taken: bool) -> None:
    rule = 'when = { last_activity = { newer_than = "24h" } }\n'
    policy = a_policy(partner("a") + ROUTE + rule, ["last_activity"])
    active = (NOW - timedelta(hours=hours)).isoformat() if hours else None
    old = a_lead(created=NOW - timedelta(days=30), last_activity=active)
    assert bool(decide(policy, a_snapshot(), old).partner) == taken
    assert decide(a_policy(partner("a") + ROUTE), a_snapshot(), old).partner == "a"


def test_el_08_nobody_available_means_nobody() -> None:
    policy = a_policy(partner("a", active=False) + ROUTE)
    decisions = list(fold(policy, a_snapshot(), leads(3)))
    assert {d.partner for d in decisions} == {None}
    assert all(d.choices[0].refused == {"suspended": ("a",)} for d in decisions)


def test_el_09_what_an_automation_owns_is_not_taken_away() -> None:
    policy = a_policy(partner("a") + ROUTE)
    decision = decide(policy, a_snapshot(), a_lead(owner="user:bot@acme.example"))
    assert decision.outcome is Outcome.LEFT_ALONE


def test_el_10_a_lead_whose_owner_is_on_the_list_is_distributed_again() -> None:
    policy = a_policy(partner("a") + ROUTE)
    assert decide(policy, a_snapshot(), a_lead(owner="QUEUE:intake")).partner == "a"
    assert decide(policy, a_snapshot(), a_lead(crm="hubspot", owner=None)).partner == "a"


def test_el_12_a_route_that_nobody_could_serve_is_a_mistake_in_the_file() -> None:
    with pytest.raises(BadPolicy, match="no partner belongs to this pool"):
        a_policy(partner("a", tier="gold") + ROUTE + 'pool = { tier = ["silver"] }\n')


def test_pa_01_the_partner_of_the_leads_country_and_postcode_gets_it() -> None:
    near = partner("near", countries=["DE"])
    abroad = partner("abroad", countries=["FR"])
    policy = a_policy(abroad + near + ROUTE + 'must_cover = ["country"]\n')
    assert decide(policy, a_snapshot(), a_lead(country="Germany", postal_code="1067")).partner == "near"


SCORED = """
[[score.fit.points]]
name = "big"
when = { employees = { at_least = 100 } }
points = 30
[[score.fit.points]]
name = "free mail"
when = { email_kind = "free" }
points = -10
"""


def test_sc_05_a_lead_that_closes_changes_no_other_leads_score() -> None:
    policy, snapshot = a_policy(SCORED + partner("a") + ROUTE), a_snapshot()
    lead = a_lead(1, employees=200, email="ann@gmail.com")
    before = decide(policy, snapshot, lead)
    snapshot.apply(decide(policy, snapshot, a_lead(2, converted=True)))
    assert decide(policy, snapshot, lead).score == before.score


def test_sc_07_every_point_is_shown_with_its_rule_and_adds_up() -> None:
    score = decide(
        a_policy(SCORED + partner("a") + ROUTE), a_snapshot(), a_lead(employees=200, email="a@gmail.com")
    ).score
    assert [(point.rule, point.points) for point in score.points] == [("big", 30), ("free mail", -10)]
    assert score.total == sum(point.points for point in score.points)
