"""A partner by name: orders and claims pass the checks that every lead passes."""

from typing import Any

import pytest

from connector.model.decision import Decision, Outcome
from connector.model.lead import Lead
from connector.model.snapshot import Leader
from connector.routing.by_hand import Objection, Order, Place, by_hand, claimable
from connector.routing.commands import commands
from connector.routing.facts import understand
from connector.routing.reasons import say, summary
from connector.routing.rotation import LEAD
from tests.builders import a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW

RULES = (
    """
    [[screen]]
    name = "consent"
    stage = "legal"
    when = { sharing_consent = false }
    then = "hold"
    [[screen]]
    name = "tiny"
    when = { employees = { below = 5 } }
    """
    + partner("anna", countries=["DE"], max_open_leads=2)
    + partner("bert", countries=["DE", "AT"])
    + partner("cora", countries=["DE"], active=False)
    + partner("dora")
    + """
    [[route]]
    name = "germany"
    when = { country = "DE" }
    pool = { partners = ["anna", "bert", "cora"] }
    must_cover = ["country"]
    [[route]]
    name = "alps"
    when = { country = ["DE", "AT"] }
    pool = { partners = ["bert", "dora"] }
    """
)


def ordered(
    who: str, lead: Lead, place: Place | None = None, load: dict[str, int] | None = None, **order: Any
) -> Decision | tuple[Objection, ...]:
    terms = Order("mia@ops", "they met at the fair", **order)
    return by_hand(a_policy(RULES), a_snapshot(load=load), lead, who, terms, place or Place())


def told(found: Decision | tuple[Objection, ...]) -> list[tuple[str, bool]]:
    assert not isinstance(found, Decision)
    return [(objection.reason.code, objection.waivable) for objection in found]


def test_an_order_is_a_decision_that_says_who_and_why_and_takes_no_turn() -> None:
    decision = ordered("bert", a_lead(country="DE"))
    assert isinstance(decision, Decision)
    assert (decision.outcome, decision.partner, decision.route) == (Outcome.ASSIGNED, "bert", "germany")
    assert (decision.owner, decision.turns) == ("user:bert@x.example", ())
    assert summary(decision) == "Mia@ops gave it to bert: they met at the fair"
    assert decision.choices[0].eligible == ("anna", "bert")
    assert decision.choices[0].refused == {"suspended": ("cora",)}
    (command,) = commands(a_policy(RULES), decision)
    assert (command.owner_before, command.values["partner"]) == ("queue:Intake", "Bert")
    assert Decision.from_data(decision.as_data()) == decision


