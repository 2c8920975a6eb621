"""The policy page says everything that the rules say."""

from itertools import chain
from typing import Any

import pytest

from connector.config import load
from connector.reports.policy_page import html, markdown
from connector.routing.settings import RoutingSettings
from tests.builders import ROOT, a_policy, partner, settings

SHIPPED = load(ROOT / "config.toml")


def page(toml: str) -> str:
    rules: RoutingSettings = settings(toml)
    return markdown(a_policy(toml), rules)


@pytest.mark.parametrize("write", [markdown, html])
def test_every_partner_route_screen_and_rule_is_on_the_page(write: type) -> None:
    told = write(SHIPPED.policy, SHIPPED.settings)
    rules = SHIPPED.settings
    points = [*rules.score.fit.points, *rules.score.engagement.points]
    tables: tuple[Any, ...] = (rules.partner, rules.route, rules.screen, points)
    for name in (str(named.name) for named in chain.from_iterable(tables)):
        assert name in told


def test_every_share_is_said() -> None:
    told = markdown(SHIPPED.policy, SHIPPED.settings)
    for route in SHIPPED.policy.routes:
        whole = sum(map(route.rotation.weight, route.pool))
        for partner_ in route.pool:
            assert f"| {partner_.name} | {route.rotation.weight(partner_)} of {whole} |" in told


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ('{ country = ["DE", "AT", "CH"] }', "country is DE, AT or CH"),
        ('{ country = "DE", employees = { at_least = 5 } }', "country is DE and employees is at least 5"),
        ("{ email = { missing = true } }", "email is missing"),
        ("{ email = { missing = false }, authority = true }", "email is known and authority is yes"),
        (
            '{ any = [{ country = "DE" }, { city = { starts_with = "W" } }] }',
            "one of these holds: (country is DE); (city starts with W)",
        ),
        (
            '{ none = [{ country = "DE", state = "BY" }] }',
            "none of these holds: (country is DE and state is BY)",
        ),
        ('{ all = [{ title = { not = "CIO" } }] }', "all of these hold: (title is not CIO)"),
    ],
)
def test_conditions_read_as_they_decide(when: str, said: str) -> None:
    told = page(partner("anna") + f'[[route]]\nname = "r"\nwhen = {when}\n')
    assert f"Leads where {said}." in told


def test_screens_say_what_happens_and_caps_are_told() -> None:
    told = page(
        partner("anna", active=False)
        + 'max_new_leads = [{ leads = 5, per = "day" }]\n[[route]]\nname = "all"\nprefer = ["skills"]\n'
        + 'if_nobody_fits = { hold = "72h", then = "next_route" }\n'
        + '[[screen]]\nname = "c"\nrequire = { authority = true }\notherwise = "hold"\n'
        + '[[screen]]\nname = "b"\nwhen = { budget = "No" }\nthen = "nurture"\nlook_again_after = "30d"\n'
    )
    assert "**c**: a lead is held for a person unless authority is yes." in told
    assert "**b**: a lead is left to ripen when budget is No, and is looked at again after 30 days." in told
    assert "Anna (suspended)" in told
    assert "5 a day" in told
    assert "held for 3 days and then goes on to the next route" in told
    assert "best by skills" in told


def test_a_name_is_text_and_never_markup() -> None:
    toml = partner("anna") + '[[route]]\nname = "<script>|*x*"\n'
    assert "&lt;script&gt;|*x*" in html(a_policy(toml), settings(toml))


def test_a_ready_made_screen_says_what_it_turns_away() -> None:
    told = markdown(SHIPPED.policy, SHIPPED.settings)
    assert "**test record**: a lead is turned away when this is found: a test record." in told


