"""That made-up leads are believable, messy in measure, and the same for the same seed."""

import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from connector.sandbox.cards import NEUTRAL_FIELDS
from connector.sandbox.companies import PRODUCTS, accounts, companies_in, company, opportunities
from connector.sandbox.people import (
    BUDGETS,
    NEEDS,
    TIMELINES,
    Lead,
    employers,
    hubspot_leads,
    salesforce_leads,
)
from connector.sandbox.places import countries
from connector.sandbox.programme import PARTNER_COMPANIES

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
MANY = 2500


@pytest.fixture(scope="module")
def leads() -> list[Lead]:
    return list(salesforce_leads(1, MANY, NOW))


def _share(values: Iterator[bool]) -> float:
    return sum(values) / MANY


def test_the_same_seed_gives_the_same_people() -> None:
    assert list(salesforce_leads(5, 200, NOW)) == list(salesforce_leads(5, 200, NOW))
    assert list(hubspot_leads(5, 200, NOW)) == list(hubspot_leads(5, 200, NOW))


def test_another_seed_gives_other_people() -> None:
    assert list(salesforce_leads(5, 20, NOW)) != list(salesforce_leads(6, 20, NOW))


def test_more_leads_begin_with_the_same_ones() -> None:
    assert list(salesforce_leads(5, 20, NOW)) == list(islice(salesforce_leads(5, 1_000_000, NOW), 20))


def test_every_field_is_a_neutral_one(leads: list[Lead]) -> None:
    assert {name for lead in leads for name in lead} <= set(NEUTRAL_FIELDS)


def test_created_in_the_weeks_before_now(leads: list[Lead]) -> None:
    moments = [datetime.fromisoformat(str(lead["created_at"])) for lead in leads]
    assert max(moments) <= NOW
    assert min(moments) >= NOW - timedelta(weeks=4, days=2)
    assert len({moment.date() for moment in moments}) > 25


@pytest.mark.parametrize("name", ["email", "company", "country"])
def test_a_few_percent_lack_what_matters(leads: list[Lead], name: str) -> None:
    assert 0.02 < _share(not lead.get(name) for lead in leads) < 0.08


def test_every_country_of_a_partner_sends_leads(leads: list[Lead]) -> None:
    proper = {each.spellings[0]: each.code for each in countries()}
    seen = Counter(proper.get(str(lead["country"])) for lead in leads)
    assert {partner.country for partner in PARTNER_COMPANIES} <= set(seen)
    assert seen["US"] > seen["DE"] > seen["AT"]


def test_countries_are_spelled_in_many_ways(leads: list[Lead]) -> None:
    spelled = {str(lead["country"]) for lead in leads}
    assert {"Germany", "Deutschland", "DE", "U.S.A.", "United Kingdom", "UK"} <= spelled


def test_free_mail_is_the_smaller_part(leads: list[Lead]) -> None:
    free = _share(str(lead["email"]).endswith(("gmail.com", "outlook.com", "gmx.de")) for lead in leads)
    corporate = _share(str(lead["email"]).endswith(".example") for lead in leads)
    assert 0.04 < free < corporate
    assert corporate > 0.6


def test_no_made_up_company_has_a_domain_that_could_be_real() -> None:
    assert all(company(each.code, 3).domain.endswith(".example") for each in countries())


def test_no_two_companies_share_a_domain() -> None:
    domains = [
        company(code, index).domain for code in ("PT", "JP", "CH") for index in range(companies_in(code))
    ]
    assert len(domains) == len(set(domains)) > 3000


def test_people_of_one_company_share_its_domain_and_its_size(leads: list[Lead]) -> None:
    sizes: dict[str, set[object]] = {}
    for lead in leads:
        domain = str(lead["email"]).rpartition("@")[2]
        if domain.endswith(".example") and lead.get("employees") and str(lead["website"]).endswith(domain):
            sizes.setdefault(domain, set()).add(lead["employees"])
    assert all(len(known) == 1 for known in sizes.values())


def test_picklists_hold_the_agreed_values(leads: list[Lead]) -> None:
    for name, allowed in (("budget", BUDGETS), ("need", NEEDS), ("timeline", TIMELINES)):
        assert {lead.get(name) for lead in leads} == set(allowed)
    assert {lead.get("product") for lead in leads} == {*PRODUCTS, None}


def test_names_come_in_several_scripts(leads: list[Lead]) -> None:
    names = "".join(str(lead["last_name"]) for lead in leads)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in names)
    assert any("\u0400" <= letter <= "\u04ff" for letter in names)
    assert "ü" in names


def test_there_is_junk_among_them(leads: list[Lead]) -> None:
    assert (
        0.005 < _share(lead["last_name"] in ("Test", "asdf", "Mouse", "yyy", "Lead") for lead in leads) < 0.03
    )


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_the_asked_share_of_humans_is_in_both_crms(share: float) -> None:
    first = {_human(lead) for lead in salesforce_leads(1, MANY, NOW)}
    second = [_human(lead) for lead in hubspot_leads(1, MANY, NOW, duplicates=share)]
    both = _share(human in first for human in second)
    assert share * 0.75 <= both <= share + 0.02


def test_duplicates_differ_in_what_people_vary() -> None:
    first, second = list(salesforce_leads(1, MANY, NOW)), list(hubspot_leads(1, MANY, NOW, duplicates=1.0))
    pairs = list(zip(first, second, strict=True))
    assert 0.3 < _share(one["email"] == other["email"] for one, other in pairs) < 0.7
    assert 0.2 < _share(one["country"] != other["country"] for one, other in pairs) < 0.7


def test_a_long_stream_needs_no_more_memory_than_a_short_one() -> None:
    list(islice(salesforce_leads(1, 10, NOW), 10))
    tracemalloc.start()
    for _ in salesforce_leads(2, 3000, NOW):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12_000_000


def test_accounts_and_deals_are_of_companies_that_send_leads(leads: list[Lead]) -> None:
    known = list(accounts(1, 60, employers(1, 100, NOW)))
    domains = {account.company.domain for account in known}
    assert len(domains) == 60
    assert sum(str(lead["email"]).rpartition("@")[2] in domains for lead in leads[:100]) > 15
    partners = {partner.name: partner.country for partner in PARTNER_COMPANIES}
    assert all(partners[each.partner] == each.company.country for each in known if each.partner)
    deals = list(opportunities(1, known, 300, NOW.date()))
    assert 0.5 < sum(deal.is_open for deal in deals) / len(deals) < 0.8
    assert all((deal.close_date > NOW.date()) == deal.is_open for deal in deals)


def _human(lead: Lead) -> tuple[str, str]:
    return str(lead["last_name"]), str(lead.get("employees")) + str(lead.get("industry")) + str(
        lead.get("title")
    )
