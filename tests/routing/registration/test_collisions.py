"""What a claim collides with, as whole values: which right, how surely, and by what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.model.lead import Ref, Value
from connector.model.registration import Collision, Registered, Right, State
from connector.routing.named_accounts import NamedAccount, named_accounts
from connector.routing.registration.claims import Claim, Customer
from connector.routing.registration.conflicts import Rights, collisions, is_before, keys, registered
from connector.routing.registration.terms import Terms
from tests.conftest import NOW
from tests.routing.registration.builders import LATER, a_registration, a_right, claim, terms

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
BY_NAME = {"by": "name", "score": 1.0, "country": "same", "brand": "unknown", "products": "unknown"}


def found(right: Right, toml: str = "", **fields: Value) -> Collision | None:
    """What a claim of Anna's to Globex in Germany comes to beside one other right."""
    rules = terms(toml)
    mine = claim(rules, a_registration(**fields))  # type: ignore[arg-type]
    all_found = collisions(rules, mine, NOW, Rights.of([right]))
    assert len(all_found) <= 1
    return all_found[0] if all_found else None


def strength(right: Right, toml: str = "", **fields: Value) -> str | None:
    collision = found(right, toml, **fields)
    return None if collision is None else "strong" if collision.strong else "weak"


@pytest.mark.parametrize(
    ("fields", "other", "strong", "evidence"),
    [
        ({}, {}, True, BY_NAME),
        ({}, {"country": "US"}, False, {**BY_NAME, "score": 0.89, "country": "different"}),
        (
            {"domain": "www.globex.com"},
            {"domain": "globex.com", "company": "Initech AG"},
            True,
            {"by": "domain", "score": 1.0, "domain": "globex.com", "products": "unknown"},
        ),
        (
            {"email": "joe@globex.com"},
            {"email": "joe@globex.com", "company": "Initech AG"},
            True,
            {"by": "email", "products": "unknown"},
        ),
        (
            {"email": "joe@gmail.com"},
            {"email": "joe@gmail.com", "company": "Initech AG"},
            False,
            {"by": "email", "products": "unknown"},
        ),
        (
            {"product": "ERP; CRM"},
            {"products": frozenset({"crm"})},
            True,
            {**BY_NAME, "products": "same"},
        ),
        (
            {"product": "ERP"},
            {"products": frozenset({"crm"})},
            False,
            {**BY_NAME, "products": "different"},
        ),
    ],
    ids=["name", "name elsewhere", "domain", "address", "private address", "one product", "other products"],
)
def test_a_collision_keeps_what_it_rests_on(
    fields: dict[str, Value], other: dict[str, Any], strong: bool, evidence: dict[str, Any]
) -> None:
    right = a_right(**other)
    assert found(right, **fields) == Collision(right, strong, evidence)  # type: ignore[arg-type]


def test_where_products_are_ignored_they_are_not_told_either() -> None:
    right = a_right(products=frozenset({"crm"}))
    told = {name: value for name, value in BY_NAME.items() if name != "products"}
    assert found(right, 'products = "ignore"', product="ERP") == Collision(right, True, told)


@pytest.mark.parametrize(
    ("facts", "toml", "expected"),
    [
        # another partner's registration: one that was there first, or is approved
        ({"state": State.SUBMITTED}, "", "strong"),
        ({"state": State.UNDER_REVIEW}, "", "strong"),
        ({"state": State.APPROVED, "at": LATER}, "", "weak"),
        ({"state": State.SUBMITTED, "at": LATER}, "", None),
        ({"state": State.RETURNED}, "", None),
        ({"state": State.CONFLICT}, "", None),
        ({"state": State.REJECTED}, "", None),
        ({"state": State.EXPIRED}, "", None),
        ({"state": State.WITHDRAWN}, "", None),
        # the partner's own: the same thing twice, or again too soon
        ({"partner": "anna"}, "", "strong"),
        ({"partner": "anna", "state": State.SUBMITTED}, "", "strong"),
        ({"partner": "anna", "at": LATER}, "", None),
        ({"partner": "anna", "state": State.RETURNED}, "", None),
        ({"partner": "anna", "state": State.EXPIRED, "ended_at": NOW - DAY}, "", None),
        (
            {"partner": "anna", "state": State.EXPIRED, "ended_at": NOW - 2 * DAY + SECOND},
            'register_again_after = "2d"',
            "strong",
        ),
        (
            {"partner": "anna", "state": State.REJECTED, "ended_at": NOW - 2 * DAY + SECOND},
            'register_again_after = "2d"',
            "strong",
        ),
        (
            {"partner": "anna", "state": State.EXPIRED, "ended_at": NOW - 2 * DAY},
            'register_again_after = "2d"',
            None,
        ),
        ({"partner": "anna", "state": State.EXPIRED}, 'register_again_after = "2d"', None),
        (
            {"partner": "anna", "state": State.WITHDRAWN, "ended_at": NOW},
            'register_again_after = "2d"',
            None,
        ),
        # a customer that another has won is its own for ninety days
        ({"state": State.CONVERTED, "ended_at": NOW - 90 * DAY + SECOND}, "", "strong"),
        ({"state": State.CONVERTED, "ended_at": NOW - 90 * DAY}, "", None),
        # one of nobody that we know
        ({"partner": None}, "", "strong"),
    ],
)
def test_which_registrations_stand_in_the_way(facts: dict[str, Any], toml: str, expected: str | None) -> None:
    assert strength(a_right(**facts), toml) == expected