def test_every_right_is_told_in_the_order_in_which_it_counts() -> None:
    rules = '[standing]\norder = ["same_company", "named_account", "same_person"]\nnamed_accounts = "n.csv"\n'
    toml = rules + partner("anna") + '[[route]]\nname = "all"\n'
    told = markdown(a_policy(toml, files={"n.csv": "domain,partner\n"}), settings(toml))
    assert "1. the partner that was given a lead of the same company in the last 180 days" in told
    assert "2. the partner of the lead's company on the list of named accounts" in told
    assert "3. the partner that has a lead of the same person" in told
    assert "It takes no turn" in told
    assert "a person decides" in told


LIMITED = (
    'territories = "t.csv"\n'
    + partner("anna", tier="gold", backup="bert", timezone="Europe/Vienna", max_open_leads=9)
    + """working_hours = [
        { days = "mon-fri", from = "09:00", to = "17:30" },
        { days = "sat, mon", from = "22:00", to = "24:00" },
    ]
    away = [{ from = 2026-12-24, until = 2027-01-02 }, { from = 2028-01-01 }]
    holidays = { country = "AT", subdivision = "9" }
    queue_outside_hours = false
    certifications = ["SAP"]
    max_new_leads = [{ leads = 5, per = "day" }, { leads = 9, per = "72h" }, { leads = 2, per = "hour" }]
    max_new_leads_per_owner = { leads = 1, per = "day", rolling = true }
    max_open_leads_per_owner = 3
    """
    + partner("bert", tier="silver")
    + """
    [[route]]
    name = "all"
    pool = { backups = true }
    must_cover = ["country", "territory"]
    minimum_tier = "gold"
    needs_certification = "sap"
    working_hours = "required"
    max_new_leads = { leads = 50, per = "month" }
    [[route]]
    name = "by product"
    needs_certification = { field = "product" }
    """
)
TABLE = "country,postal,partner\nDE,01..02,anna\nDE,,bert\nAT,,anna\n"


@pytest.mark.parametrize(
    "told",
    [
        "A partner gets only leads whose country and territory it serves.",
        "Only partners of tier gold or better take part.",
        "A partner must be certified for sap.",
        "A partner must hold the certification that the lead's product asks for.",
        "Outside of its working hours a partner is passed over.",
        "The route gives out at most 50 a month.",
        "Who stands in for a partner that is away need not be of this list.",
        "| 9; 3 for each person | 5 a day, 9 in any 3 days and 2 an hour; 1 in any 24 hours for each person ",
        "- **Anna**: mon-fri 09:00 to 17:30 (Europe/Vienna); mon, sat 22:00 to 24:00 (Europe/Vienna); ",
        "; closed on the public holidays of AT-9; away from 2026-12-24 until 2027-01-02; ",
        "; away from 2028-01-01 until further notice; takes no leads outside of these hours; ",
        "; bert stands in for it while it is away.",
        "- **Anna**: all of AT; DE 01… and 02…",
        "- **Bert**: all of DE",
    ],
)
def test_limits_are_said_in_words(told: str) -> None:
    whole = markdown(a_policy(LIMITED, files={"t.csv": TABLE}), settings(LIMITED))
    assert told in whole.replace("\\", "")


def test_the_rules_of_deal_registration_are_said() -> None:
    rules = partner("anna") + '[[route]]\nname = "all"\n[deal_registration]\nregister_again_after = "30d"\n'
    whole = markdown(a_policy(rules), settings(rules))
    for told in (
        "names at least its partner, company and country",
        "the higher tier is first",
        "or was closed in the last 90 days",
        "An approval protects for 90 days.",
        "A person may decide otherwise at any time",
        "up to 2 extensions of 30 days each",
        "30 days pass before the customer may be registered again",
        "goes to its partner; one that somebody has already stays there",
    ):
        assert told in whole


def test_a_route_that_is_only_tried_says_so() -> None:
    toml = partner("anna") + '[[route]]\nname = "new"\nmode = "shadow"\n'
    assert "This route is only tried" in page(toml)
    assert "This route is only tried" not in page(toml.replace("shadow", "live"))
