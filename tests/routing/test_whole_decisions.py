"""What each path to a decision says, compared whole with `whole_decisions.txt`: times, turns, all reasons."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model.command import WriteAssignment
from connector.model.decision import Choice, Decision, Outcome, Turn
from connector.model.identity import Relatives
from connector.model.lead import Lead, Ref
from connector.model.registration import Registered, State
from connector.model.snapshot import Leader, Offer
from connector.routing.commands import commands
from connector.routing.identity import identify
from connector.routing.pipeline import decide
from connector.routing.policy import Policy
from tests.builders import a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW
from tests.routing.standing.test_same import JO, having

FILE = Path(__file__).with_name("whole_decisions.txt")
LEAD = a_lead(country="DE")
REF, HS = LEAD.ref, Ref("hubspot", "7")
H, DAY, RETRY = timedelta(hours=1), timedelta(days=1), timedelta(minutes=5)
AB = partner("anna", countries=["DE"]) + partner("bert", countries=["DE", "AT"])
ALL = '[[route]]\nname = "all"\n'
CLAIMS = ALL + 'pick = "cherry_pick"\nif_not_claimed = { after = "2h", then = "first_in_list" }\n'
CLAUSES = [{"field": "country", "operator": "is", "operand": ["DE"], "value": "DE", "holds": True}]
GERMAN = '[[screen]]\nname = "s"\nwhen = { country = ["DE"] }\n'
POINTS = '[[score.fit.points]]\nwhen = { country = "DE" }\npoints = 7\n'
NOT_YET = 'then = "hold"\nhold_for = "3h"\nlook_again_after = "1h"\ntext = "not yet"\n'
NEXT = 'if_nobody_fits = { then = "next_route" }\n'
COVER = '[[route]]\nname = "{}"\nmust_cover = ["country"]\n'
D = "[deal_registration]\n"
P = '[standing]\norder = ["same_person", "same_company"]\n'
TWO = partner("anna", owners={"salesforce": ["user:a1@x", "user:a2@x"], "hubspot": ["user:a3@x"]}) + partner(
    "bert"
)
OF_BERT = {"known": having(a_lead(1, **JO)).known}

offer = {REF: Offer("all", ("anna", "bert"), NOW + H)}


def held(**fields: Any) -> Lead:
    """A lead that lies with whoever holds offers."""
    return a_lead(owner="queue:Offers", country="DE", **fields)


def named(**fields: Any) -> Lead:
    return a_lead(country="DE", **fields)


def reg(state: State, who: str = "bert") -> Mapping[Ref, tuple[Registered, ...]]:
    return {REF: (Registered("reg:1", who, state, {"by": "domain", "registration": "R-1"}),)}


def told(policy: Policy, decision: Decision) -> str:
    """All that a decision says and writes, one part a line, without what it leaves open; times from now."""
    times = {name: getattr(decision, name) for name in ("look_again_at", "accept_by")}
    parts = {
        "partner": decision.partner,
        "owner": decision.owner,
        "route": decision.route,
        "offered_to": list(decision.offered_to),
        **{name: moment and str(moment - decision.at) for name, moment in times.items()},
    }
    return "\n".join(
        [
            f"{decision.outcome.value} {_facts(parts)}".strip(),
            *(f"  {reason.code} {_facts(reason.facts, ())}".rstrip() for reason in decision.reasons),
            *(f"  choice: {_facts(_parts(choice))}" for choice in decision.choices),
            *(f"  turn: {_facts(_parts(turn))}" for turn in decision.turns),
            *(f"  {line}" for write in commands(policy, decision) for line in _written(write)),
        ]
    )


def _written(write: WriteAssignment) -> Iterator[str]:
    yield f"write: {_facts(write.values)}"
    blanked = sorted(name for name, value in write.values.items() if value is None)
    yield f"blank: {', '.join(blanked)}"
    yield f"rest: {_facts({'note': write.note, 'follows': write.follows, 'rivals': write.rivals})}"


def _parts(part: Choice | Turn) -> dict[str, Any]:
    return {field.name: getattr(part, field.name) for field in fields(part)}


def _facts(facts: Mapping[str, Any], unsaid: tuple[Any, ...] = (None, [], {}, ())) -> str:
    return ", ".join(f"{name} {json.dumps(fact)}" for name, fact in facts.items() if fact not in unsaid)


SAID = dict(part.split("\n", 1) for part in FILE.read_text().rstrip().split("\n\n"))
PATHS: list[tuple[str, str, Lead, dict[str, Any]]] = [
    ("a follower waits for its leader", AB + ALL, LEAD, {"leaders": {REF: Leader(HS)}}),
    (
        "a follower goes to its leader's partner",
        AB + ALL,
        LEAD,
        {"leaders": {REF: Leader(HS, Outcome.ASSIGNED, "bert")}},
    ),
    (
        "a follower of a lead that nobody has has nobody",
        AB + ALL,
        LEAD,
        {"leaders": {REF: Leader(HS, Outcome.FALLBACK)}},
    ),
    ("an offer names who may claim it and ends", AB + CLAIMS, LEAD, {}),
    ("an offer that stands keeps its end", AB + CLAIMS, held(), {"on_offer": offer}),
    (
        "what nobody claimed in time goes the other way",
        AB + CLAIMS,
        held(),
        {"on_offer": {REF: Offer("all", ("anna", "bert"), NOW)}},
    ),
    (
        "an offer by another route that ended begins anew here",
        AB + CLAIMS,
        held(),
        {"on_offer": {REF: Offer("other", ("anna", "bert"), NOW)}},
    ),
    ("whoever the claim field names has it", AB + CLAIMS, held(claimed_by="Bert"), {"on_offer": offer}),
    (
        "whoever took it over has it",
        AB + CLAIMS,
        a_lead(country="DE", owner="user:anna@x.example"),
        {"on_offer": offer},
    ),
    (
        "the claim field goes before the owner",
        AB + CLAIMS,
        a_lead(country="DE", owner="user:anna@x.example", claimed_by="bert"),
        {"on_offer": offer},
    ),
    (
        "a claim by somebody unknown leaves the offer",
        AB + CLAIMS,
        held(claimed_by="zoe"),
        {"on_offer": offer},
    ),
    (
        "a converted lead is claimed no more",
        AB + CLAIMS,
        held(claimed_by="Bert", converted=True),
        {"on_offer": offer},
    ),
    ("a claimed lead goes to the owner in turn", TWO + CLAIMS, held(claimed_by="anna"), {"on_offer": offer}),
    (
        "a suspended partner claims nothing",
        AB.replace('id = "bert"', 'id = "bert"\nactive = false') + CLAIMS,
        held(claimed_by="bert"),
        {"on_offer": offer},
    ),
    ("owners of a partner take turns", TWO + '[[route]]\nname="all"\npick="first_in_list"\n', LEAD, {}),
    ("a lead that ripened says so", AB + ALL, LEAD, {"nurtured": {REF: True}}),
    ("a lead that another holds is left alone", AB + ALL, a_lead(country="DE", owner="user:rep@x"), {}),
    (
        "a lead that was taken back says how, and how often",
        AB + ALL,
        a_lead(country="DE", owner="user:rep@x"),
        {"taken_back": {REF: "breached"}, "breaches": {REF: 2}},
    ),
    (
        "a lead on offer that another took is left alone",
        AB + CLAIMS,
        a_lead(country="DE", owner="user:rep@x"),
        {"on_offer": offer},
    ),
    ("a screen tells its text and looks again", GERMAN + 'stage="legal"\n' + NOT_YET + AB + ALL, LEAD, {}),
    (
        "a screen looks again when its time ends",
        GERMAN + 'stage="legal"\n' + NOT_YET + AB + ALL,
        LEAD,
        {"held_since": {REF: NOW - 2.5 * H}},
    ),
    (
        "a screen lets pass after its time",
        GERMAN + 'stage="legal"\nthen="hold"\nhold_for="3h"\n' + AB + ALL,
        LEAD,
        {"held_since": {REF: NOW - 3 * H}},
    ),
    (
        "no partner sees what the law screens",
        GERMAN + 'stage="legal"\nthen="hold"\n' + AB + ALL,
        LEAD,
        {"taken_back": {REF: "declined"}},
    ),
    (
        "a quality screen leaves the owner",
        GERMAN + 'then="hold"\n' + AB + ALL,
        LEAD,
        {"taken_back": {REF: "declined"}},
    ),
    (
        "a rejected lead leaves the partner",
        GERMAN + 'then="reject"\n' + AB + ALL,
        LEAD,
        {"taken_back": {REF: "declined"}},
    ),
    (
        "what ripens once more has not ripened",
        GERMAN + 'then="nurture"\nlook_again_after="30d"\n' + AB + ALL,
        LEAD,
        {"nurtured": {REF: True}},
    ),
    (
        "the second screen decides after the first let pass",
        GERMAN + 'then="hold"\nhold_for="1h"\n' + GERMAN.replace('"s"', '"t"') + 'then="reject"\n' + AB + ALL,
        LEAD,
        {"held_since": {REF: NOW - H}},
    ),
    ("a registration gives the lead to its partner", AB + ALL + D, LEAD, {"registered": reg(State.APPROVED)}),
    ("a registration under review holds", AB + ALL + D, LEAD, {"registered": reg(State.UNDER_REVIEW)}),
    (
        "a registration may go to the channel manager",
        AB + ALL + '[deal_registration]\nnew_leads="to_channel_manager"\n',
        LEAD,
        {"registered": reg(State.APPROVED)},
    ),
    (
        "a paused partner's registration waits",
        AB + ALL + D,
        LEAD,
        {"registered": reg(State.APPROVED), "paused_partners": frozenset({"bert"})},
    ),
    (
        "a registration of one who leaves goes to a person",
        AB + ALL + D,
        LEAD,
        {"registered": reg(State.APPROVED), "retiring": frozenset({"bert"})},
    ),
    (
        "a registration without an owner goes to a person",
        partner("anna") + partner("bert", owners={"hubspot": ["user:u"]}) + ALL + D,
        LEAD,
        {"registered": reg(State.APPROVED)},
    ),
    ("one who leaves is passed over", AB + ALL, named(partner="anna"), {"retiring": frozenset({"anna"})}),
    (
        "the right of a paused partner waits",
        AB + ALL,
        named(partner="anna"),
        {"paused_partners": frozenset({"anna"})},
    ),
    ("an unknown name waits for a person", AB + ALL, named(partner="zoe"), {}),
    (
        "a standing takes a turn where it should",
        "[standing]\ntakes_turn=true\n" + AB + ALL,
        named(partner="bert"),
        {},
    ),
    (
        "a standing takes a turn among those that fit and itself",
        "[standing]\ntakes_turn=true\n"
        + AB
        + partner("cora", countries=["FR"])
        + '[[route]]\nname="first"\npick="first_in_list"\n'
        + COVER.format("all"),
        named(partner="cora"),
        {},
    ),
    ("who had the absorbed record has this one", AB + ALL, LEAD, {"inherited": {REF: "anna"}}),
    ("the absorbed record's partner is unknown", AB + ALL, LEAD, {"inherited": {REF: "zoe"}}),
    (
        "rights that disagree wait for a person",
        "[deal_registration]\n" + AB + ALL,
        named(partner="anna"),
        {"registered": reg(State.APPROVED)},
    ),
    (
        "or the first of them decides",
        '[standing]\nif_they_disagree="first"\n[deal_registration]\n' + AB + ALL,
        named(partner="anna"),
        {"registered": reg(State.APPROVED)},
    ),
    ("the same person's other record goes along", P + AB + ALL, a_lead(99, **JO), {**OF_BERT}),
    (
        "or waits where the partner has no owner",
        P + partner("anna") + partner("bert", owners={"hubspot": ["user:u"]}) + ALL,
        a_lead(99, **JO),
        {**OF_BERT},
    ),
    (
        "and stays with a partner that leaves",
        P + AB + ALL,
        a_lead(99, **JO),
        {**OF_BERT, "retiring": frozenset({"bert"})},
    ),
    (
        "a paused route holds, an urgent lead too",
        '[order]\nurgent={country=["DE"]}\n' + AB + ALL,
        LEAD,
        {"paused_routes": frozenset({"all"})},
    ),
    (
        "enough partners had it",
        AB + '[[route]]\nname="all"\nif_not_accepted={try_partners=1}\n',
        LEAD,
        {"taken_back": {REF: "declined"}, "had_before": {REF: {"anna": "declined_before"}}},
    ),
    (
        "what no route covers goes to the fallback owner",
        AB + '[[route]]\nname="fr"\nwhen={country=["FR"]}\n',
        LEAD,
        {},
    ),
    (
        "where nobody fits it is held",
        AB + COVER.format("one") + 'if_nobody_fits={hold="2h"}\n',
        a_lead(country="FR"),
        {},
    ),
    (
        "and looked at often until the time ends",
        AB + COVER.format("one") + 'if_nobody_fits={hold="2h"}\n',
        a_lead(country="FR"),
        {"held_since": {REF: NOW - 1.9 * H}},
    ),
    (
        "then it falls back",
        AB + COVER.format("one") + 'if_nobody_fits={hold="2h"}\n',
        a_lead(country="FR"),
        {"held_since": {REF: NOW - 2 * H}},
    ),
    (
        "or goes to the next route",
        AB + COVER.format("one") + 'if_nobody_fits={hold="2h",then="next_route"}\n[[route]]\nname="two"\n',
        a_lead(country="FR"),
        {"held_since": {REF: NOW - 2 * H}},
    ),
    (
        "and falls back where that has nobody either",
        AB + COVER.format("one") + NEXT + COVER.format("two") + NEXT,
        a_lead(country="FR"),
        {},
    ),
    (
        "where everybody had it, waiting changes nothing",
        AB + ALL,
        LEAD,
        {
            "taken_back": {REF: "declined"},
            "had_before": {REF: {"anna": "declined_before", "bert": "held_before"}},
        },
    ),
    ("a time to accept is set", AB + '[[route]]\nname="all"\naccept_within="3h"\n', LEAD, {}),
    (
        "preferences say how many they kept",
        partner("anna", tier="gold")
        + partner("bert", tier="silver")
        + partner("cora", tier="gold")
        + '[[route]]\nname="all"\nprefer=["tier"]\n',
        LEAD,
        {},
    ),
    (
        "who stands in says for whom and until when",
        partner("anna", backup="bert")
        + "away=[{from=2026-11-01,until=2026-11-04}]\n"
        + partner("bert")
        + ALL,
        LEAD,
        {},
    ),
    (
        "one may stand in for two",
        partner("anna", backup="cora")
        + "away=[{from=2026-11-01,until=2026-11-04}]\n"
        + partner("bert", backup="cora")
        + "away=[{from=2026-11-01}]\n"
        + partner("cora")
        + ALL,
        LEAD,
        {},
    ),
    (
        "rights that disagree tell whom each names, known or not",
        D + AB + ALL,
        named(partner="zoe"),
        {"registered": reg(State.APPROVED)},
    ),
    (
        "the same person's record elsewhere goes to the first owner there",
        P
        + partner("bert", owners={"salesforce": ["user:bert@x.example"], "hubspot": ["user:h1", "user:h2"]})
        + ALL,
        a_lead(99, crm="hubspot", owner=None, **JO),
        OF_BERT,
    ),
    (
        "the same person's record goes to the owner that has the other",
        P + partner("bert", owners={"salesforce": ["user:b1@x.example", "user:bert@x.example"]}) + ALL,
        a_lead(99, **JO),
        OF_BERT,
    ),
    (
        "a time to accept that never comes is said",
        partner("anna", queue_outside_hours=True)
        + 'working_hours = { days = "mon", from = "08:00", to = "10:00" }\naway = [{ from = 2026-11-03 }]\n'
        + ALL
        + 'accept_within = "4 working hours"\n',
        LEAD,
        {},
    ),
    (
        "a lead whose turn a route without a rotation gives takes none",
        "[standing]\ntakes_turn = true\n" + AB + ALL + 'pick = "first_in_list"\n',
        named(partner="anna"),
        {},
    ),
    (
        "open deals that fill a partner are told",
        "open_deal_weight = 0.5\n"
        + partner("anna", max_open_leads=2)
        + partner("bert", max_open_leads=1)
        + partner("cora")
        + ALL,
        LEAD,
        {"load": Counter(anna=1, bert=1), "deals": {"anna": 1500, "bert": 500}},
    ),
    (
        "an absorbed record's right yields to a suspension",
        AB.replace('id = "anna"', 'id = "anna"\nactive = false') + ALL,
        LEAD,
        {"inherited": {REF: "anna"}},
    ),
    (
        "a second record of a person says which is the first",
        '[[screen]]\nname = "s"\nuse = "no_duplicate"\n' + AB + ALL,
        LEAD,
        {"known": None, "relatives": {REF: Relatives(duplicate=HS)}},
    ),
    (
        "a follower of a partner without an owner here has none",
        partner("bert", owners={"salesforce": ["user:b@x"]}) + ALL,
        a_lead(crm="hubspot", owner=None),
        {"leaders": {Ref("hubspot", REF.id): Leader(Ref("salesforce", "7"), Outcome.ASSIGNED, "bert")}},
    ),
    ("a lead has its score by whatever right it goes", POINTS + AB + ALL, named(partner="bert"), {}),
    (
        "a screen may look at the score",
        POINTS + '[[screen]]\nname = "s"\nwhen = { score = { at_least = 7 } }\nthen = "hold"\n' + AB + ALL,
        LEAD,
        {},
    ),
    (
        "who had the absorbed record goes before whom the record names",
        AB + ALL,
        named(partner="bert"),
        {"inherited": {REF: "anna"}},
    ),
    (
        "a lead that was taken back goes to none that had it by right either",
        AB + ALL,
        named(partner="anna"),
        {"taken_back": {REF: "recycled"}, "had_before": {REF: {"anna": "held_before"}}},
    ),
    (
        "a route says which of its clauses held",
        AB + ALL + 'when = { country = ["DE"] }\n',
        LEAD,
        {},
    ),
    (
        "nor to whom the absorbed record had",
        AB + ALL,
        LEAD,
        {
            "inherited": {REF: "anna"},
            "taken_back": {REF: "recycled"},
            "had_before": {REF: {"anna": "held_before"}},
        },
    ),
    (
        "deals alone may fill a partner, but not one that takes nothing",
        "open_deal_weight = 0.5\n"
        + partner("anna", max_open_leads=1)
        + partner("bert", max_open_leads=0)
        + ALL,
        LEAD,
        {"deals": {"anna": 1000, "bert": 500}},
    ),
    (
        "an offer by a route that is gone ends with itself",
        AB + CLAIMS,
        held(claimed_by="zoe"),
        {"on_offer": {REF: Offer("gone", ("anna",), None)}},
    ),
]


@pytest.mark.parametrize(("promise", "toml", "lead", "state"), PATHS, ids=[path[0] for path in PATHS])
def test_each_path_says_all_that_was_decided(promise: str, toml: str, lead: Lead, state: Any) -> None:
    snapshot = a_snapshot()
    for name, value in state.items():
        setattr(snapshot, name, value)
    policy = a_policy(toml)
    decision = decide(policy, snapshot, lead)
    assert told(policy, decision) == SAID[f"# {promise}"]
    assert (decision.ref, decision.at, decision.owner_before) == (lead.ref, NOW, lead.owner)
    assert all((each.ref, each.owner_before) == (lead.ref, lead.owner) for each in commands(policy, decision))


def test_every_path_of_the_file_is_tried() -> None:
    assert list(SAID) == [f"# {path[0]}" for path in PATHS]


@pytest.mark.parametrize(
    ("toml", "state", "said"),
    [
        (AB, {}, "held\n  no_route\n  no_fallback_owner"),
        (
            GERMAN + 'then = "reject"\n' + AB + ALL,
            {"taken_back": {REF: "declined"}},
            'rejected\n  taken_back how "declined", breaches 0\n'
            f'  screened screen "s", stage "quality", clauses {json.dumps(CLAUSES)}\n  no_fallback_owner',
        ),
    ],
)
def test_a_crm_without_a_fallback_owner_says_so(toml: str, state: Any, said: str) -> None:
    policy, snapshot = a_policy(toml), a_snapshot()
    crms = {name: replace(crm, fallback_owner=None) for name, crm in policy.crms.items()}
    for name, value in state.items():
        setattr(snapshot, name, value)
    told_whole = told(policy, decide(replace(policy, crms=crms), snapshot, LEAD))
    assert told_whole.partition("\n  write")[0] == said


def test_who_a_lead_is_goes_with_its_decision_where_that_is_asked_for_and_not_once_it_is_converted() -> None:
    lead = a_lead(**JO)
    recognises, plain = a_policy(P + AB + ALL), a_policy("[standing]\norder = []\n" + AB + ALL)
    assert decide(recognises, a_snapshot(), lead).identity == identify(recognises, lead)
    assert decide(recognises, a_snapshot(), replace(lead, converted=True)).identity is None
    assert decide(plain, a_snapshot(), lead).identity is None


def test_a_territory_is_told_with_its_rows_and_its_prefix() -> None:
    rules = 'territories = "t.csv"\n' + AB + '[[route]]\nname = "all"\nmust_cover = ["territory"]\n'
    policy = a_policy(rules, files={"t.csv": "country,postal,partner\nDE,01,anna\nDE,01,bert\n"})
    reasons = decide(policy, a_snapshot(), a_lead(country="DE", postal_code="01067")).reasons
    assert [reason.facts for reason in reasons if reason.code == "territory"] == [
        {
            "partners": ["anna", "bert"],
            "rows": ["t.csv:2", "t.csv:3"],
            "prefix": "01",
            "country": "DE",
            "postal_code": "01067",
        }
    ]


def test_a_lead_that_is_held_for_want_of_a_fallback_owner_keeps_its_route() -> None:
    policy = a_policy(partner("anna", countries=["FR"]) + COVER.format("one"))
    crms = {name: replace(crm, fallback_owner=None) for name, crm in policy.crms.items()}
    decision = decide(replace(policy, crms=crms), a_snapshot(), LEAD)
    assert (decision.outcome, decision.route, decision.owner) == (Outcome.HELD, "one", None)