@pytest.mark.parametrize(
    ("kind", "facts", "expected"),
    [
        ("lead", {}, "strong"),
        ("lead", {"at": NOW}, "strong"),
        ("lead", {"at": NOW + SECOND}, "weak"),
        ("lead", {"at": None}, "strong"),
        ("lead", {"partner": "anna"}, None),
        ("vendor_deal_open", {"partner": None, "at": None}, "strong"),
        ("vendor_deal_open", {"partner": "bert", "at": None}, "strong"),
        ("vendor_deal_open", {"partner": "anna", "at": None}, None),
        ("vendor_deal_closed", {"partner": None, "at": NOW - 90 * DAY + SECOND}, "strong"),
        ("vendor_deal_closed", {"partner": None, "at": NOW - 90 * DAY}, None),
        ("vendor_deal_closed", {"partner": None, "at": None}, None),
        ("vendor_deal_closed", {"partner": "anna", "at": NOW - DAY}, None),
        ("vendor_deal_closed", {"partner": "bert", "at": NOW + DAY}, "strong"),
    ],
)
def test_which_other_rights_stand_in_the_way(kind: str, facts: dict[str, Any], expected: str | None) -> None:
    assert strength(a_right(kind, f"{kind} x:1", **facts)) == expected


def test_a_claim_of_nobody_known_collides_with_what_is_nobodys_too() -> None:
    right = a_right("vendor_deal_open", "deal x:1", partner=None)
    assert strength(right, partner="Zoe") == "strong"


@pytest.mark.parametrize(
    ("products", "mine", "theirs", "expected"),
    [
        ("separate", "ERP", frozenset({"crm"}), None),
        ("separate", "ERP", frozenset({"erp"}), "strong"),
        ("separate", "ERP", frozenset(), "strong"),
        ("separate", None, frozenset({"crm"}), "strong"),
        ("weaken", "ERP", frozenset({"crm"}), "weak"),
        ("weaken", None, frozenset({"crm"}), "strong"),
        ("ignore", "ERP", frozenset({"crm"}), "strong"),
    ],
)
def test_what_other_products_come_to(
    products: str, mine: str | None, theirs: frozenset[str], expected: str | None
) -> None:
    assert strength(a_right(products=theirs), f'products = "{products}"', product=mine) == expected


def test_it_never_collides_with_itself() -> None:
    itself = [a_right(ref="salesforce:000001", email="joe@globex.com", domain="globex.com")]
    itself += [a_right("vendor_deal_open", "deal salesforce:000001", email="joe@globex.com")]
    rules = terms()
    mine = claim(rules, a_registration(email="joe@globex.com"))
    assert collisions(rules, mine, NOW, Rights.of(itself)) == []


def test_itself_hides_no_other() -> None:
    rules = terms()
    itself = a_right(ref="salesforce:000001", email="joe@globex.com")
    other = a_right(ref="x:1", email="joe@globex.com")
    for fields in ({}, {"email": "joe@globex.com", "company": "Initech AG"}):
        mine = claim(rules, a_registration(**fields))  # type: ignore[arg-type]
        found_refs = [each.right.ref for each in collisions(rules, mine, NOW, Rights.of([itself, other]))]
        assert found_refs == ["x:1"]


