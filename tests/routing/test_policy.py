"""Rules once understood: every part as written, and every mistake in them with its place."""

from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.model.decision import Outcome
from connector.model.durations import span
from connector.model.identity import Holding, Identity, Relatives
from connector.model.known import Known
from connector.model.lead import Ref
from connector.routing.identity import identify
from connector.routing.policy import BadPolicy, CrmRules, Order, Policy, understand_policy
from connector.routing.relatives import relatives_of
from connector.routing.sla import NO_TERMS
from tests.builders import a_lead, a_policy, a_snapshot, partner, settings
from tests.conftest import NOW

DAY = timedelta(days=1)
ANNA = partner("anna", owners={"salesforce": ["user:anna@x.example"]})
BERT = partner(
    "bert", owners={"hubspot": ["user:bert@x.example"]}, max_new_leads=[{"leads": 5, "per": "day"}]
)

EVERYTHING = (
    """
    tiers = ["gold", "silver"]
    seed = 7
    missing_words = [" TBD "]
    decision_link = "https://x.example/{ref}"
    open_deal_weight = 0.25
    [performance]
    within = "90d"
    [order]
    by = "score"
    urgent = { country = "DE" }
    [score]
    grades = { fit = [45, 30, 15], engagement = [30, 20, 10] }
    [score.fit]
    most = 60
    [[score.fit.points]]
    when = { country = "DE" }
    points = 20
    [[score.fit.points]]
    name = "large"
    when = { employees = { above = 9 } }
    points = 40
    [score.engagement]
    most = 30
    [[score.engagement.points]]
    when = { lead_source = "Web" }
    points = 30
    halve_every = "7d"
    since = "created_at"
    [[screen]]
    name = "consent"
    stage = "legal"
    require = { sharing_consent = true }
    otherwise = "hold"
    hold_for = "3d"
    [[screen]]
    name = "tiny"
    when = { employees = { below = 5 } }
    then = "nurture"
    look_again_after = "30d"
    text = "too small"
    [[screen]]
    name = "email"
    use = "valid_email"
    [[recycle]]
    name = "asleep"
    no_progress_for = "5d"
    states = ["accepted"]
    when = { country = "DE" }
    """
    + ANNA
    + BERT
    + """
    [[route]]
    name = "first"
    when = { country = "DE" }
    pick = "cherry_pick"
    if_not_claimed = { after = "1d", then = "top_performer" }
    mode = "shadow"
    [[route]]
    name = "second"
    pick = "least_loaded"
    prefer = ["skills"]
    rotation = { name = "shared", weights = { bert = 0 } }
    accept_within = "4h"
    if_nobody_fits = { hold = "24h", then = "next_route" }
    """
)


def test_every_part_of_the_rules_is_kept_as_written() -> None:
    policy = a_policy(EVERYTHING)
    assert (policy.tiers, policy.seed, policy.missing_words) == (("gold", "silver"), 7, frozenset({"tbd"}))
    assert policy.decision_link == "https://x.example/{ref}"
    assert policy.retry_held_every == timedelta(minutes=5)
    assert policy.grades == ((45, 30, 15), (30, 20, 10))
    assert policy.zone is UTC
    assert (policy.order.by, policy.order.ranks, policy.order.overtakes) == ("score", True, True)
    assert policy.order.urgent
    assert policy.order.urgent.fields() == {"country"}
    assert (policy.recall.deal_weight, policy.recall.judged) == (250, 90 * DAY)
    assert policy.partner_ids == {"anna": "anna", "bert": "bert"}
    assert policy.offers
    assert policy.shadow_routes == frozenset({"first"})
    assert list(policy.rotations) == ["first", "shared"]
    assert list(policy.claims) == ["first"]


def test_scores_are_kept_by_group_with_the_names_of_their_points() -> None:
    fit, engagement = a_policy(EVERYTHING).score
    assert (fit.name, fit.most, engagement.name, engagement.most) == ("fit", 60, "engagement", 30)
    assert [(rule.name, rule.points, rule.halve_every) for rule in fit.rules] == [
        ("fit 1", 20, None),
        ("large", 40, None),
    ]
    (web,) = engagement.rules
    assert (web.name, web.halve_every, web.since) == ("engagement 1", 7 * DAY, "created_at")
    assert web.condition.fields() == {"lead_source"}


