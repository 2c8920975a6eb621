"""Fills both CRMs: the programme's people, and leads made up by seed or read from a file."""

from collections.abc import Iterable
from datetime import datetime

from connector.sandbox.cards import NeutralLead
from connector.sandbox.companies import accounts, opportunities
from connector.sandbox.customers import fill_org, fill_portal
from connector.sandbox.hubspot import Portal
from connector.sandbox.people import employers, hubspot_leads, salesforce_leads
from connector.sandbox.salesforce import Org


def seed_people(org: Org, portal: Portal) -> None:
    """The vendor's and the partners' people, queues and accounts."""
    org.seed_programme()
    portal.seed_programme()


def seed_leads(org: Org, portal: Portal, seed: int, count: int, duplicates: float, now: datetime) -> None:
    """`count` made-up leads in each CRM, spread over intake and people."""
    org.add_leads(salesforce_leads(seed, count, now), owners="spread")
    portal.add_leads(hubspot_leads(seed, count, now, duplicates=duplicates), owners="spread")


def seed_customers(org: Org, portal: Portal, seed: int, count: int, now: datetime) -> None:
    """`count` companies that the vendor knows in each CRM, half of which send leads, and deals with them."""
    known = list(accounts(seed, count, employers(seed, 10 * count, now)))
    deals = list(opportunities(seed, known, count, now.date()))
    fill_org(org, known, deals)
    fill_portal(portal, known, deals)


def load_leads(
    org: Org, portal: Portal, for_salesforce: Iterable[NeutralLead], for_hubspot: Iterable[NeutralLead]
) -> None:
    """Given leads, all to the intake."""
    org.add_leads(for_salesforce, owners="intake")
    portal.add_leads(for_hubspot, owners="intake")