def test_the_brand_in_the_domain_makes_a_similar_name_sure() -> None:
    right = a_right(company="Globex Logistics Europe GmbH", domain="globex.de")
    told = found(right, domain="globex.com")
    assert told
    assert (told.strong, told.evidence["brand"], told.evidence["score"]) == (True, "same", 0.9)
    assert strength(replace(right, domain=None), domain="globex.com") == "weak"


def test_of_two_that_are_as_sure_the_domain_is_told() -> None:
    right = a_right(domain="globex.com", email="joe@globex.com", company=None)
    told = found(right, email="joe@globex.com")
    assert told
    assert told.evidence["by"] == "domain"


def test_the_strongest_come_first_then_the_oldest_then_by_address() -> None:
    rights = [
        a_right(ref="x:4", at=NOW - DAY),
        a_right(ref="x:1", country="US", at=NOW - 9 * DAY),
        a_right(ref="x:3", at=NOW - DAY),
        a_right(ref="x:2", at=NOW - 2 * DAY),
        a_right("vendor_deal_open", "y:9", partner=None, at=None),
    ]
    rules = terms()
    mine = claim(rules, a_registration())
    refs = [each.right.ref for each in collisions(rules, mine, NOW, Rights.of(rights))]
    assert refs == ["y:9", "x:2", "x:3", "x:4", "x:1"]


def test_one_right_found_twice_counts_by_its_stronger_evidence() -> None:
    both = a_right(country="US", email="joe@globex.com")  # a name elsewhere, but the same address
    assert strength(both, email="joe@globex.com") == "strong"
    by_name_first = a_right(email="joe@gmail.com")
    collision = found(by_name_first, email="joe@gmail.com")
    assert collision
    assert (collision.strong, collision.evidence["by"]) == (True, "name")


ROWS = [
    NamedAccount("accounts.csv", 2, "globex.com", "Globex GmbH", "DE", "bert"),
    NamedAccount("accounts.csv", 3, "initech.com", "Initech AG", "DE", None),
    NamedAccount("accounts.csv", 4, None, "Umbrella Logistik GmbH", "DE", "anna"),
    NamedAccount("accounts.csv", 5, None, "Hooli SE", "DE", "bert", until=NOW.date() - DAY),
]


def with_accounts(toml: str = "") -> Terms:
    return replace(terms(toml), named_accounts=named_accounts(ROWS))


@pytest.mark.parametrize(
    ("fields", "row", "strong", "evidence"),
    [
        ({"domain": "globex.com", "company": "Other AG"}, 0, True, {"by": "domain"}),
        ({}, 0, True, {"by": "name", "score": 1.0}),
        ({"country": "US"}, 0, False, {"by": "name", "score": 0.89}),
        ({"domain": "initech.com", "company": "X AG"}, 1, True, {"by": "domain"}),
        ({"company": "Umbrella Logistik"}, None, False, {}),
        ({"company": "Hooli SE"}, None, False, {}),
    ],
    ids=["domain", "name", "name elsewhere", "the vendor keeps it", "one's own", "over"],
)
def test_named_accounts_stand_in_the_way_as_long_as_they_hold(
    fields: dict[str, Value], row: int | None, strong: bool, evidence: dict[str, Any]
) -> None:
    rules = with_accounts()
    mine = claim(rules, a_registration(**fields))  # type: ignore[arg-type]
    all_found = collisions(rules, mine, NOW, Rights.of([]))
    if row is None:
        assert all_found == []
        return
    account = ROWS[row]
    right = Right(
        "named_account",
        f"accounts.csv:{account.line}",
        account.partner,
        account.company,
        account.domain,
        account.country,
    )
    assert all_found == [Collision(right, strong, {**evidence, "products": "unknown"})]


def test_named_accounts_end_with_the_day_where_the_programme_is() -> None:
    rules, seen = with_accounts(), a_registration(company="Hooli SE")
    mine = claim(rules, seen)
    assert collisions(rules, mine, NOW - DAY, Rights.of([]))
    assert collisions(rules, mine, NOW, Rights.of([])) == []


def test_the_brand_of_a_named_account_makes_a_similar_name_sure() -> None:
    row = NamedAccount("a.csv", 2, "globex.de", "Globex Logistics Europe GmbH", "DE", "bert")
    rules = replace(terms(), named_accounts=named_accounts([row]))
    (told,) = collisions(rules, claim(rules, a_registration(domain="globex.com")), NOW, Rights.of([]))
    assert (told.strong, told.evidence["score"]) == (True, 0.9)


