"""Who may have a lead: each hard limit by itself, with its code, and what the answer keeps."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connector.model.partner import Cap, Partner
from connector.model.snapshot import Snapshot
from connector.routing.capacity import room
from connector.routing.facts import understand
from connector.routing.matching import Asked, Limits, Matched, Needs, StandIn, able, may_stand
from connector.routing.presence import Presence
from connector.routing.territories import Found, Territories, Territory
from tests.builders import a_lead, a_snapshot
from tests.conftest import NOW
from tests.routing.candidates import a_partner

DAY = date(2026, 11, 2)
BACK = datetime(2026, 11, 5, tzinfo=UTC)
OWNED = {"salesforce": ("user:x",)}
TIERS = ("gold", "silver")


def one(name: str, **facts: Any) -> Partner:
    return a_partner(name, **{"owners": OWNED, **facts})


def matched(
    pool: list[Partner],
    needs: Needs | None = None,
    lead: dict[str, Any] | None = None,
    *,
    others: list[Partner] | None = None,
    territories: Territories | None = None,
    **asked: Any,
) -> Matched:
    known = {partner.id: partner for partner in (*pool, *(others or ()))}
    limits = Limits("r", tuple(pool), needs or Needs(), known, territories or Territories())
    snapshot = asked.pop("snapshot", Snapshot(NOW))
    facts = understand(a_lead(**(lead or {})), NOW)
    usual = {"crm": "salesforce", "day": DAY, "presence": Presence(), "earlier": {}}
    question = Asked(facts=facts, room=room(snapshot, UTC), **{**usual, **asked})
    found = limits.matched(question)
    assert limits.matched(question) == found, "what is kept for leads alike changes nothing"
    return found


def told(found: Matched) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    return [partner.id for partner in found.eligible], found.refused


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({}, None),
        ({"active": False}, "suspended"),
        ({"owners": {}}, "no_owner_in_crm"),
        ({"owners": {"salesforce": ()}}, "no_owner_in_crm"),
        ({"active": False, "owners": {}}, "suspended"),
    ],
)
def test_a_suspension_goes_before_a_missing_owner(facts: Any, code: str | None) -> None:
    assert able(one("a", **facts), "salesforce") == code
    assert told(matched([one("a", **facts)])) == (([], {code: ("a",)}) if code else (["a"], {}))


@pytest.mark.parametrize(
    ("earlier", "taken_back", "code"),
    [
        ({}, False, None),
        ({"b": "declined_before"}, True, None),
        ({"a": "declined_before"}, False, "declined_before"),
        ({"a": "held_before"}, False, None),
        ({"a": "held_before"}, True, "held_before"),
    ],
)
def test_a_standing_yields_to_an_earlier_no_and_in_a_circle_to_any(
    earlier: Any, taken_back: bool, code: str | None
) -> None:
    assert may_stand(one("a"), "salesforce", earlier, taken_back=taken_back) == code
    assert may_stand(one("a", active=False), "salesforce", earlier, taken_back=taken_back) == "suspended"
    assert may_stand(one("a"), "salesforce", {"a": "held_before"}) is None


@pytest.mark.parametrize(
    ("field", "listed", "lead", "fits"),
    [
        ("country", {"countries": frozenset({"DE"})}, "Germany", True),
        ("country", {"countries": frozenset({"DE"})}, "France", False),
        ("country", {"countries": frozenset({"DE"})}, None, False),
        ("country", {}, "France", True),
        ("country", {}, None, True),
        ("industry", {"industries": frozenset({"retail"})}, "Retail", True),
        ("industry", {"industries": frozenset({"retail"})}, "Energy", False),
        ("language", {"languages": frozenset({"de"})}, "German", True),
        ("lead_source", {"lead_sources": frozenset({"web"})}, "WEB", True),
        ("industry", {"industries": frozenset({"food, drink"})}, "Food, drink", True),
        ("product", {"products": frozenset({"erp", "crm"})}, "ERP; CRM", True),
        ("product", {"products": frozenset({"erp"})}, "ERP; CRM", False),
    ],
)
def test_what_must_be_covered_is_listed_by_the_partner_unless_it_lists_nothing(
    field: str, listed: Any, lead: str | None, fits: bool
) -> None:
    found = matched([one("a", **listed)], Needs(must_cover=(field,)), {field: lead})
    assert told(found) == ((["a"], {}) if fits else ([], {f"outside_{field}": ("a",)}))
    assert told(matched([one("a", **listed)], Needs(), {field: lead})) == (["a"], {})


def test_a_tier_is_good_enough_down_to_the_lowest_that_is_named() -> None:
    pool = [one("a", tier="Gold"), one("b", tier="silver"), one("c", tier="tin"), one("d")]
    assert told(matched(pool, Needs(tier=0, tiers=TIERS))) == (["a"], {"below_tier": ("b", "c", "d")})
    assert told(matched(pool, Needs(tier=1, tiers=TIERS))) == (["a", "b"], {"below_tier": ("c", "d")})
    assert told(matched(pool, Needs(tiers=TIERS))) == (["a", "b", "c", "d"], {})


def test_a_certification_holds_to_its_last_day_and_is_found_by_the_field_that_names_it() -> None:
    pool = [one("a", certifications={"sap": None}), one("b", certifications={"sap": DAY}), one("c")]
    without = {"without_certification": ("c",)}
    needs = Needs(certifications=frozenset({"sap"}))
    assert told(matched(pool, needs)) == (["a", "b"], without)
    assert told(matched(pool, needs, day=DAY + timedelta(days=1))) == (
        ["a"],
        {"without_certification": ("b", "c")},
    )
    by_field = Needs(field="product")
    assert told(matched(pool, by_field, {"product": "SAP"})) == (["a", "b"], without)
    assert told(matched(pool, by_field, {"product": "AWS"})) == (
        [],
        {"without_certification": ("a", "b", "c")},
    )
    assert told(matched(pool, by_field)) == (["a", "b", "c"], {})
    in_words = Needs(field="product", names={"s/4": "sap"})
    assert told(matched(pool, in_words, {"product": "S/4"})) == (["a", "b"], without)
    assert told(matched(pool, in_words, {"product": "SAP"})) == (["a", "b", "c"], {})
    elsewhere = [one("z", certifications={"aws": None})]
    both = replace(by_field, certifications=frozenset({"sap"}))
    assert told(matched(pool, both, {"product": "aws"}, others=elsewhere)) == (
        [],
        {"without_certification": ("a", "b", "c")},
    )


def test_an_expiring_certification_is_looked_at_anew_each_day() -> None:
    pool = (one("a", certifications={"sap": DAY}),)
    limits = Limits("r", pool, Needs(certifications=frozenset({"sap"})), {"a": pool[0]})
    facts, now = understand(a_lead(), NOW), room(Snapshot(NOW), UTC)

    def on(day: date) -> list[Partner]:
        return limits.matched(Asked("salesforce", facts, day, now, Presence(), {})).eligible

    assert [len(on(DAY)), len(on(DAY + timedelta(days=1))), len(on(DAY))] == [1, 0, 1]


def test_a_territory_is_whose_rows_the_lead_falls_under() -> None:
    row = Territory("t.csv", 2, "b", date.min, date.max)
    whole = Territory("t.csv", 3, "a", date.min, date.max)
    table = Territories({"DE": {"01": (row,), "": (whole,), "X": (row,)}}, {"DE": 2})
    pool, needs = [one("a"), one("b")], Needs(must_cover=("territory",))
    found = matched(pool, needs, {"country": "DE", "postal_code": "01067"}, territories=table)
    assert (told(found), found.territory) == ((["b"], {"outside_territory": ("a",)}), Found("01", (row,)))
    found = matched(pool, needs, {"country": "DE"}, territories=table)
    assert (told(found), found.territory) == ((["a"], {"outside_territory": ("b",)}), Found("", (whole,)))
    found = matched(pool, needs, {"country": "AT"}, territories=table)
    assert (told(found), found.territory) == (([], {"outside_territory": ("a", "b")}), None)
    assert matched(pool, Needs(), {"country": "DE"}, territories=table).territory is None
    full = Snapshot(NOW)
    full.given_by_route["r"] = [NOW]
    capped = replace(needs, caps=(Cap(1, "day"),))
    found = matched(pool, capped, {"country": "DE"}, territories=table, snapshot=full)
    refused = {"outside_territory": ("b",), "route_cap_per_day": ("a",)}
    assert (told(found), found.territory) == (([], refused), Found("", (whole,)))


def test_a_full_route_refuses_who_would_fit_and_nobody_else() -> None:
    full = Snapshot(NOW)
    full.given_by_route["r"] = [NOW]
    needs = Needs(caps=(Cap(1, "day"),))
    assert told(matched([one("a")], needs, snapshot=full)) == ([], {"route_cap_per_day": ("a",)})
    assert told(matched([one("a", active=False)], needs, snapshot=full)) == ([], {"suspended": ("a",)})
    assert told(matched([one("a")], needs)) == (["a"], {})
    full.given_by_route["r"], full.given_by_route["other"] = [], [NOW]
    assert told(matched([one("a")], needs, snapshot=full)) == (["a"], {})


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"earlier": {"a": "declined_before"}, "paused": frozenset("a")}, "declined_before"),
        ({"paused": frozenset("a"), "presence": Presence({"a": BACK})}, "paused"),
        ({"retiring": frozenset("a"), "paused": frozenset("a")}, "retiring"),
        ({"presence": Presence({"a": BACK})}, "away"),
        ({"presence": Presence({}, {"a": BACK}, frozenset("a"))}, "outside_working_hours"),
        ({"presence": Presence({}, {"a": BACK})}, None),
        ({"paused": frozenset("b"), "retiring": frozenset("c"), "earlier": {"d": "held_before"}}, None),
    ],
)
def test_the_first_of_several_refusals_is_told(asked: Any, code: str | None) -> None:
    full = one("a", max_open_leads=0)
    assert told(matched([full], **asked)) == ([], {code or "at_capacity": ("a",)})
    assert told(matched([one("a")], **asked)) == (([], {code: ("a",)}) if code else (["a"], {}))


def test_what_a_partner_has_and_was_given_is_counted_up_to_its_limits() -> None:
    snapshot = Snapshot(NOW, load=Counter(a=2))
    snapshot.given["a"] = [NOW, NOW]
    free = [one("a", max_open_leads=3), one("a", max_new_leads=(Cap(3, "day"),)), one("a")]
    assert [told(matched([each], snapshot=snapshot)) for each in free] == [(["a"], {})] * 3
    assert told(matched([one("a", max_open_leads=2)], snapshot=snapshot)) == ([], {"at_capacity": ("a",)})
    caps = (Cap(9, "hour"), Cap(2, "day"))
    assert told(matched([one("a", max_new_leads=caps)], snapshot=snapshot)) == ([], {"cap_per_day": ("a",)})
    yesterday = Snapshot(NOW)
    yesterday.given["a"] = [NOW - timedelta(days=1)] * 2
    assert told(matched([one("a", max_new_leads=caps)], snapshot=yesterday)) == (["a"], {})


def test_absences_tell_until_when_and_backups_take_part() -> None:
    a, b, c = one("a", backup="b"), one("b"), one("c", backup="d")
    d = one("d")
    away = Presence({"a": BACK, "c": None})
    found = matched([a, b, c], others=[d], presence=away)
    assert told(found) == (["b"], {"away": ("a", "c")})
    assert (found.until, found.stand_ins) == ({"a": BACK}, (StandIn("b", "a", BACK),))
    assert found.of_themselves == {"b"}
    found = matched([a, b, c], Needs(backups=True), others=[d], presence=away)
    assert told(found) == (["b", "d"], {"away": ("a", "c")})
    assert found.stand_ins == (StandIn("b", "a", BACK), StandIn("d", "c", None))
    assert found.of_themselves == {"b"}


def test_a_backup_that_was_refused_for_what_it_serves_is_refused_no_more() -> None:
    a, b = one("a", backup="b"), one("b", countries=frozenset({"FR"}))
    needs, c = Needs(must_cover=("country",)), one("c", countries=frozenset({"FR"}))
    found = matched([a, b, c], needs, {"country": "DE"}, presence=Presence({"a": BACK}))
    assert told(found) == (["b"], {"away": ("a",), "outside_country": ("c",)})
    assert (found.stand_ins, found.of_themselves) == ((StandIn("b", "a", BACK),), frozenset())


@pytest.mark.parametrize(
    ("backup", "asked"),
    [
        (one("b", active=False), {}),
        (one("b", countries=frozenset({"FR"}), tier="silver"), {}),
        (one("b", countries=frozenset({"FR"}), tier="gold", max_open_leads=0), {}),
        (one("b", countries=frozenset({"FR"}), tier="gold"), {"earlier": {"b": "held_before"}}),
        (one("b", countries=frozenset({"FR"}), tier="gold"), {"paused": frozenset("b")}),
        (one("b", countries=frozenset({"FR"}), tier="gold"), {"retiring": frozenset("b")}),
        (
            one("b", countries=frozenset({"FR"}), tier="gold"),
            {"presence": Presence({"a": BACK}, {"b": BACK}, frozenset("b"))},
        ),
    ],
)
def test_a_backup_keeps_all_other_limits(backup: Partner, asked: Any) -> None:
    needs = Needs(must_cover=("country",), tier=0, tiers=TIERS)
    a = one("a", backup="b", tier="gold")
    usual = {"presence": Presence({"a": BACK}), **asked}
    found = matched([a, backup], needs, {"country": "DE"}, **usual)
    assert (found.eligible, found.stand_ins) == ([], ())
    free = one("b", countries=frozenset({"FR"}), tier="gold")
    assert told(matched([a, free], needs, {"country": "DE"}, presence=Presence({"a": BACK})))[0] == ["b"]


def test_backups_are_followed_to_whoever_is_there_and_never_round() -> None:
    a, b, c = one("a", backup="b"), one("b", backup="c"), one("c", backup="a")
    found = matched([a, b, c], presence=Presence({"a": BACK, "b": BACK}))
    assert found.stand_ins == (StandIn("c", "a", BACK), StandIn("c", "b", BACK))
    everyone = matched([a, b, c], presence=Presence(dict.fromkeys("abc", BACK)))
    assert (everyone.eligible, everyone.stand_ins) == ([], ())


def test_owners_that_are_full_count_though_the_partner_was_given_nothing_lately() -> None:
    snapshot = Snapshot(NOW, load_of_owner=Counter({("a", "user:x"): 1}))
    full = one("a", max_open_leads_per_owner=1)
    assert told(matched([full], snapshot=snapshot)) == ([], {"owners_at_cap": ("a",)})
    assert told(matched([full])) == (["a"], {})


def test_one_without_a_backup_keeps_no_other_from_having_one() -> None:
    pool = [one("a"), one("b", backup="c"), one("c")]
    found = matched(pool, presence=Presence({"a": BACK, "b": BACK}))
    assert found.stand_ins == (StandIn("c", "b", BACK),)


@pytest.mark.parametrize("deals", [{}, {"z": 1}], ids=["leads alone", "with open deals"])
def test_a_limit_is_reached_at_its_number_also_where_two_have_the_same(deals: dict[str, int]) -> None:
    pool = [one("a", max_open_leads=2, max_new_leads=(Cap(2, "day"),)), one("b", max_open_leads=3)]
    pool.append(one("c", max_new_leads=(Cap(2, "day"),)))
    most = a_snapshot(load={"a": 2, "b": 2, "c": 9})
    most.deals = deals
    most.given["c"] = [NOW]
    assert told(matched(pool, snapshot=most)) == (["b", "c"], {"at_capacity": ("a",)})
    full = a_snapshot(load={"b": 3})
    full.deals = deals
    full.given["a"], full.given["c"] = [NOW, NOW], [NOW, NOW]
    assert sorted(told(matched(pool, snapshot=full))[1].values()) == [("a", "c"), ("b",)]