def test_screens_are_kept_by_stage_with_what_they_come_to() -> None:
    policy = a_policy(EVERYTHING)
    (consent,) = policy.legal_screens
    assert (consent.name, consent.required, consent.outcome, consent.hold_for, consent.code) == (
        "consent",
        True,
        Outcome.HELD,
        3 * DAY,
        "screened",
    )
    assert consent.condition.fields() == {"sharing_consent"}
    tiny, email = policy.quality_screens
    assert (tiny.required, tiny.outcome, tiny.look_again_after, tiny.text) == (
        False,
        Outcome.NURTURE,
        30 * DAY,
        "too small",
    )
    assert (email.required, email.outcome, email.hold_for, email.text) == (
        False,
        Outcome.REJECTED,
        None,
        None,
    )
    assert email.code != "screened"
    assert email.condition.fields() <= {"email", "email_kind"}
    strict = a_policy('[[screen]]\nname = "x"\nrequire = { country = "DE" }\n' + ANNA)
    assert strict.quality_screens[0].outcome is Outcome.REJECTED


def test_routes_are_kept_in_order_with_how_they_choose() -> None:
    first, second = a_policy(EVERYTHING).routes
    assert (first.name, first.pick, first.shadow, first.hold, first.then) == (
        "first",
        "cherry_pick",
        True,
        None,
        "fallback_owner",
    )
    assert [each.id for each in first.pool] == ["anna", "bert"]
    assert first.unclaimed_after == span("1d")
    assert first.unclaimed
    assert first.judges
    assert (second.pick, second.shadow, second.hold, second.then) == (
        "least_loaded",
        False,
        DAY,
        "next_route",
    )
    assert [each.id for each in second.pool] == ["anna"]
    assert (second.unclaimed, second.unclaimed_after, second.judges) == (None, None, False)
    assert [each.name for each in second.prefer] == ["skills"]
    assert second.terms.within == span("4h")


def test_the_terms_of_a_route_are_found_by_its_name() -> None:
    policy = a_policy(EVERYTHING)
    assert policy.terms_of("second").within == span("4h")
    assert policy.terms_of(None) is policy.terms_of("gone") is NO_TERMS


def test_what_comes_back_is_kept_as_written() -> None:
    (asleep,) = a_policy(EVERYTHING).recycles
    assert (asleep.name, asleep.after, asleep.states) == ("asleep", 5 * DAY, frozenset({"accepted"}))
    assert asleep.condition.fields() == {"country"}


def test_a_preference_for_records_judges_partners_too() -> None:
    route = '[[route]]\nname = "r"\nprefer = ["{}"]\n'
    for merit, judged in (("performance", True), ("speed", True), ("skills", False)):
        policy = a_policy(ANNA + route.format(merit))
        assert policy.routes[0].judges is judged
        assert policy.recall.judged == (365 * DAY if judged else None)


@pytest.mark.parametrize(
    ("order", "overtakes", "ranks"),
    [
        (Order(), False, False),
        (Order(by="newest"), True, False),
        (Order(by="score"), True, True),
        (a_policy('[order]\nurgent = { country = "DE" }\n' + ANNA).order, True, True),
    ],
)
def test_what_the_order_of_work_depends_on(order: Order, overtakes: bool, ranks: bool) -> None:
    assert (order.overtakes, order.ranks) == (overtakes, ranks)


@pytest.mark.parametrize(
    ("owner", "may"),
    [("queue:intake", True), ("QUEUE:Intake", True), (None, False), ("", False), ("queue:other", False)],
)
def test_from_whom_leads_may_be_taken(owner: str | None, may: bool) -> None:
    assert CrmRules(frozenset({"queue:intake"}), None).may_take_from(owner) is may
    assert CrmRules(frozenset({"nobody"}), None).may_take_from(None)


@pytest.mark.parametrize(
    ("more", "recognised", "duplicates", "phones"),
    [
        ("[standing]\norder = []\n", False, False, False),
        ("[standing]\norder = ['partner_on_lead']\n", False, False, False),
        ("[standing]\norder = ['same_person']\n", True, False, True),
        ("[standing]\norder = []\n[[screen]]\nname = 'd'\nuse = 'no_duplicate'\n", True, True, True),
        (
            "[standing]\norder = []\n[[screen]]\nname = 'p'\nwhen = { phone = { missing = true } }\n",
            False,
            False,
            True,
        ),
    ],
)
def test_people_are_recognised_only_where_it_matters(
    more: str, recognised: bool, duplicates: bool, phones: bool
) -> None:
    policy = a_policy(ANNA + more)
    assert (policy.recognises, policy.finds_duplicates, policy.normal.phones) == (
        recognised,
        duplicates,
        phones,
    )


