"""A table of companies says whose their leads are, from when until when."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.model.decision import Decision, Outcome
from connector.routing.pipeline import decide
from connector.routing.reasons import summary
from tests.builders import FALLBACK, a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW

RULES = '[standing]\norder = ["named_account"]\nnamed_accounts = "named.csv"\n{more}\n'
HEADING = "domain,company,country,partner,from,until\n"
PARTNERS = partner("anna") + partner("bert") + '[[route]]\nname = "all"\n'


def decided(table: str, more: str = "", **fields: Any) -> Decision:
    policy = a_policy(RULES.format(more=more) + PARTNERS, files={"named.csv": HEADING + table})
    return decide(policy, a_snapshot(), a_lead(**fields))


def test_a_lead_of_a_named_account_goes_to_its_partner_and_says_by_which_line() -> None:
    decision = decided("globex.com,Globex GmbH,,bert,,\n", email="x@mail.globex.com", country="FR")
    assert (decision.outcome, decision.partner, decision.turns) == (Outcome.ASSIGNED, "bert", ())
    assert summary(decision) == "A named account (globex.com)"
    facts = decision.reasons[0].facts
    assert (facts["file"], facts["line"], facts["by"]) == ("named.csv", 2, "domain")


@pytest.mark.parametrize(
    "stored", ["globex.com", "www.globex.com", "http://globex.com", "https://www.globex.com"]
)
def test_the_table_may_hold_the_domain_in_any_spelling(stored: str) -> None:
    """DU-12 of the collected behaviours."""
    assert decided(f"{stored},,,bert,,\n", email="x@globex.com").partner == "bert"


def test_a_look_alike_is_another_company() -> None:
    """DU-13 of the collected behaviours."""
    for domain in ("macmedia.com", "acme-corp.com", "acmee.com"):
        assert decided("acme.com,,,bert,,\n", email=f"x@{domain}").route == "all"


def test_without_a_corporate_domain_the_name_decides_in_its_country() -> None:
    table = ",Globex GmbH,DE,bert,,\n"
    by_name = decided(table, email="x@gmail.com", company="GLOBEX AG", country="Germany")
    assert by_name.partner == "bert"
    assert by_name.reasons[0].facts["score"] == 1.0
    assert decided(table, company="Globex", country="US").route == "all"
    assert decided(table, company="Globex Foods", country="DE").route == "all"


def test_a_free_mail_domain_names_no_company() -> None:
    assert decided("gmail.com,,,bert,,\n", email="x@gmail.com").route == "all"


def test_a_row_counts_from_its_first_day_to_its_last_where_the_admin_is() -> None:
    today = NOW.date()
    table = f"globex.com,,,bert,{today},{today}\n"
    assert decided(table, email="x@globex.com").partner == "bert"
    rules = RULES.format(more="") + PARTNERS
    for zone, moment, named in (
        ("Asia/Tokyo", NOW + timedelta(hours=5), True),
        ("Asia/Tokyo", NOW + timedelta(hours=6), False),
        ("Asia/Tokyo", NOW - timedelta(hours=18), True),
        ("UTC", NOW - timedelta(hours=18), False),
    ):
        policy = a_policy(rules, files={"named.csv": HEADING + table}, zone=ZoneInfo(zone))
        decision = decide(policy, a_snapshot(moment), a_lead(email="x@globex.com"))
        assert (decision.route is None) == named


def test_an_account_that_changes_hands_is_the_next_partners_from_that_day() -> None:
    table = "globex.com,,,anna,,2026-10-31\nglobex.com,,,bert,2026-11-01,\n"
    assert decided(table, email="x@globex.com").partner == "bert"


def test_of_rows_of_one_domain_the_country_chooses() -> None:
    table = "globex.com,,DE,anna,,\nglobex.com,,AT,bert,,\n"
    assert decided(table, email="x@globex.com", country="AT").partner == "bert"
    assert decided(table, email="x@globex.com", country="FR").route == "all"
    everywhere = table + "globex.com,,,bert,,\n"
    assert decided(everywhere, email="x@globex.com", country="FR").partner == "bert"
    assert decided("globex.com,,DE,anna,,\n", email="x@globex.com", country="FR").partner == "anna"


@pytest.mark.parametrize("vendor", ["-", "vendor", "Vendor"])
def test_an_account_that_the_vendor_keeps_goes_to_no_partner(vendor: str) -> None:
    kept = decided(f"globex.com,,,{vendor},,\n", email="x@globex.com")
    assert (kept.outcome, kept.owner, kept.partner) == (Outcome.FALLBACK, FALLBACK, None)
    assert summary(kept) == "A named account (globex.com) that the vendor keeps"
    left = decided(f"globex.com,,,{vendor},,\n", 'kept_accounts_to = "leave_alone"', email="x@globex.com")
    assert left.outcome is Outcome.LEFT_ALONE


def test_the_table_may_name_a_partner_by_id_or_name() -> None:
    assert decided("globex.com,,,BERT,,\n", email="x@globex.com").partner == "bert"
