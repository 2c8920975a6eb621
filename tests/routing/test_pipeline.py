"""One lead, one decision, every reason."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.decision import Decision, Outcome, Reason
from connector.model.lead import Lead
from connector.routing.commands import commands
from connector.routing.pipeline import decide, fold
from connector.routing.reasons import CODES, summary
from tests.builders import FALLBACK, a_lead, a_policy, a_snapshot, leads, partner
from tests.conftest import NOW

TWO = partner("anna", countries=["DE"]) + partner("bert", countries=["DE", "AT"])
DACH = """
[[route]]
name = "dach"
when = { country = ["DE", "AT"] }
must_cover = ["country"]
if_nobody_fits = { hold = "24h" }
"""


def decided(toml: str, lead: Lead, **state: Any) -> Decision:
    return decide(a_policy(toml), a_snapshot(**state), lead)


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_a_lead_goes_to_a_partner_that_covers_it() -> None:
    decision = decided(TWO + DACH, a_lead(country="Austria"))
    assert (decision.outcome, decision.partner, decision.owner) == (
        Outcome.ASSIGNED,
        "bert",
        "user:bert@x.example",
    )
    assert codes(decision) == ["route", "picked"]
    assert decision.choices[0].refused == {"outside_country": ("anna",)}


def test_a_lead_that_another_holds_is_left_alone() -> None:
    decision = decided(TWO + DACH, a_lead(country="DE", owner="user:rep@x.example"))
    assert decision.outcome is Outcome.LEFT_ALONE
    assert not commands(a_policy(TWO + DACH), decision)


def test_owner_names_ignore_case() -> None:
    assert decided(TWO + DACH, a_lead(country="DE", owner="QUEUE:intake")).outcome is Outcome.ASSIGNED


def test_an_unowned_lead_is_taken_where_nobody_is_listed() -> None:
    assert decided(TWO + DACH, a_lead(crm="hubspot", country="DE", owner=None)).outcome is Outcome.ASSIGNED
    assert decided(TWO + DACH, a_lead(country="DE", owner=None)).outcome is Outcome.LEFT_ALONE


def test_a_converted_lead_is_left_alone() -> None:
    assert codes(decided(TWO + DACH, a_lead(country="DE", converted=True))) == ["converted"]


def test_a_legal_screen_goes_before_standing_and_a_quality_screen_after_it() -> None:
    """[[screen]]
    name = "consent"
    stage = "legal"
    require = { sharing_consent = true }
    otherwise = "hold"
    [[screen]]
    name = "budget"
    when = { budget = "No budget" }
    then = "nurture"
    look_again_after = "30d"
    """
    toml = _docstring(test_a_legal_screen_goes_before_standing_and_a_quality_screen_after_it) + TWO + DACH
    without_consent = decided(toml, a_lead(partner="Anna", country="DE"))
    assert (without_consent.outcome, without_consent.score.total) == (Outcome.HELD, 0)
    registered = decided(toml, a_lead(partner="Anna", sharing_consent=True, budget="No budget"))
    assert (registered.outcome, registered.partner) == (Outcome.ASSIGNED, "anna")
    ripening = decided(toml, a_lead(sharing_consent=True, budget="no budget", country="DE"))
    assert (ripening.outcome, ripening.look_again_at) == (Outcome.NURTURE, NOW + timedelta(days=30))


def test_a_partner_on_the_record_gets_it_even_at_capacity_and_takes_no_turn() -> None:
    toml = partner("anna", max_open_leads=1) + partner("bert") + DACH
    decision = decided(toml, a_lead(partner="ANNA", country="FR"), load={"anna": 5})
    assert (decision.outcome, decision.partner, decision.rotation) == (Outcome.ASSIGNED, "anna", None)
    assert not decision.turns


def test_a_suspended_partner_gets_nothing_even_by_standing() -> None:
    toml = partner("anna", active=False) + partner("bert") + DACH
    decision = decided(toml, a_lead(partner="anna", country="DE"))
    assert decision.partner == "bert"
    assert codes(decision)[0] == "standing_set_aside"


def test_a_record_that_names_somebody_unknown_is_held_for_a_person() -> None:
    decision = decided(TWO + DACH, a_lead(partner="Nobody Ltd", country="DE"))
    assert (decision.outcome, codes(decision)) == (Outcome.HELD, ["standing_of_unknown_partner"])


def test_capacity_is_never_exceeded_and_the_rest_is_held_then_falls_back() -> None:
    toml = partner("anna", max_open_leads=2) + partner("bert", max_open_leads=1) + DACH
    policy, snapshot = a_policy(toml), a_snapshot()
    decisions = list(fold(policy, snapshot, leads(5, country="DE")))
    assert Counter(d.outcome for d in decisions) == {Outcome.ASSIGNED: 3, Outcome.HELD: 2}
    assert snapshot.load == {"anna": 2, "bert": 1}
    assert "0 of 2 fit: 2 at capacity" in summary(decisions[-1])
    assert decisions[-1].look_again_at == NOW + timedelta(minutes=5)
    held = decisions[-1].ref
    snapshot.held_since = {held: NOW - timedelta(hours=24)}
    last = decide(policy, snapshot, leads(5, country="DE")[-1])
    assert (last.outcome, last.owner) == (Outcome.FALLBACK, FALLBACK)


def test_nobody_fits_can_mean_the_next_route() -> None:
    toml = (
        TWO
        + """
        [[route]]
        name = "first"
        must_cover = ["country"]
        if_nobody_fits = { then = "next_route" }
        [[route]]
        name = "second"
    """
    )
    decision = decided(toml, a_lead(country="FR"))
    assert (decision.outcome, decision.route) == (Outcome.ASSIGNED, "second")
    assert [choice.route for choice in decision.choices] == ["first", "second"]


def test_what_no_route_covers_goes_to_the_fallback_owner() -> None:
    decision = decided(TWO + DACH, a_lead(country="FR"))
    assert (decision.outcome, codes(decision)) == (Outcome.FALLBACK, ["no_route"])


def test_a_partner_without_an_owner_in_this_crm_is_no_candidate() -> None:
    toml = '[[partner]]\nid = "anna"\nname = "Anna"\nowners = { hubspot = ["user:a@x.example"] }\n' + DACH
    decision = decided(toml, a_lead(country="DE"))
    assert decision.choices[0].refused == {"no_owner_in_crm": ("anna",)}


def test_routes_that_name_a_rotation_share_its_turns() -> None:
    route = '[[route]]\nname = "{0}"\nwhen = {{ country = "{0}" }}\nrotation = {{ name = "both" }}\n'
    toml = partner("anna") + partner("bert") + route.format("DE") + route.format("AT")
    alternating = [a_lead(n, country="DE" if n % 2 else "AT") for n in range(10)]
    decisions = list(fold(a_policy(toml), a_snapshot(), alternating))
    assert Counter(d.partner for d in decisions) == {"anna": 5, "bert": 5}
    assert Counter((d.route, d.partner) for d in decisions).most_common(1)[0][1] == 5


def test_the_score_is_the_capped_sum_of_its_points() -> None:
    toml = (
        TWO
        + DACH
        + """
        [score.fit]
        most = 25
        [[score.fit.points]]
        when = { country = "DE" }
        points = 20
        [[score.fit.points]]
        when = { employees = { at_least = 10 } }
        points = 20
        [[score.engagement.points]]
        name = "left"
        when = { country = "DE" }
        points = -5
    """
    )
    score = decided(toml, a_lead(country="DE", employees=50)).score
    assert (score.total, score.by_group) == (25, {"fit": 25, "engagement": 0})
    assert [(p.rule, p.points) for p in score.points] == [("fit 1", 20), ("fit 2", 20), ("left", -5)]


def test_a_route_may_ask_for_a_score() -> None:
    toml = (
        TWO
        + """
        [[score.fit.points]]
        when = { country = "DE" }
        points = 20
        [[route]]
        name = "good"
        when = { score = { at_least = 20 } }
    """
    )
    assert decided(toml, a_lead(country="DE")).route == "good"
    assert decided(toml, a_lead(country="AT")).outcome is Outcome.FALLBACK


@given(st.lists(st.sampled_from(["DE", "AT", "FR", None]), max_size=30))
def test_a_batch_decides_exactly_as_one_by_one(countries: list[str | None]) -> None:
    policy = a_policy(partner("anna", max_open_leads=3) + partner("bert", countries=["AT"]) + DACH)
    work = [a_lead(n, country=country) for n, country in enumerate(countries)]
    batch = [d.as_data() for d in fold(policy, a_snapshot(), work)]
    single = a_snapshot()
    one_by_one = []
    for lead in work:
        decision = decide(policy, single, lead)
        single.apply(decision)
        one_by_one.append(decision.as_data())
    assert batch == one_by_one
    assert sum(sum(ledger.values()) for ledger in single.credits.values()) == 0


def test_a_decision_survives_the_journey_through_json() -> None:
    toml = partner("anna", max_open_leads=0) + partner("bert") + DACH
    decision = decided(toml, a_lead(country="DE"))
    assert Decision.from_data(decision.as_data()) == decision


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_writes_only_what_it_means(outcome: Outcome) -> None:
    follows = Reason("follows", {"leader": "hubspot:7", "outcome": "assigned"})
    reasons = (follows,) if outcome is Outcome.FOLLOWS else ()
    decision = Decision(
        a_lead().ref, NOW, outcome, partner="anna", owner="user:anna@x.example", reasons=reasons
    )
    written = commands(a_policy(TWO), decision)
    assert bool(written) == (outcome not in (Outcome.LEFT_ALONE, Outcome.GONE))
    assert all(("owner" in command.values) != command.follows for command in written)


def test_every_reason_has_words() -> None:
    assert len(set(CODES)) == len(CODES)
    long = decided(TWO + DACH, a_lead(country="DE", partner="x" * 300))
    assert len(summary(long)) == 255


def _docstring(test: Any) -> str:
    return str(test.__doc__) + "\n"


def test_a_route_may_ask_for_the_connection_and_the_record_type() -> None:
    toml = (
        TWO
        + """
        [[route]]
        name = "deals"
        when = { crm = "salesforce", record_type = "Deal_Registration" }
    """
    )
    assert decided(toml, a_lead(record_type="Deal_Registration")).route == "deals"
    assert decided(toml, a_lead(record_type="Partner_Lead")).route is None
    assert decided(toml, a_lead(crm="hubspot", owner=None, record_type="Deal_Registration")).route is None


def test_a_decision_is_linked_and_says_when_it_is_looked_at_again() -> None:
    toml = 'decision_link = "https://ops.example/{ref}"\n' + partner("anna", max_open_leads=0) + DACH
    (command,) = commands(a_policy(toml), decided(toml, a_lead(country="DE")))
    assert command.values["link"] == "https://ops.example/salesforce:000001"
    assert command.values["due"] == (NOW + timedelta(minutes=5)).isoformat()
