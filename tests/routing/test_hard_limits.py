"""Who may have a lead: each limit from the file alone, each refusal with a code and a number."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.model.decision import Decision, Outcome
from connector.model.lead import Lead, Ref
from connector.model.snapshot import Snapshot
from connector.reports.candidates import explained_data
from connector.reports.explain import explained
from connector.routing.pipeline import decide, fold
from connector.routing.policy import BadPolicy, Policy
from connector.routing.reasons import REFUSALS, say, summary
from tests.builders import a_lead, a_policy, a_snapshot, leads, partner
from tests.conftest import NOW

VIENNA = ZoneInfo("Europe/Vienna")
ROUTE = '[[route]]\nname = "all"\n'


def decided(policy: Policy, lead: Lead | None = None, snapshot: Snapshot | None = None) -> Decision:
    return decide(policy, snapshot or a_snapshot(), lead or a_lead())


def refused(
    policy: Policy, lead: Lead | None = None, snapshot: Snapshot | None = None
) -> dict[str, list[str]]:
    """Who was turned away by the first route, by code."""
    choice = decided(policy, lead, snapshot).choices[0]
    return {code: list(who) for code, who in choice.refused.items()}


def saying(field: str, value: str) -> Lead:
    """A lead with one value."""
    return replace(a_lead(), fields={field: value})


def at(text: str) -> Snapshot:
    """A moment by Vienna's clock."""
    return a_snapshot(datetime.fromisoformat(text).replace(tzinfo=VIENNA).astimezone(UTC))


# ---- away and outside of working hours ---------------------------------------------------------------

AWAY = partner("anna") + 'timezone = "Europe/Vienna"\naway = [{ from = 2026-12-24, until = 2027-01-02 }]\n'


@pytest.mark.parametrize(
    ("moment", "away"),
    [
        ("2026-12-23T23:59", False),
        ("2026-12-24T00:00", True),
        ("2027-01-02T23:59", True),
        ("2027-01-03T00:00", False),
    ],
)
def test_a_partner_is_away_on_both_days_named_and_between(moment: str, away: bool) -> None:
    policy = a_policy(AWAY + ROUTE)
    assert ("away" in refused(policy, snapshot=at(moment))) == away


def test_the_explanation_says_until_when_a_partner_is_away() -> None:
    decision = decided(a_policy(AWAY + ROUTE), snapshot=at("2026-12-28T10:00"))
    assert "away: Anna (until 2027-01-03 00:00)" in explained(decision, {"anna": "Anna"})
    assert Decision.from_data(decision.as_data()) == decision
    assert "0 of 1 fit: 1 away" in summary(decision)


HOURS = 'working_hours = { days = "mon-fri", from = "09:00", to = "17:30", timezone = "Europe/Vienna" }\n'
NIGHT, DAY = "2026-11-03T20:00", "2026-11-03T10:00"


@pytest.mark.parametrize(
    ("own", "route", "turned_away"),
    [
        ("", "", False),
        ("queue_outside_hours = false\n", "", True),
        ("", 'working_hours = "required"\n', True),
        ("queue_outside_hours = true\n", 'working_hours = "queue"\n', False),
    ],
)
def test_leads_wait_for_the_morning_unless_partner_or_route_want_it_otherwise(
    own: str, route: str, turned_away: bool
) -> None:
    policy = a_policy(partner("anna") + HOURS + own + partner("bert") + ROUTE + route)
    assert refused(policy, snapshot=at(DAY)) == {}
    night = decided(policy, snapshot=at(NIGHT))
    assert dict(night.choices[0].refused) == ({"outside_working_hours": ("anna",)} if turned_away else {})
    assert night.choices[0].until == ({"anna": "2026-11-04T09:00:00+01:00"} if turned_away else {})


def test_follow_the_sun() -> None:
    east = HOURS.replace("Europe/Vienna", "Asia/Tokyo").replace("17:30", "17:00")
    west = HOURS.replace("Europe/Vienna", "America/Los_Angeles")
    policy = a_policy(
        partner("east") + east + partner("west") + west + partner("mid") + HOURS + ROUTE
        + 'working_hours = "required"\n'
    )  # fmt: skip
    at_hour = [decided(policy, snapshot=at(f"2026-11-03T{hour:02}:15")).partner for hour in range(24)]
    assert at_hour[3:9] == ["east"] * 6
    assert at_hour[9:17] == ["mid"] * 8
    assert at_hour[18:] == ["west"] * 6


def test_holidays_count_as_outside_of_working_hours() -> None:
    holidays = 'holidays = { country = "AT", subdivision = "9" }\nqueue_outside_hours = false\n'
    policy = a_policy(partner("anna") + HOURS + holidays + ROUTE)
    assert refused(policy, snapshot=at("2026-12-08T10:00")) == {"outside_working_hours": ["anna"]}
    assert decided(policy, snapshot=at("2026-12-09T10:00")).partner == "anna"


# ---- backups ---------------------------------------------------------------------------------------------

AWAY_NOW = "away = [{ from = 2026-11-01, until = 2026-11-06 }]\n"