ROUTE = '[[route]]\nname = "r"\n'


@pytest.mark.parametrize(
    ("toml", "where", "told"),
    [
        (
            '[[screen]]\nname = "x"\nwhen = { country = "DE" }\nrequire = { country = "DE" }\n',
            ("screen", 0),
            "screen 'x' needs one of 'use', 'when' and 'require'",
        ),
        ('[[screen]]\nname = "x"\n', ("screen", 0), "screen 'x' needs one of 'use', 'when' and 'require'"),
        (
            '[[screen]]\nname = "x"\nrequire = { country = "DE" }\nthen = "hold"\n',
            ("screen", 0, "then"),
            "with 'require' write 'otherwise', since 'then' goes with 'when'",
        ),
        (
            '[[screen]]\nname = "x"\nwhen = { country = "DE" }\notherwise = "hold"\n',
            ("screen", 0, "otherwise"),
            "with 'when' write 'then', since 'otherwise' goes with 'require'",
        ),
        (
            '[[screen]]\nname = "x"\nwhen = { country = "DE" }\nhold_for = "3d"\n',
            ("screen", 0, "hold_for"),
            "'hold_for' goes with a screen that holds; write \"hold\" or leave it out",
        ),
        (
            '[[screen]]\nname = "x"\nwhen = { luck = 1 }\n',
            ("screen", 0, "when", "luck"),
            "there is no field 'luck'",
        ),
        (
            '[[screen]]\nname = "x"\nrequire = { luck = 1 }\n',
            ("screen", 0, "require", "luck"),
            "there is no field 'luck'",
        ),
        (
            "[[score.fit.points]]\nwhen = { luck = 1 }\npoints = 1\n",
            ("score", "fit", "points", 0, "when", "luck"),
            "there is no field 'luck'",
        ),
        (
            '[[score.engagement.points]]\nwhen = { country = "DE" }\npoints = 1\nsince = "luck"\n',
            ("score", "engagement", "points", 0, "since"),
            "there is no field 'luck'",
        ),
        (
            "[score]\ngrades = { fit = [15, 15, 10], engagement = [3, 2, 1] }\n",
            ("score", "grades", "fit"),
            "borders go down, such as [45, 30, 15]",
        ),
        (
            "[score]\ngrades = { fit = [30, 20, 10], engagement = [3, 2, 2] }\n",
            ("score", "grades", "engagement"),
            "borders go down, such as [45, 30, 15]",
        ),
        (
            "[score]\ngrades = { fit = [31, 20, 10], engagement = [3, 2, 1] }\n[score.fit]\nmost = 30\n",
            ("score", "grades", "fit"),
            "nobody can reach 31, since fit counts for 30 at most",
        ),
        (
            "[score]\ngrades = { fit = [30, 20, 10], engagement = [3, 2, 1] }\n"
            "[score.engagement]\nmost = 2\n",
            ("score", "grades", "engagement"),
            "nobody can reach 3, since engagement counts for 2 at most",
        ),
        (
            '[[recycle]]\nname = "x"\nno_progress_for = "5d"\nwhen = { luck = 1 }\n',
            ("recycle", 0, "when", "luck"),
            "there is no field 'luck'",
        ),
        ("[order]\nurgent = { luck = 1 }\n", ("order", "urgent", "luck"), "there is no field 'luck'"),
        (
            ROUTE + "when = { luck = 1 }\n",
            ("route", 0, "when", "luck"),
            "there is no field 'luck'",
        ),
        (
            ROUTE + 'pick = "cherry_pick"\nif_not_claimed = { after = "1d", then = "cherry_pick" }\n',
            ("route", 0, "if_not_claimed", "then"),
            "what nobody claims is not offered again; name another method",
        ),
        (
            partner("cora", fields={"tier": "x"}),
            ("partner", 1, "fields", "tier"),
            "every partner has 'tier' already; give this field another name",
        ),
    ],
)
def test_a_mistake_in_the_rules_has_its_place(toml: str, where: tuple[Any, ...], told: str) -> None:
    with pytest.raises(BadPolicy) as caught:
        a_policy(ANNA + toml)
    found = [(each.where, each.message) for each in caught.value.findings]
    assert (where, told) in [(place, message[: len(told)]) for place, message in found]
    assert len(found) == 1