def test_a_named_account_holds_on_the_day_where_the_programme_is() -> None:
    rules = replace(with_accounts(), zone=ZoneInfo("America/Los_Angeles"))
    mine = claim(rules, a_registration(company="Hooli SE"))
    early = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)  # still the first of November there
    assert collisions(rules, mine, early, Rights.of([]))
    assert collisions(rules, mine, early + timedelta(hours=1), Rights.of([])) == []


@pytest.mark.parametrize(
    ("at", "tier", "ref", "before"),
    [
        (NOW - SECOND, "silver", "z:9", True),
        (NOW + SECOND, "platinum", "a:1", False),
        (NOW + timedelta(milliseconds=900), "platinum", "z:9", True),
        (NOW, "platinum", "z:9", True),
        (NOW, "silver", "a:1", False),
        (NOW, None, "a:1", False),
        (NOW, "GOLD", "a:1", True),
        (NOW, "gold", "z:9", False),
        (NOW, "gold", "salesforce:000001", False),
        (None, "gold", "a:1", True),
        (None, "gold", "z:9", False),
    ],
)
def test_the_first_is_who_came_first_then_the_higher_tier_then_the_lower_address(
    at: Any, tier: str | None, ref: str, before: bool
) -> None:
    rules = terms()
    mine = claim(rules, a_registration())  # Anna's, who is gold
    assert is_before(rules, a_right(ref=ref, at=at, tier=tier), mine, NOW) is before


def test_a_claim_of_nobody_known_is_last_of_its_second() -> None:
    rules = terms()
    mine = claim(rules, a_registration(partner="Zoe"))
    assert is_before(rules, a_right(ref="z:9", at=NOW, tier="silver"), mine, NOW)
    assert not is_before(rules, a_right(ref="z:9", at=NOW, tier=None), mine, NOW)


def test_rights_are_found_by_domain_and_address_and_move_on() -> None:
    right = a_right(domain="globex.com", email="joe@globex.com")
    rights = Rights.of([right, a_right(ref="x:1", company=None)])
    assert rights.by_key == {"joe@globex.com": [right.ref], "globex.com": [right.ref]}
    rights.now(replace(right, state=State.EXPIRED))
    assert rights.by_ref[right.ref].state is State.EXPIRED


def test_under_which_keys_rights_are_looked_up() -> None:
    assert keys("Globex GmbH", "www.globex.com", "joe@globex.com") == (
        "d:globex.com",
        "b:globex",
        "n:glb",
        "e:joe@globex.com",
    )
    assert keys(None, None, None) == ()


def lead_of(*rights: Right, toml: str = "", **facts: Any) -> tuple[Registered, ...]:
    return registered(
        terms(toml), Customer(**{"company": "Globex GmbH", "country": "DE", **facts}), Rights.of(rights)
    )


def test_a_leads_registrations_are_told_with_state_and_evidence() -> None:
    evidence = {"by": "name", "score": 1.0, "country": "same", "brand": "unknown"}
    for state in State:
        right = a_right(state=state)
        claiming = state in (State.APPROVED, State.SUBMITTED, State.UNDER_REVIEW)
        expected = (Registered(right.ref, "bert", state, evidence),) if claiming else ()
        assert lead_of(right) == expected
    assert lead_of(a_right(partner=None)) == ()
    assert lead_of(a_right("lead", "lead x:1", state=State.APPROVED)) == ()
    assert lead_of(a_right(country="US")) == ()
    other = a_right(products=frozenset({"crm"}))
    assert lead_of(other, products=frozenset({"erp"})) == ()
    assert len(lead_of(other, toml='products = "ignore"', products=frozenset({"erp"}))) == 1
    assert len(lead_of(other, products=frozenset({"erp", "crm"}))) == 1


def test_a_leads_private_address_gives_nobody_a_right() -> None:
    right = a_right(email="joe@gmail.com", company="Initech AG")
    assert lead_of(right, email="joe@gmail.com", free_mail=True) == ()
    assert len(lead_of(right, email="joe@gmail.com")) == 1


def test_a_claim_is_its_own_in_every_crm() -> None:
    mine = Claim(Ref("hubspot", "1"), Customer("Globex GmbH", None, "DE"), "anna", None, None, ())
    assert len(collisions(terms(), mine, NOW, Rights.of([a_right(ref="salesforce:1")]))) == 1
