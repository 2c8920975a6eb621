"""What each kind of standing finds, and how it is told, as whole values."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.model.decision import Decision, Outcome
from connector.model.identity import Holding, Relative
from connector.model.lead import Ref
from connector.model.registration import Registered, State
from connector.model.snapshot import Snapshot
from connector.routing.facts import understand
from connector.routing.identity import identify, identity_of
from connector.routing.pipeline import decide
from connector.routing.policy import BadPolicy
from connector.routing.relatives import relatives_of
from connector.routing.standing import KINDS, Seen, Standing, disagreement, standings
from connector.routing.standing.base import told_of
from tests.builders import a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW
from tests.routing.standing.test_same import POLICY, having, holdings_of

EVERY = '["registration", "named_account", "partner_on_lead", "same_person", "same_company"]'
TABLE = "domain,company,country,partner\nglobex.com,,,anna\n,Initech AG,DE,vendor\n,None,DE,bert\n"
RULES = a_policy(
    f'[standing]\norder = {EVERY}\nnamed_accounts = "named.csv"\n'
    + partner("anna")
    + partner("bert")
    + '[[route]]\nname = "all"\n[deal_registration]\n',
    files={"named.csv": TABLE},
)
DAY = timedelta(days=1)


def found(snapshot: Snapshot | None = None, **fields: Any) -> list[Standing]:
    lead = a_lead(99, **fields)
    snapshot = snapshot or a_snapshot()
    facts = understand(lead, NOW)
    who = identity_of(facts)
    relatives = relatives_of(RULES, snapshot, lead.ref, who)
    return list(standings(Seen(lead.ref, facts, who, relatives, snapshot, RULES.standing)))


def test_a_lead_that_says_nothing_has_no_standing() -> None:
    assert found() == []
    assert found(country="DE") == []


def test_a_named_account_is_found_by_domain_or_by_name() -> None:
    row = {"account": "globex.com", "file": "named.csv", "line": 2, "by": "domain"}
    assert found(email="x@globex.com") == [Standing("named_account", "anna", row)]
    (kept,) = found(company="Initech", country="DE")
    assert (kept.partner, kept.kept, kept.firm) == (None, True, True)
    assert {name: kept.evidence[name] for name in ("account", "line", "by", "score")} == {
        "account": "Initech AG",
        "line": 3,
        "by": "name",
        "score": 1.0,
    }


def test_the_record_names_a_partner_or_somebody_unknown() -> None:
    assert found(partner="ANNA") == [Standing("partner_on_lead", "anna", {"named": "ANNA"})]
    assert found(partner="Zoe") == [Standing("partner_on_lead", None, {"named": "Zoe"})]


def test_what_we_wrote_on_a_record_that_was_taken_back_is_no_right() -> None:
    snapshot = a_snapshot()
    snapshot.taken_back = {a_lead(99).ref: "declined"}
    assert found(snapshot, partner="Anna") == []


def a_registered(ref: str, who: str, state: State = State.APPROVED) -> Registered:
    return Registered(ref, who, state, {"by": "email"})


@pytest.mark.parametrize(
    ("registrations", "expected"),
    [
        ([a_registered("x:1", "anna")], ("anna", "x:1", False)),
        ([a_registered("x:2", "bert"), a_registered("x:1", "anna")], ("anna", "x:1", False)),
        (
            [a_registered("x:1", "bert", State.SUBMITTED), a_registered("x:2", "anna")],
            ("anna", "x:2", False),
        ),
        ([a_registered("x:1", "bert", State.UNDER_REVIEW)], ("bert", "x:1", True)),
        ([a_registered("x:1", "gone"), a_registered("x:2", "anna")], ("anna", "x:2", False)),
        ([a_registered("x:1", "gone")], None),
        ([a_registered("x:1", "gone", State.SUBMITTED)], ("gone", "x:1", True)),
        ([], None),
    ],
)
def test_the_first_approved_registration_counts_else_one_not_decided_yet(
    registrations: list[Registered], expected: tuple[str, str, bool] | None
) -> None:
    snapshot = a_snapshot()
    snapshot.registered = {a_lead(99).ref: tuple(registrations)}
    if expected is None:
        assert found(snapshot) == []
        return
    who, ref, pending = expected
    told = {"registration": ref, "by": "email"}
    assert found(snapshot) == [Standing("registration", who, told, pending=pending)]


@pytest.mark.parametrize("still", [True, False])
def test_the_same_person_and_company_are_found_with_the_record_that_they_come_from(still: bool) -> None:
    snapshot = having(a_lead(1, email="jo@other.com"), "bert", NOW - DAY, still=still)
    told = {"record": "salesforce:000001", "since": (NOW - DAY).isoformat(), "open": still}
    person, company = found(snapshot, email="jo@other.com")
    assert person == Standing(
        "same_person",
        "bert",
        {"by": "email", **told},
        firm=still,
        leader=a_lead(1).ref if still else None,
        owner="user:bert@x.example",
    )
    assert company == Standing(
        "same_company", "bert", {"by": "domain", "domain": "other.com", **told}, firm=False
    )


def test_what_a_right_by_another_lead_is_told_by() -> None:
    other = Relative(Ref("hubspot", "7"), "anna", "user:a", NOW, True, {"by": "phone"})
    assert told_of(other) == {
        "by": "phone",
        "record": "hubspot:7",
        "since": "2026-11-02T09:00:00+00:00",
        "open": True,
    }


@pytest.mark.parametrize(
    ("kind", "evidence", "said"),
    [
        (
            "registration",
            {"registration": "x:1", "by": "email"},
            "the customer is registered (x:1, by e-mail address)",
        ),
        ("registration", {"registration": "x:1", "by": "name"}, "the customer is registered (x:1, by name)"),
        ("named_account", {"account": "globex.com"}, "a named account (globex.com)"),
        ("partner_on_lead", {"named": "Anna"}, "the record already names Anna"),
        (
            "same_person",
            {"record": "x:1", "by": "phone"},
            "the same person as x:1, by telephone and family name",
        ),
        ("same_person", {"record": "x:1", "by": "email"}, "the same person as x:1, by e-mail address"),
        (
            "same_company",
            {"record": "x:1", "by": "domain", "domain": "globex.com"},
            "the same company as x:1, by domain (globex.com)",
        ),
        (
            "same_company",
            {"record": "x:1", "by": "name", "company": "globex"},
            "the same company as x:1, by name (globex)",
        ),
    ],
)
def test_a_standing_is_told_in_a_sentence(kind: str, evidence: dict[str, Any], said: str) -> None:
    assert KINDS[kind].said(evidence) == said


def a_right(who: str | None, **facts: Any) -> Standing:
    return Standing("k", who, {}, **facts)


@pytest.mark.parametrize(
    ("rights", "disagrees"),
    [
        ([a_right("a")], None),
        ([a_right("a"), a_right("a")], None),
        ([a_right("a"), a_right("b")], 1),
        ([a_right("a"), a_right("a"), a_right("b"), a_right("c")], 2),
        ([a_right("a"), a_right("b", firm=False)], None),
        ([a_right("a", firm=False), a_right("b")], None),
        ([a_right(None, kept=True), a_right(None)], 1),
        ([a_right(None, kept=True), a_right(None, kept=True)], None),
    ],
)
def test_only_firm_rights_of_different_partners_disagree(
    rights: list[Standing], disagrees: int | None
) -> None:
    assert disagreement(rights) == (None if disagrees is None else rights[disagrees])


def decided(more: str, since: datetime, **fields: Any) -> Decision:
    policy = a_policy(
        f'[standing]\norder = ["same_person", "same_company"]\n{more}\n'
        + partner("anna")
        + partner("bert")
        + '[[route]]\nname = "all"\n'
    )
    snapshot, lead = a_snapshot(), a_lead(1, **fields)
    who = identify(policy, lead)
    holdings_of(snapshot).add(Holding(lead.ref, "bert", "user:bert@x.example", since, False, who))
    return decide(policy, snapshot, a_lead(99, **fields))


@pytest.mark.parametrize(
    ("more", "fields", "days"),
    [
        ('same_person_within = "10d"', {"email": "jo@gmail.com"}, 10),
        ('same_company_within = "20d"\nsame_person_within = "1d"', {"email": "jo@globex.com"}, 20),
        ("", {"email": "jo@gmail.com"}, 180),
    ],
)
def test_the_past_counts_as_long_as_the_admin_says(more: str, fields: dict[str, str], days: int) -> None:
    assert decided(more, NOW - days * DAY, **fields).partner == "bert"
    assert decided(more, NOW - days * DAY - timedelta(seconds=1), **fields).partner == "anna"


def test_today_is_the_day_where_the_programme_is() -> None:
    policy = a_policy(partner("anna"), zone=ZoneInfo("Asia/Tokyo"))
    lead, late = a_lead(), datetime(2026, 11, 2, 16, 0, tzinfo=UTC)
    facts = understand(lead, late)
    who = identity_of(facts)
    relatives = relatives_of(policy, a_snapshot(), lead.ref, who)
    seen = Seen(lead.ref, facts, who, relatives, a_snapshot(late), policy.standing)
    assert seen.today.isoformat() == "2026-11-03"


def test_a_standing_that_there_is_not_is_found_with_the_nearest_that_there_is() -> None:
    with pytest.raises(BadPolicy) as caught:
        a_policy('[standing]\norder = ["partner_on_leed", "same_person", "same_person"]\n')
    first, second = caught.value.findings[:2]
    assert (first.where, first.message) == (
        ("standing", "order", 0),
        "there is no standing 'partner_on_leed'",
    )
    assert (first.choices, first.wrong) == (tuple(KINDS), "partner_on_leed")
    assert (second.where, second.message) == (
        ("standing", "order", 2),
        "'same_person' is in the order already",
    )


def test_a_person_that_a_partner_has_now_is_followed_not_only_remembered() -> None:
    lead = a_lead(1, email="jo@gmail.com")
    assert decide(POLICY, having(lead), a_lead(99, email="jo@gmail.com")).outcome is Outcome.FOLLOWS
    ended = having(lead, still=False)
    assert decide(POLICY, ended, a_lead(99, email="jo@gmail.com")).outcome is Outcome.ASSIGNED