def got(policy: Policy, count: int, **facts: str) -> Counter[str | None]:
    return Counter(decision.partner for decision in fold(policy, a_snapshot(), leads(count, **facts)))


def test_the_backup_takes_the_turns_of_who_is_away_besides_its_own() -> None:
    anna = partner("anna") + AWAY_NOW + 'backup = "bert"\n'
    policy = a_policy(anna + partner("bert") + partner("carl") + ROUTE)
    assert got(policy, 30) == {"bert": 20, "carl": 10}
    decision = decided(policy)
    assert "bert stands in for anna, away until 2026-11-07" in summary(decision)
    assert "Bert for Anna" in explained(decision, {"anna": "Anna", "bert": "Bert"})


def test_a_backup_outside_of_the_pool_stands_in_only_where_the_pool_lets_backups_in() -> None:
    partners = partner("anna") + AWAY_NOW + 'backup = "bert"\n' + partner("bert") + partner("carl")
    route = ROUTE + 'pool = { partners = ["anna", "carl"]'
    assert got(a_policy(partners + route + " }\n"), 10) == {"carl": 10}
    assert got(a_policy(partners + route + ", backups = true }\n"), 10) == {"bert": 5, "carl": 5}


def test_a_backup_serves_the_absent_partners_region_but_keeps_its_own_limits() -> None:
    route = ROUTE + 'must_cover = ["country"]\nminimum_tier = "gold"\n'

    def after(**bert: object) -> Counter[str | None]:
        anna = partner("anna", countries=["DE"], tier="gold") + AWAY_NOW + 'backup = "bert"\n'
        return got(a_policy(anna + partner("bert", **bert) + route), 4, country="DE")

    assert after(countries=["FR"], tier="gold") == {"bert": 4}
    assert after(countries=["FR"], tier="silver") == {None: 4}
    assert after(countries=["FR"], tier="gold", max_open_leads=1) == {"bert": 1, None: 3}
    assert after(countries=["FR"], tier="gold", active=False) == {None: 4}


def test_backups_are_followed_until_somebody_is_there() -> None:
    def away(name: str, backup: str) -> str:
        return partner(name, backup=backup) + AWAY_NOW

    chain = away("anna", "bert") + away("bert", "carl") + partner("carl") + partner("dora")
    assert got(a_policy(chain + ROUTE), 40) == {"carl": 30, "dora": 10}
    ring = away("anna", "bert") + away("bert", "anna") + partner("dora")
    assert got(a_policy(ring + ROUTE), 4) == {"dora": 4}


def test_who_is_away_without_a_backup_keeps_nobody_elses_from_standing_in() -> None:
    partners = partner("anna") + AWAY_NOW + partner("bert", backup="carl") + AWAY_NOW + partner("carl")
    assert got(a_policy(partners + partner("dora") + ROUTE), 30) == {"carl": 20, "dora": 10}


def test_a_partner_for_whom_somebody_stands_in_is_owed_nothing_afterwards() -> None:
    anna = partner("anna") + AWAY_NOW + 'backup = "bert"\n'
    rotation = 'rotation = { name = "r", absence = "make_up" }\n'
    snapshot = a_snapshot()
    list(fold(a_policy(anna + partner("bert") + partner("carl") + ROUTE + rotation), snapshot, leads(30)))
    assert "anna" not in snapshot.credits["r"]


# ---- what the lead is ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "served", "good", "bad"),
    [
        ("country", 'countries = ["DE"]', "Germany", "FR"),
        ("industry", 'industries = ["Retail"]', "retail", "Energy"),
        ("product", 'products = ["SAP", "AWS"]', "sap; aws", "SAP;Azure"),
        ("lead_source", 'lead_sources = ["Web"]', "web", "Fair"),
        ("language", 'languages = ["de", "English"]', "German", "fr_FR"),
    ],
)
def test_what_a_route_covers_must_be_in_the_partners_list(
    field: str, served: str, good: str, bad: str
) -> None:
    picky = partner("anna") + served + "\n" + ROUTE + f'must_cover = ["{field}"]\n'
    policy = a_policy(picky)
    assert decided(policy, saying(field, good)).partner == "anna"
    for lead in (saying(field, bad), a_lead()):
        assert refused(policy, lead) == {f"outside_{field}": ["anna"]}
    assert decided(a_policy(partner("bert") + picky), saying(field, bad)).partner == "bert"


def test_a_route_may_ask_for_a_least_tier() -> None:
    tiers = {"anna": "Platinum", "bert": "gold", "carl": "silver"}
    partners = [partner(name, tier=tier) for name, tier in tiers.items()]
    policy = a_policy("".join(partners) + partner("dora") + ROUTE + 'minimum_tier = "Gold"\n')
    assert refused(policy) == {"below_tier": ["carl", "dora"]}


