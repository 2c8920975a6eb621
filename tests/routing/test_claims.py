"""Claims on leads that are on offer, judged as values."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.model.durations import span
from connector.model.snapshot import Offer, Snapshot
from connector.routing.claim_settings import ClaimLimits, ClaimOptions, CoolDown
from connector.routing.claims import (
    Claim,
    beaten_by,
    claim_on,
    cooling_until,
    limit_reached,
    on_offer_until,
    owned_by,
    owner_of,
    refusal_of,
    rivals,
)
from tests.builders import a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW
from tests.routing.candidates import a_partner

SHARED = "user:manager@acme.example"
TEAM = ["user:a1@x.example", "user:a2@x.example"]
RULES = (
    partner("anna", owners={"salesforce": TEAM, "hubspot": ["user:anna@x.example"]}, tier="Gold")
    + partner("bert", owners={"salesforce": ["queue:Bert", SHARED]})
    + partner("cora", owners={"salesforce": [SHARED]}, active=False)
    + '[[route]]\nname = "all"\npick = { method = "cherry_pick", most = { open = 1 } }\n'
)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("facts", "partner_id", "by"),
    [
        ({"claimed_by": "anna"}, "anna", "anna"),
        ({"claimed_by": " ANNA "}, "anna", "ANNA"),
        ({"claimed_by": "User:A2@x.example"}, "anna", "User:A2@x.example"),
        ({"claimed_by": "a1@x.example"}, "anna", "a1@x.example"),
        ({"claimed_by": "queue:bert"}, "bert", "queue:bert"),
        ({"claimed_by": "manager@acme.example"}, None, "manager@acme.example"),
        ({"claimed_by": "zoe"}, None, "zoe"),
        ({"claimed_by": "anna", "owner": "queue:Bert"}, "anna", "anna"),
        ({"claimed_by": "", "owner": "queue:Bert"}, "bert", "queue:Bert"),
        ({"owner": "USER:a1@x.example"}, "anna", "USER:a1@x.example"),
        ({"owner": SHARED}, None, SHARED),
    ],
)
def test_a_claim_is_the_claim_field_or_else_who_took_the_record_over(
    facts: dict[str, Any], partner_id: str | None, by: str
) -> None:
    assert claim_on(a_policy(RULES), a_lead(**facts)) == Claim(partner_id, by)


@pytest.mark.parametrize("owner", ["queue:Offers", "user:rep@x.example", None])
def test_whoever_else_holds_a_record_claims_nothing(owner: str | None) -> None:
    assert claim_on(a_policy(RULES), a_lead(owner=owner)) is None


def test_owners_count_in_their_own_crm_only() -> None:
    policy = a_policy(RULES)
    assert [each.id for each in owned_by(policy, "hubspot", "user:anna@x.example")] == ["anna"]
    assert owned_by(policy, "salesforce", "user:anna@x.example") == []
    assert claim_on(policy, a_lead(crm="hubspot", claimed_by="anna@x.example")) == Claim(
        "anna", "anna@x.example"
    )
    assert claim_on(policy, a_lead(crm="hubspot", owner="queue:Bert")) is None


LIMITED = ClaimOptions(
    most=ClaimLimits(open=2),
    most_by_tier={"GOLD": ClaimLimits(per_day=2)},
    cool_down=CoolDown(after_lapses=2, within=10 * DAY, pause=3 * DAY),
)
BERLIN = ZoneInfo("Europe/Berlin")
MIDNIGHT = datetime(2026, 11, 1, 23, 0, tzinfo=UTC)  # in Berlin


@pytest.mark.parametrize(
    ("tier", "opened", "claimed", "lapsed", "expected"),
    [
        (None, 1, [NOW, NOW, NOW], [], None),
        (None, 2, [], [], ("claims_open", {"partner": "a", "most": 2})),
        ("gold", 9, [MIDNIGHT - timedelta(seconds=1), MIDNIGHT], [], None),
        ("Gold", 0, [MIDNIGHT, NOW], [], ("claims_today", {"partner": "a", "most": 2})),
        (None, 0, [], [NOW - DAY], None),
        (None, 0, [], [NOW - DAY, NOW - 10 * DAY], None),
        (None, 0, [], [NOW - 3 * DAY, NOW - 4 * DAY], None),
        (
            None,
            0,
            [],
            [NOW - DAY, NOW - 9 * DAY],
            ("claims_cooling", {"partner": "a", "until": "2026-11-04T09:00:00+00:00"}),
        ),
    ],
    ids=[
        "below its limit of open ones",
        "as many open as it may have",
        "a tier's own limit counts instead, and yesterday's claims do not",
        "as many today as it may make",
        "one lapse is forgiven",
        "a lapse is forgotten in time",
        "the pause is over",
        "the pause runs from the last lapse",
    ],
)
def test_claims_are_limited_by_number_by_day_and_after_lapses(
    tier: str | None,
    opened: int,
    claimed: list[datetime],
    lapsed: list[datetime],
    expected: tuple[str, dict[str, Any]] | None,
) -> None:
    snapshot = Snapshot(NOW, lapsed_claims={"a": tuple(lapsed)})
    snapshot.open_claims["a"] = opened
    snapshot.claimed_at["a"] = claimed
    found = limit_reached(LIMITED, a_partner("a", tier=tier), snapshot, BERLIN)
    assert (found and (found.code, found.facts)) == expected
    assert limit_reached(ClaimOptions(), a_partner("a", tier=tier), snapshot, BERLIN) is None


def test_who_never_claimed_meets_no_limit() -> None:
    assert limit_reached(LIMITED, a_partner("a"), Snapshot(NOW), UTC) is None
    assert limit_reached(LIMITED, a_partner("a", tier="gold"), Snapshot(NOW), UTC) is None


def test_a_cool_down_ends_to_the_moment() -> None:
    lapsed = [NOW, NOW - DAY, NOW - 2 * DAY]
    assert cooling_until(LIMITED, lapsed, NOW + 3 * DAY - timedelta(seconds=1)) == NOW + 3 * DAY
    assert cooling_until(LIMITED, lapsed, NOW + 3 * DAY) is None


def test_an_offer_runs_in_office_hours_where_it_is_written_so() -> None:
    friday = datetime(2026, 11, 6, 15, 30, tzinfo=UTC)  # 16:30 in Berlin
    monday = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)  # 9:00 in Berlin
    assert on_offer_until(BERLIN, span("2 working hours"), friday) == monday + timedelta(minutes=90)
    assert on_offer_until(BERLIN, span("2 working hours"), monday) == monday + timedelta(hours=2)
    assert on_offer_until(BERLIN, span("1 working day"), friday) == monday + timedelta(hours=7, minutes=30)
    assert on_offer_until(BERLIN, span("2h"), friday) == friday + timedelta(hours=2)
    assert on_offer_until(BERLIN, None, friday) is None
    angeles = ZoneInfo("America/Los_Angeles")
    afternoon = datetime(2026, 11, 7, 0, 30, tzinfo=UTC)  # 16:30 on Friday there, Saturday in UTC
    assert on_offer_until(angeles, span("1 working day"), afternoon) == afternoon + 3 * DAY


def test_a_claim_counts_if_the_partner_may_have_the_lead_and_is_below_its_limits() -> None:
    policy, lead, snapshot = a_policy(RULES), a_lead(), a_snapshot()

    def refused(who: str | None) -> tuple[str, Any] | None:
        reason = refusal_of(policy, snapshot, lead, Claim(who, "them"))
        return (reason.code, reason.facts) if reason else None

    snapshot.on_offer = {lead.ref: Offer("all")}
    assert refused("anna") is None
    assert refused(None) == ("claim_by_unknown", {"by": "them"})
    assert refused("cora") == ("refused", {"partner": "cora", "because": "suspended"})
    snapshot.open_claims["anna"] = 1
    assert refused("anna") == ("claims_open", {"partner": "anna", "most": 1})
    for route in (None, "gone"):
        snapshot.on_offer = {lead.ref: Offer(route)}
        assert refused("anna") is None


def test_todays_claims_are_counted_where_the_programme_is() -> None:
    rules = RULES.replace("most = { open = 1 }", "most = { per_day = 1 }")
    lead, snapshot = a_lead(), a_snapshot()
    snapshot.on_offer = {lead.ref: Offer("all")}
    snapshot.claimed_at["anna"] = [MIDNIGHT]  # the day before in UTC
    claim = Claim("anna", "them")
    assert refusal_of(a_policy(rules), snapshot, lead, claim) is None
    assert refusal_of(a_policy(rules, zone=BERLIN), snapshot, lead, claim)


def test_whoever_took_the_record_over_holds_it_and_else_the_partners_next_owner() -> None:
    policy = a_policy(RULES)
    anna = policy.partners["anna"]
    assert owner_of(policy, a_snapshot(), a_lead(owner="USER:A2@x.example"), anna) == (TEAM[1], None)
    owner, turn = owner_of(policy, a_snapshot(), a_lead(owner="queue:Bert"), anna)
    assert (owner, turn.rotation if turn else None) == (TEAM[0], "owners:anna@salesforce")
    capped = a_policy(
        partner(
            "anna",
            owners={"salesforce": TEAM},
            max_new_leads_per_owner=[{"leads": 1, "per": "day"}],
        ),
        zone=BERLIN,
    )
    snapshot = a_snapshot()
    snapshot.given_to_owner["anna", TEAM[0]] = [MIDNIGHT]
    assert owner_of(capped, snapshot, a_lead(), capped.partners["anna"]) == (TEAM[1], None)


def test_rivals_are_all_owners_of_the_others_but_none_of_the_winners() -> None:
    policy = a_policy(RULES)
    assert rivals(policy, "salesforce", None) == (*TEAM, "queue:Bert", SHARED)
    assert rivals(policy, "salesforce", "anna") == ("queue:Bert", SHARED)
    assert rivals(policy, "salesforce", "bert") == tuple(TEAM)
    assert rivals(policy, "hubspot", "bert") == ("user:anna@x.example",)
    assert rivals(policy, "hubspot", "anna") == ()


@pytest.mark.parametrize(
    ("owner", "won", "beaten"),
    [
        ("queue:Bert", Claim("anna", "anna"), Claim("bert", "queue:Bert")),
        (SHARED, Claim("anna", "anna"), Claim(None, SHARED)),
        (SHARED, Claim("bert", "bert"), None),
        (TEAM[1], Claim("anna", "anna"), None),
        ("queue:Bert", Claim(None, "queue:Bert"), None),
        ("user:rep@x.example", Claim("anna", "anna"), None),
        (None, Claim("anna", "anna"), None),
    ],
)
def test_who_took_the_record_over_while_the_field_was_filled_in_is_beaten(
    owner: str | None, won: Claim, beaten: Claim | None
) -> None:
    assert beaten_by(a_policy(RULES), a_lead(owner=owner), won) == beaten