def test_grades_may_ask_for_all_the_points_there_are() -> None:
    toml = "[score]\ngrades = { fit = [30, 20, 10], engagement = [3, 2, 1] }\n[score.fit]\nmost = 30\n"
    assert a_policy(toml + ANNA).grades == ((30, 20, 10), (3, 2, 1))


def test_a_field_that_there_is_not_comes_with_those_that_there_are() -> None:
    with pytest.raises(BadPolicy, match="there is no field 'contry'") as caught:
        a_policy(ANNA + '[[score.fit.points]]\nwhen = { country = "DE" }\npoints = 1\nsince = "contry"\n')
    (finding,) = caught.value.findings
    assert (finding.wrong, "country" in finding.choices, "grade" in finding.choices) == (
        "contry",
        True,
        False,
    )
    assert list(finding.choices) == sorted(finding.choices)


def test_a_grade_is_a_field_only_where_there_are_grades() -> None:
    route = ROUTE + 'when = { grade = "A1" }\n'
    with pytest.raises(BadPolicy, match="there is no field 'grade'"):
        a_policy(ANNA + route)
    assert a_policy("[score]\ngrades = { fit = [3, 2, 1], engagement = [3, 2, 1] }\n" + ANNA + route).routes


def test_only_a_crm_where_the_pool_has_owners_must_say_who_holds_offers() -> None:
    def understood(toml: str) -> Policy:
        crms = {"salesforce": CrmRules(frozenset(), None), "hubspot": CrmRules(frozenset(), None, "user:o")}
        return understand_policy(settings(toml + ROUTE + 'pick = "cherry_pick"\n'), crms)

    assert understood(BERT).offers
    told = "to offer leads of crm 'salesforce' it needs offer_to, who holds them meanwhile"
    with pytest.raises(BadPolicy, match=told):
        understood(ANNA)


def test_rules_may_be_told_where_and_how_often() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    policy = understand_policy(settings(ANNA), {}, ["luck"], timedelta(minutes=9), tokyo)
    assert (policy.zone, policy.retry_held_every, policy.standing.zone) == (
        tokyo,
        timedelta(minutes=9),
        tokyo,
    )
    luck = ANNA + ROUTE + "when = { luck = 1 }\n"
    assert understand_policy(settings(luck), {}, ["luck"]).routes


WHO = Identity(email="jo@globex.com", domain="globex.com")


def a_holding(number: int, who: str, since: timedelta, still: bool) -> Holding:
    return Holding(Ref("salesforce", f"{number:06d}"), who, f"user:{who}", NOW - since, still, WHO)


@pytest.mark.parametrize(
    ("held", "person", "company"),
    [
        ([(1, "anna", 200 * DAY, False)], None, None),
        ([(1, "anna", 200 * DAY, True)], "anna", None),
        ([(1, "anna", 180 * DAY, False)], "anna", "anna"),
        ([(1, "anna", DAY, False), (2, "bert", 9 * DAY, True)], "bert", "bert"),
        ([(1, "anna", 9 * DAY, False), (2, "bert", DAY, False)], "bert", "bert"),
        ([(9, "anna", DAY, True)], None, None),
        ([(1, "gone", DAY, True)], None, None),
    ],
    ids=["long ago", "still open", "just in time", "open first", "then the latest", "itself", "gone"],
)
def test_which_other_lead_counts(
    held: list[tuple[int, str, timedelta, bool]], person: str | None, company: str | None
) -> None:
    policy = a_policy("[standing]\norder = ['same_person', 'same_company']\n" + ANNA + BERT)
    snapshot = a_snapshot()
    assert isinstance(snapshot.known, Known)
    for each in held:
        snapshot.known.holdings.add(a_holding(*each))
    found = relatives_of(policy, snapshot, Ref("salesforce", "000009"), WHO)
    assert (found.person and found.person.partner, found.company and found.company.partner) == (
        person,
        company,
    )
    if found.person:
        assert found.person.evidence == {"by": "email"}
    if found.company:
        assert found.company.evidence == {"by": "domain", "domain": "globex.com"}