def test_certifications_are_needed_by_the_route_or_by_what_the_lead_says() -> None:
    anna = partner("anna") + 'certifications = ["SAP", { name = "ISO 27001", until = 2026-11-02 }]\n'
    bert = partner("bert") + 'certifications = ["sap until 2026-11-01"]\n'
    both = anna + bert + ROUTE
    assert refused(a_policy(both + 'needs_certification = "sap"\n')) == {"without_certification": ["bert"]}
    two = a_policy(both + 'needs_certification = ["sap", "iso 27001"]\n')
    assert refused(two) == {"without_certification": ["bert"]}
    assert refused(two, snapshot=a_snapshot(NOW + timedelta(days=1))) == {
        "without_certification": ["anna", "bert"]
    }
    by_product = a_policy(
        both + 'needs_certification = { field = "product", names = { "S/4 HANA" = "sap" } }\n'
    )
    assert refused(by_product, a_lead(product="s/4 hana")) == {"without_certification": ["bert"]}
    assert refused(by_product, a_lead(product="Mail")) == {}
    by_field = a_policy(both + 'needs_certification = { field = "product" }\n')
    assert refused(by_field, a_lead(product="SAP")) == {"without_certification": ["bert"]}
    assert refused(by_field, a_lead(product="AWS")) == {"without_certification": ["anna", "bert"]}


# ---- who had the lead before -----------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["held_before", "declined_before"])
def test_who_had_or_declined_a_lead_does_not_get_it_again(code: str) -> None:
    policy = a_policy(partner("anna") + partner("bert") + ROUTE)
    snapshot = a_snapshot()
    snapshot.had_before = {a_lead(1).ref: {"anna": code}}
    assert refused(policy, a_lead(1), snapshot) == {code: ["anna"]}
    assert refused(policy, a_lead(2), snapshot) == {}


def test_a_standing_yields_to_a_partner_who_declined_but_not_to_one_who_had_the_lead() -> None:
    policy, snapshot = a_policy(partner("anna") + partner("bert") + ROUTE), a_snapshot()
    snapshot.had_before = {a_lead(1).ref: {"anna": "declined_before"}, a_lead(2).ref: {"anna": "held_before"}}
    first = decided(policy, a_lead(1, partner="anna"), snapshot)
    assert first.partner == "bert"
    assert "Anna is named but declined before" in summary(first)
    assert decided(policy, a_lead(2, partner="anna"), snapshot).partner == "anna"


# ---- the count -------------------------------------------------------------------------------------------


def test_a_decision_that_nobody_fits_counts_the_refusals_the_most_frequent_first() -> None:
    full = "".join(partner(f"full-{n}", max_open_leads=0) for n in range(3))
    abroad = "".join(partner(f"abroad-{n}", countries=["FR"]) for n in range(2))
    gone = "".join(partner(f"away-{n}") + AWAY_NOW for n in range(2))
    policy = a_policy(gone + abroad + full + ROUTE + 'must_cover = ["country"]\n')
    decision = decided(policy, a_lead(country="DE"))
    assert say(decision.reasons[1]) == "0 of 7 fit: 3 at capacity, 2 outside region, 2 away"
    assert decision.outcome is Outcome.FALLBACK


def test_every_refusal_that_is_promised_has_words() -> None:
    codes = """
        suspended no_owner_in_crm outside_country outside_territory outside_language at_capacity cap_per_hour
        cap_rolling owners_at_cap route_cap_per_day away outside_working_hours below_tier
        without_certification declined_before held_before
    """
    assert set(codes.split()) <= REFUSALS.keys()


# ---- mistakes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        (partner("anna") + 'backup = "ana"\n' + ROUTE, "there is no partner 'ana'"),
        (partner("anna") + 'backup = "anna"\n' + ROUTE, "cannot stand in for itself"),
        (partner("anna") + ROUTE + 'minimum_tier = "gould"\n', "no tier 'gould'"),
        (
            partner("anna") + ROUTE + 'needs_certification = "sap"\n',
            "no partner holds",
        ),
        (partner("anna") + ROUTE + 'needs_certification = { field = "prodct" }\n', "no field 'prodct'"),
        (partner("anna") + ROUTE + 'must_cover = ["territory"]\n', "territories need a table"),
        (
            partner("anna") + 'holidays = { country = "XX" }\n' + ROUTE,
            "country 'XX'",
        ),
        (
            partner("anna") + 'holidays = { country = "AT", subdivision = "Wien" }\n' + ROUTE,
            "no holidays are known for subdivision 'Wien' of AT",
        ),
    ],
)
def test_a_limit_that_names_nothing_is_a_mistake(toml: str, told: str) -> None:
    with pytest.raises(BadPolicy, match=told):
        a_policy(toml)


def test_a_lead_is_asked_for_by_its_own_reference() -> None:
    snapshot = a_snapshot()
    snapshot.had_before = {Ref("hubspot", "000001"): {"anna": "held_before"}}
    assert refused(a_policy(partner("anna") + ROUTE), a_lead(1), snapshot) == {}


def test_a_machine_reads_until_when_somebody_is_away_and_who_stands_in() -> None:
    anna = partner("anna", backup="bert") + AWAY_NOW
    told = explained_data(decided(a_policy(anna + partner("bert") + ROUTE)), {})["candidates"]
    assert {each["partner"]: (each["until"], each["stands_in_for"]) for each in told} == {
        "anna": ("2026-11-07T00:00:00+00:00", []),
        "bert": (None, ["anna"]),
    }