def test_it_takes_a_turn_where_that_is_asked_for() -> None:
    decision = ordered("bert", a_lead(country="DE"), takes_turn=True)
    assert isinstance(decision, Decision)
    assert decision.rotation == "germany"
    assert decision.turns[0].entry == {"anna": LEAD // 2, "bert": -LEAD // 2}


def test_whoever_is_given_a_lead_anyway_pays_for_it_all_the_same() -> None:
    decision = ordered("dora", a_lead(country="DE"), takes_turn=True)
    assert isinstance(decision, Decision)
    assert (decision.route, set(decision.turns[0].entry)) == ("alps", {"bert", "dora"})
    full = ordered("anna", a_lead(country="DE"), load={"anna": 2}, takes_turn=True, anyway=True)
    assert isinstance(full, Decision)
    assert full.turns[0].entry == {"anna": -LEAD // 2, "bert": LEAD // 2}


@pytest.mark.parametrize(
    ("who", "lead", "expected"),
    [
        ("anna", a_lead(country="DE"), [("refused", True)]),
        ("anna", a_lead(country="AT"), [("not_in_pool", True), ("refused", True)]),
        ("dora", a_lead(country="FR"), [("no_route", True)]),
        ("bert", a_lead(country="DE", employees=1), [("screened", True)]),
        ("bert", a_lead(country="DE", partner="Anna"), [("standing", True)]),
        ("bert", a_lead(country="DE", owner="user:rep@x.example"), [("owner_not_ours_to_take", True)]),
        ("cora", a_lead(country="DE"), [("refused", False)]),
        ("bert", a_lead(country="DE", sharing_consent=False), [("screened", False)]),
        ("bert", a_lead(country="DE", converted=True), [("converted", False)]),
    ],
)
def test_what_stands_against_it_is_told_and_only_what_is_soft_is_waived(
    who: str, lead: Lead, expected: list[tuple[str, bool]]
) -> None:
    load = {"anna": 2}
    found = ordered(who, lead, load=load)
    assert told(found) == expected
    assert not isinstance(found, Decision)
    assert all(say(objection.reason) for objection in found)
    anyway = ordered(who, lead, load=load, anyway=True)
    if all(soft for _, soft in expected):
        assert isinstance(anyway, Decision)
        assert anyway.partner == who
        assert Decision.from_data(anyway.as_data()) == anyway
        assert [reason.facts["objection"] for reason in anyway.reasons[1:]] == [code for code, _ in expected]
        assert "although" in summary(anyway)
    else:
        assert told(anyway) == expected


def test_the_law_goes_before_everything_else_that_is_told() -> None:
    found = ordered("dora", a_lead(country="FR", sharing_consent=False))
    assert told(found) == [("screened", False), ("no_route", True)]


def test_there_is_no_turn_to_take_without_a_rotation() -> None:
    assert told(ordered("dora", a_lead(country="FR"), takes_turn=True, anyway=True)) == [
        ("no_route", True),
        ("no_turn_to_take", False),
    ]


def test_a_lead_that_we_gave_away_may_be_given_to_another_but_not_twice_to_one() -> None:
    lead = a_lead(country="DE", owner="user:anna@x.example", partner="Anna")
    place = Place(ours=True, partner="anna")
    assert isinstance(ordered("bert", lead, place), Decision)
    assert told(ordered("anna", lead, place, anyway=True)) == [("already_theirs", False)]


def test_a_record_that_follows_another_is_not_given_alone() -> None:
    snapshot, lead = a_snapshot(), a_lead(country="DE")
    snapshot.leaders = {lead.ref: Leader(a_lead(2).ref)}
    found = by_hand(a_policy(RULES), snapshot, lead, "bert", Order("mia@ops", "x", anyway=True))
    assert told(found) == [("leader_decides", False)]


def test_a_claim_passes_the_same_checks_whoever_holds_the_record() -> None:
    policy, held = a_policy(RULES), "user:bert@x.example"
    assert claimable(policy, a_snapshot(), a_lead(country="DE", owner=held), "bert") is None

    def refused(who: str, load: dict[str, int] | None = None, **facts: Any) -> str:
        reason = claimable(policy, a_snapshot(load=load), a_lead(owner=held, **facts), who)
        return say(reason) if reason else ""

    assert refused("dora", country="FR") == "no route covers this lead"
    assert refused("anna", country="AT") == "anna is not in the pool of route 'alps'"
    assert refused("anna", {"anna": 2}, country="DE") == "anna is at capacity"
    assert refused("cora", country="DE") == "cora is suspended"
    assert refused("bert", country="DE", sharing_consent=False) == "screen 'consent'"


def reasons(found: Decision | tuple[Objection, ...]) -> list[tuple[str, dict[str, Any]]]:
    assert not isinstance(found, Decision)
    return [(each.reason.code, dict(each.reason.facts)) for each in found]


@pytest.mark.parametrize(
    ("who", "lead", "expected"),
    [
        ("anna", a_lead(country="DE"), [("refused", {"partner": "anna", "because": "at_capacity"})]),
        (
            "anna",
            a_lead(country="AT"),
            [
                ("not_in_pool", {"partner": "anna", "route": "alps"}),
                ("refused", {"partner": "anna", "because": "at_capacity"}),
            ],
        ),
        ("dora", a_lead(country="FR"), [("no_route", {})]),
        (
            "bert",
            a_lead(country="DE", partner="Anna"),
            [("standing", {"kind": "partner_on_lead", "partner": "anna", "named": "Anna"})],
        ),
        (
            "bert",
            a_lead(country="DE", owner="user:rep@x.example"),
            [("owner_not_ours_to_take", {"owner": "user:rep@x.example"})],
        ),
        ("cora", a_lead(country="DE"), [("refused", {"partner": "cora", "because": "suspended"})]),
        ("bert", a_lead(country="DE", converted=True), [("converted", {})]),
        ("bert", a_lead(country="DE", partner="Zoe"), []),
        ("bert", a_lead(country="DE", partner="Bert"), []),
    ],
)
def test_an_objection_says_exactly_what_is_in_the_way(
    who: str, lead: Lead, expected: list[tuple[str, dict[str, Any]]]
) -> None:
    found = ordered(who, lead, load={"anna": 2})
    assert (reasons(found) if not isinstance(found, Decision) else []) == expected


@pytest.mark.parametrize(
    ("facts", "screen", "stage", "waivable"),
    [
        ({"sharing_consent": False}, "consent", "legal", False),
        ({"employees": 1}, "tiny", "quality", True),
    ],
)
def test_a_screen_in_the_way_says_which_and_by_which_clauses(
    facts: dict[str, Any], screen: str, stage: str, waivable: bool
) -> None:
    policy, lead = a_policy(RULES), a_lead(country="DE", **facts)
    (objection,) = by_hand(policy, a_snapshot(), lead, "bert", Order("mia@ops", "x"))  # type: ignore[misc]
    (known,) = [each for each in (*policy.legal_screens, *policy.quality_screens) if each.name == screen]
    clauses = known.condition.told(understand(lead, NOW))
    assert clauses
    assert (objection.reason.facts, objection.waivable) == (
        {"screen": screen, "stage": stage, "clauses": clauses},
        waivable,
    )


def test_what_cannot_be_given_is_told_with_whom_or_what() -> None:
    lead = a_lead(country="DE", owner="user:anna@x.example", partner="Anna")
    theirs = ordered("anna", lead, Place(ours=True, partner="anna"))
    assert reasons(theirs) == [("already_theirs", {"partner": "anna"})]
    snapshot = a_snapshot()
    snapshot.leaders = {lead.ref: Leader(a_lead(2).ref)}
    follows = by_hand(a_policy(RULES), snapshot, lead, "bert", Order("mia", "x"), Place(True, "anna"))
    assert reasons(follows) == [("leader_decides", {"leader": "salesforce:000002"})]
    no_turn = ordered("dora", a_lead(country="FR"), takes_turn=True)
    assert reasons(no_turn)[1] == ("no_turn_to_take", {"partner": "dora"})


def test_the_whole_decision_of_an_order() -> None:
    team = ["user:a1@x.example", "user:a2@x.example"]
    rules = (
        partner("anna", owners={"salesforce": team}, max_open_leads=1)
        + partner("bert")
        + """
        [standing]
        order = ["same_person"]
        [score]
        grades = { fit = [10, 5, 1], engagement = [3, 2, 1] }
        [[score.fit.points]]
        when = { country = "DE" }
        points = 10
        [[route]]
        name = "all"
        """
    )
    policy, lead = a_policy(rules), a_lead(country="Germany", email="jo@globex.com")
    order = Order("mia@ops", "the fair", anyway=True, takes_turn=True)
    found = by_hand(policy, a_snapshot(load={"anna": 1}), lead, "anna", order)
    assert isinstance(found, Decision)
    assert found.at == NOW
    assert [(each.code, dict(each.facts)) for each in found.reasons] == [
        ("by_hand", {"partner": "anna", "who": "mia@ops", "because": "the fair"}),
        ("waived", {"objection": "refused", "facts": {"partner": "anna", "because": "at_capacity"}}),
    ]
    assert [(turn.rotation, turn.picked, dict(turn.entry)) for turn in found.turns] == [
        ("all", "anna", {"anna": -LEAD // 2, "bert": LEAD // 2}),
        ("owners:anna@salesforce", team[0], {team[0]: -LEAD // 2, team[1]: LEAD // 2}),
    ]
    assert found.turns[0].before == {"anna": 0, "bert": 0}
    assert found.turns[0].gain == {"anna": LEAD // 2, "bert": LEAD // 2}
    (choice,) = found.choices
    assert (choice.route, choice.eligible, choice.picked) == ("all", ("bert",), "anna")
    assert found.score
    assert (found.score.total, found.score.grade) == (10, "A4")
    assert found.identity
    assert found.identity.email == "jo@globex.com"
    alone = a_policy(partner("bert") + "[standing]\norder = []\n")
    plain = by_hand(alone, a_snapshot(), a_lead(), "bert", Order("m", "x", anyway=True))
    assert isinstance(plain, Decision)
    assert plain.identity is None


def test_a_lead_is_judged_by_the_admins_words_and_grades() -> None:
    rules = (
        'missing_words = ["tbd"]\n'
        + partner("anna")
        + partner("bert")
        + """
        [[screen]]
        name = "no company"
        when = { company = { missing = true } }
        [[route]]
        name = "germany"
        when = { country = "DE" }
        """
    )
    found = by_hand(
        a_policy(rules), a_snapshot(), a_lead(country="DE", company="TBD"), "bert", Order("m", "x")
    )
    assert [code for code, _ in reasons(found)] == ["screened"]


def test_a_lead_is_judged_by_the_admins_rates() -> None:
    rules = (
        'base_currency = "EUR"\nrates = { USD = 0.5 }\n'
        + partner("bert")
        + '[[screen]]\nname = "small"\nwhen = { deal_value = { below = 100 } }\n'
    )
    lead = a_lead(deal_value=199, currency="USD")
    found = by_hand(a_policy(rules), a_snapshot(), lead, "bert", Order("m", "x"))
    assert [code for code, _ in reasons(found)] == ["screened", "no_route"]


def test_what_the_route_asks_of_its_partners_is_asked_of_the_one_that_is_named() -> None:
    rules = partner("anna", countries=["FR"]) + '[[route]]\nname = "r"\nmust_cover = ["country"]\n'
    found = by_hand(a_policy(rules), a_snapshot(), a_lead(country="DE"), "anna", Order("m", "x"))
    assert reasons(found) == [("refused", {"partner": "anna", "because": "outside_country"})]