def test_relatives_are_looked_for_only_as_far_as_the_order_asks() -> None:
    snapshot = a_snapshot()
    assert isinstance(snapshot.known, Known)
    snapshot.known.holdings.add(a_holding(1, "anna", DAY, True))
    ref = Ref("salesforce", "000009")
    person = relatives_of(a_policy("[standing]\norder = ['same_person']\n" + ANNA), snapshot, ref, WHO)
    assert (bool(person.person), bool(person.company), person.duplicate) == (True, False, None)
    company = relatives_of(a_policy("[standing]\norder = ['same_company']\n" + ANNA), snapshot, ref, WHO)
    assert (bool(company.person), bool(company.company)) == (False, True)
    nobody = relatives_of(a_policy("[standing]\norder = []\n" + ANNA), snapshot, ref, WHO)
    assert nobody == Relatives()


def test_what_was_found_before_counts_where_nothing_can_be_looked_up() -> None:
    policy = a_policy("[standing]\norder = ['same_person']\n" + ANNA)
    snapshot, ref = a_snapshot(), Ref("salesforce", "000009")
    assert isinstance(snapshot.known, Known)
    snapshot.known.holdings.add(a_holding(1, "anna", DAY, True))
    found = relatives_of(policy, snapshot, ref, WHO)
    assert snapshot.relatives == {ref: found}
    snapshot.known = None
    assert relatives_of(policy, snapshot, ref, WHO) == found
    assert relatives_of(policy, snapshot, Ref("salesforce", "000008"), WHO) == Relatives()


def test_another_record_of_the_person_is_looked_for_where_duplicates_matter() -> None:
    ref, other = Ref("salesforce", "000009"), Ref("salesforce", "000001")
    for rules, duplicate in (
        ("[standing]\norder = []\n[[screen]]\nname = 'd'\nuse = 'no_duplicate'\n", other),
        ("[standing]\norder = ['same_person']\n", None),
    ):
        snapshot = a_snapshot()
        assert isinstance(snapshot.known, Known)
        snapshot.known.records.add(other, WHO)
        found = relatives_of(a_policy(ANNA + rules), snapshot, ref, WHO)
        assert (found.duplicate, found.person) == (duplicate, None)


def test_a_company_is_told_by_its_name_only_where_it_has_one_and_its_domain_is_not_another() -> None:
    policy = a_policy("[standing]\norder = ['same_company']\n" + ANNA + BERT)
    globex = identify(policy, a_lead(1, company="Globex GmbH", country="DE", email="a@globex.com"))
    told: list[tuple[dict[str, Any], str | None]] = [
        ({"company": "Globex AG", "country": "DE"}, "anna"),
        ({"company": "Globex AG", "country": "DE", "email": "b@hooli.com"}, None),
        ({"company": "Globex AG", "country": "US"}, None),
        ({"country": "DE"}, None),
    ]
    for fields, partner_id in told:
        snapshot = a_snapshot()
        assert isinstance(snapshot.known, Known)
        snapshot.known.holdings.add(Holding(Ref("salesforce", "1"), "anna", "user:a", NOW, True, globex))
        who = identify(policy, a_lead(9, **fields))
        found = relatives_of(policy, snapshot, Ref("salesforce", "000009"), who)
        assert (found.company and found.company.partner) == partner_id


def test_a_mistake_in_how_a_route_chooses_has_its_place() -> None:
    with pytest.raises(BadPolicy) as caught:
        a_policy(ANNA + ROUTE + 'pick = "cherry_pick"\nif_not_claimed = { after = "1d", then = "robin" }\n')
    assert caught.value.findings[0].where == ("route", 0, "if_not_claimed", "then", "method")
    crms = {"salesforce": CrmRules(frozenset(), None)}
    with pytest.raises(BadPolicy) as caught:
        understand_policy(settings(ANNA + ROUTE + 'pick = "cherry_pick"\n'), crms)
    assert [each.where for each in caught.value.findings] == [("route", 0, "pick")]


def test_routes_ask_the_table_of_territories() -> None:
    rules = ANNA + ROUTE + 'must_cover = ["territory"]\n'
    table = "country,postal,partner\nDE,01,anna\n"
    policy = a_policy('territories = "t.csv"\n' + rules, files={"t.csv": table})
    assert list(policy.territories.prefixes) == ["DE"]
    assert policy.routes[0].limits.territories is policy.territories
