"""Puts the companies that the vendor knows, and the deals with them, into both CRMs."""

from collections.abc import Iterable
from datetime import UTC, datetime, time

from connector.sandbox.companies import Account, Opportunity
from connector.sandbox.hubspot import Portal
from connector.sandbox.hubspot.links import COMPANY, DEAL
from connector.sandbox.hubspot.records import IMPORT, Record
from connector.sandbox.hubspot.stamps import stamp
from connector.sandbox.hubspot.table import Table
from connector.sandbox.places import country
from connector.sandbox.programme import PARTNER_COMPANIES
from connector.sandbox.salesforce import Org

SALESFORCE_STAGES = {"Proposal": "Proposal/Price Quote", "Negotiation": "Negotiation/Review"}
HUBSPOT_STAGES = {
    "Prospecting": "appointmentscheduled",
    "Qualification": "qualifiedtobuy",
    "Proposal": "presentationscheduled",
    "Negotiation": "contractsent",
    "Closed Won": "closedwon",
    "Closed Lost": "closedlost",
}


def fill_portal(portal: Portal, accounts: Iterable[Account], deals: Iterable[Opportunity]) -> None:
    """Companies and deals for HubSpot, each deal linked with its company."""
    companies = {account: _insert(portal, "companies", _company(portal, account)) for account in accounts}
    links = [*portal.links.types[DEAL, COMPANY]]
    for deal in deals:
        deal_id = _insert(portal, "deals", _deal(portal, deal))
        portal.links.put(deal_id, companies[deal.account], links)


def fill_org(org: Org, accounts: Iterable[Account], deals: Iterable[Opportunity]) -> None:
    """Accounts and opportunities for Salesforce; what a partner brought is owned by the partner's user."""
    known = {account: org.create("Account", _account(account), by=account.owner) for account in accounts}
    for deal in deals:
        org.create("Opportunity", _opportunity(deal, known[deal.account]), by=deal.account.owner)


def _account(account: Account) -> dict[str, object]:
    company = account.company
    city, state, _ = company.seat
    return {
        "Name": f"{company.name} {company.legal_form}",
        "Website": f"https://www.{company.domain}",
        "Industry": company.industry,
        "BillingCity": city,
        "BillingState": state or None,
        "BillingCountry": country(company.country).spellings[0],
        "NumberOfEmployees": company.employees,
        "AnnualRevenue": company.annual_revenue,
        "Type": "Prospect",
        "OwnerId": account.owner,
    }


def _opportunity(deal: Opportunity, account_id: str) -> dict[str, object]:
    sellers = {partner.name: partner.people[0].email for partner in PARTNER_COMPANIES}
    return {
        "Name": deal.name,
        "AccountId": account_id,
        "StageName": SALESFORCE_STAGES.get(deal.stage, deal.stage),
        "Amount": deal.amount,
        "CloseDate": deal.close_date.isoformat(),
        "OwnerId": sellers.get(deal.partner or "", deal.account.owner),
    }


def _insert(portal: Portal, kind: str, values: dict[str, str]) -> int:
    table: Table = portal.table(kind)
    now = portal.now_ms()
    record = Record(
        table.new_id(), now, now, {name: value for name, value in values.items() if value}, IMPORT
    )
    table.insert(record)
    table.index.changed(record.id, now, 0)
    return record.id


def _company(portal: Portal, account: Account) -> dict[str, str]:
    company = account.company
    return {
        "name": f"{company.name} {company.legal_form}",
        "domain": company.domain,
        "website": f"https://www.{company.domain}",
        "industry": company.industry,
        "city": company.seat[0],
        "country": company.country,
        "numberofemployees": str(company.employees),
        "annualrevenue": str(company.annual_revenue),
        "type": "PROSPECT",
        "partner": account.partner or "",
        "hubspot_owner_id": _owner(portal, account),
    }


def _deal(portal: Portal, deal: Opportunity) -> dict[str, str]:
    closes = stamp(int(datetime.combine(deal.close_date, time(12), UTC).timestamp() * 1000))
    return {
        "dealname": deal.name,
        "amount": str(deal.amount),
        "pipeline": "default",
        "dealstage": HUBSPOT_STAGES[deal.stage],
        "closedate": closes,
        "partner": deal.partner or "",
        "end_customer_domain": deal.account.company.domain,
        "hubspot_owner_id": _owner(portal, deal.account),
    }


def _owner(portal: Portal, account: Account) -> str:
    owner = portal.owners.by_email(account.owner)
    return owner.id if owner else ""
