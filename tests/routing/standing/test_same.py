"""A person and a company stay with the partner that has them: across time, CRMs and spellings."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.decision import Decision, Outcome
from connector.model.identity import Holding
from connector.model.known import Holdings
from connector.model.lead import Lead
from connector.model.snapshot import Snapshot
from connector.routing.commands import commands
from connector.routing.identity import identify
from connector.routing.pipeline import decide, fold
from connector.routing.policy import Policy
from connector.routing.reasons import summary
from tests.builders import INTAKE, a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW

RULES = '[standing]\norder = ["same_person", "same_company"]\n{more}\n'
PARTNERS = partner("anna") + partner("bert") + partner("cora") + '[[route]]\nname = "all"\n'
POLICY = a_policy(RULES.format(more="") + PARTNERS)

JO: Mapping[str, Any] = {
    "email": "jo@globex.com",
    "last_name": "Doe",
    "phone": "+49 351 1234567",
    "country": "DE",
}


def holdings_of(snapshot: Snapshot) -> Holdings:
    assert snapshot.known
    return snapshot.known.holdings


def having(
    lead: Lead, partner: str = "bert", since: datetime = NOW, *, still: bool = True, policy: Policy = POLICY
) -> Snapshot:
    """A moment at which a partner has, or had, a lead."""
    snapshot = a_snapshot()
    who = identify(policy, lead)
    holdings_of(snapshot).add(Holding(lead.ref, partner, f"user:{partner}@x.example", since, still, who))
    return snapshot


def decided(snapshot: Snapshot, crm: str = "salesforce", policy: Policy = POLICY, **fields: Any) -> Decision:
    owner = None if crm == "hubspot" else INTAKE
    return decide(policy, snapshot, a_lead(99, crm=crm, owner=owner, **fields))


def test_the_same_person_in_the_other_crm_goes_along_with_the_open_lead_and_takes_no_turn() -> None:
    snapshot = having(a_lead(1, **JO))
    decision = decided(snapshot, "hubspot", email="Jo@Globex.com")
    assert (decision.outcome, decision.partner) == (Outcome.FOLLOWS, "bert")
    assert decision.owner == "user:bert@x.example"
    assert not decision.turns
    assert summary(decision) == "Goes along with salesforce:000001, the same person by email"
    (command,) = commands(POLICY, decision)
    assert command.values["owner"] == "user:bert@x.example"
    assert (command.values["partner"], command.values["status"]) == ("Bert", "Assigned")
    snapshot.apply(decision)
    assert snapshot.load == {}


def test_a_person_whose_lead_has_ended_comes_back_to_the_partner_as_a_lead_of_its_own() -> None:
    ended = having(a_lead(1, **JO), since=NOW - timedelta(days=100), still=False)
    decision = decided(ended, email="jo@globex.com")
    assert (decision.outcome, decision.partner) == (Outcome.ASSIGNED, "bert")
    long_ago = having(a_lead(1, **JO), since=NOW - timedelta(days=181), still=False)
    assert decided(long_ago, email="jo@globex.com").route == "all"
    still_open = having(a_lead(1, **JO), since=NOW - timedelta(days=500))
    assert decided(still_open, email="jo@globex.com").outcome is Outcome.FOLLOWS


def test_a_telephone_means_a_person_only_with_the_family_name() -> None:
    snapshot = having(a_lead(1, **JO))
    same = decided(snapshot, phone="0351 1234567", country="DE", last_name="DOE", email="jo@web.de")
    assert (same.outcome, same.reasons[0].facts["by"]) == (Outcome.FOLLOWS, "phone")
    for name in ("Roe", None):
        assert decided(snapshot, phone="0351 1234567", country="DE", last_name=name).route == "all"


def test_people_of_one_company_go_to_one_partner_by_its_domain() -> None:
    """DU-05 of the collected behaviours."""
    decision = decided(having(a_lead(1, **JO)), "hubspot", email="ann@mail.globex.com", last_name="Roe")
    assert (decision.outcome, decision.partner) == (Outcome.ASSIGNED, "bert")
    assert summary(decision) == "The same company as salesforce:000001, by domain (globex.com)"


def test_people_of_one_mail_provider_are_no_company() -> None:
    for domain in ("gmail.com", "mailinator.com"):
        snapshot = having(a_lead(1, email=f"jo@{domain}"))
        assert decided(snapshot, email=f"ann@{domain}").route == "all"


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        ("Ann Roe", "Ann Roe", True),
        ("Ann Roe", "Ann", False),
        ("Globex GmbH", "GLOBEX AG", True),
        ("Müller & Söhne GmbH", "Mueller und Soehne", True),
        ("Globex GmbH", "Globex Foods GmbH", False),
    ],
)
def test_companies_are_recognised_by_their_whole_names(before: str, now: str, same: bool) -> None:
    """DU-02 of the collected behaviours."""
    snapshot = having(a_lead(1, company=before, country="DE"))
    decision = decided(snapshot, company=now, country="DE")
    assert (decision.route is None) == same
    assert decided(snapshot, company=now, country="AT").route == "all"
    assert decided(snapshot, company=now).route == "all"


def test_a_name_keeps_what_speaks_for_it() -> None:
    snapshot = having(a_lead(1, company="Globex Group GmbH", country="DE"))
    facts = decided(snapshot, company="Globex", country="DE").reasons[0].facts
    assert (facts["by"], facts["company"], facts["score"]) == ("name", "globex group", 0.95)
    assert facts["signs"]["country"] == "same"
    assert facts["record"] == "salesforce:000001"


def test_a_company_of_another_domain_is_another_unless_the_brand_is_one() -> None:
    snapshot = having(a_lead(1, email="jo@globex.com", company="Globex GmbH", country="DE"))
    assert decided(snapshot, email="x@globex-it.de", company="Globex", country="DE").route == "all"
    assert decided(snapshot, email="x@globex.de", company="Globex", country="AT").partner == "bert"
    assert decided(snapshot, email="x@gmail.com", company="Globex", country="DE").partner == "bert"


def test_the_admin_says_how_sure_a_name_must_be() -> None:
    snapshot = having(a_lead(1, company="Globex Industrial Metals GmbH", country="DE"))
    doubtful = "Globex Industrial Foods"
    assert decided(snapshot, company=doubtful, country="DE").route == "all"
    lenient = a_policy(RULES.format(more="same_company_from = 0.5") + PARTNERS)
    assert decided(snapshot, policy=lenient, company=doubtful, country="DE").partner == "bert"


def test_of_several_partners_the_one_that_still_works_on_it_goes_first_then_the_latest() -> None:
    snapshot = having(a_lead(1, email="a@globex.com"), "anna", NOW - timedelta(days=9))
    for number, who, days in ((2, "bert", 2), (3, "cora", 1)):
        lead = a_lead(number, email=f"{who}@globex.com")
        known = identify(POLICY, lead)
        since = NOW - timedelta(days=days)
        holdings_of(snapshot).add(Holding(lead.ref, who, "user:x", since, False, known))
    assert decided(snapshot, email="new@globex.com").partner == "anna"
    holdings_of(snapshot).end(a_lead(1).ref)
    assert decided(snapshot, email="new@globex.com").partner == "cora"


def test_a_partner_that_is_gone_from_the_file_has_no_right_by_the_past() -> None:
    assert decided(having(a_lead(1, **JO), "zoe"), **JO).route == "all"


def test_a_lead_is_not_its_own_precedent() -> None:
    snapshot = having(a_lead(99, **JO))
    assert decided(snapshot, **JO).route == "all"


def test_a_person_is_held_rather_than_given_to_a_second_partner_where_the_first_has_no_owner() -> None:
    one_crm = '[[partner]]\nid = "bert"\nname = "Bert"\nowners = { salesforce = ["user:bert@x.example"] }\n'
    policy = a_policy(RULES.format(more="") + one_crm + partner("anna") + '[[route]]\nname = "all"\n')
    decision = decided(having(a_lead(1, **JO), policy=policy), "hubspot", policy, email="jo@globex.com")
    assert (decision.outcome, decision.reasons[-1].code) == (Outcome.HELD, "person_without_owner")
    assert decision.look_again_at == NOW + timedelta(minutes=5)


def test_an_owner_with_seats_in_both_crms_keeps_the_person() -> None:
    two = (
        '[[partner]]\nid = "bert"\nname = "Bert"\n'
        'owners = { salesforce = ["user:b1@x.example", "user:b2@x.example"], '
        'hubspot = ["user:b1@x.example", "user:B2@x.example"] }\n'
    )
    policy = a_policy(RULES.format(more="") + two + '[[route]]\nname = "all"\n')
    snapshot, lead = a_snapshot(), a_lead(1, **JO)
    who = identify(policy, lead)
    holdings_of(snapshot).add(Holding(lead.ref, "bert", "user:b2@x.example", NOW, True, who))
    assert decided(snapshot, "hubspot", policy, email="jo@globex.com").owner == "user:B2@x.example"


CROWD = st.builds(
    lambda number, who, host, crm, name: a_lead(
        number,
        crm=crm,
        owner=None if crm == "hubspot" else "queue:Intake",
        email=f"{who}@{host}" if host else None,
        company=name,
        country="DE",
    ),
    st.integers(1, 12),
    st.sampled_from("abc"),
    st.sampled_from(["globex.com", "globex.de", "initech.com", "gmail.com", None]),
    st.sampled_from(["salesforce", "hubspot"]),
    st.sampled_from(["Globex GmbH", "Globex", "Globex Group", "Initech", None]),
)


@given(st.lists(CROWD, max_size=25, unique_by=lambda lead: lead.ref))
def test_a_batch_decides_exactly_as_one_by_one_and_a_person_is_one_open_lead(crowd: list[Lead]) -> None:
    batch = [decision.as_data() for decision in fold(POLICY, a_snapshot(), crowd)]
    single, one_by_one = a_snapshot(), []
    for lead in crowd:
        decision = decide(POLICY, single, lead)
        single.apply(decision)
        one_by_one.append(decision)
    assert batch == [decision.as_data() for decision in one_by_one]
    of_people = [
        (lead.fields["email"], decision)
        for lead, decision in zip(crowd, one_by_one, strict=True)
        if lead.fields["email"]
    ]
    for person in {email for email, _ in of_people}:
        theirs = [decision for email, decision in of_people if email == person]
        assert [decision.outcome for decision in theirs].count(Outcome.ASSIGNED) == 1
        assert len({decision.partner for decision in theirs}) == 1


def test_two_leads_of_one_company_in_one_batch_go_to_one_partner() -> None:
    crowd = [a_lead(number, email=f"p{number}@globex.com") for number in range(1, 4)]
    decisions = list(fold(POLICY, a_snapshot(), crowd))
    assert {decision.partner for decision in decisions} == {"anna"}
    assert [bool(decision.turns) for decision in decisions] == [True, False, False]
