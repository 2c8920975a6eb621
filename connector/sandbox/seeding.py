"""Fills both CRMs: the programme's people, and leads made up by seed or read from a file."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from connector.sandbox import registered
from connector.sandbox.cards import NeutralLead
from connector.sandbox.companies import accounts, opportunities
from connector.sandbox.customers import fill_org, fill_portal
from connector.sandbox.hubspot import Portal
from connector.sandbox.people import Lead, employers, hubspot_leads, salesforce_leads
from connector.sandbox.salesforce import Org

Watch = Callable[[Iterator[Lead], str, int], Iterator[Lead]]
"""Passes leads on, and may show a person how far they are: of what, and of how many."""


def seed_people(org: Org, portal: Portal) -> None:
    """The vendor's and the partners' people, queues and accounts."""
    org.seed_programme()
    portal.seed_programme()


def unwatched(leads: Iterator[Lead], label: str, count: int) -> Iterator[Lead]:
    """The leads, with nobody to see how far they are."""
    return leads


def seed_leads(
    org: Org, portal: Portal, seed: int, count: int, duplicates: float, now: datetime, watched: Watch
) -> None:
    """`count` made-up leads in each CRM, spread over intake and people."""
    for_salesforce = salesforce_leads(seed, count, now)
    org.add_leads(watched(for_salesforce, "Salesforce leads", count), owners="spread")
    for_hubspot = hubspot_leads(seed, count, now, duplicates=duplicates)
    portal.add_leads(watched(for_hubspot, "HubSpot contacts", count), owners="spread")


def seed_customers(org: Org, portal: Portal, seed: int, count: int, now: datetime) -> None:
    """`count` companies that the vendor knows in each CRM, half of which send leads, and deals with them."""
    known = list(accounts(seed, count, employers(seed, 10 * count, now)))
    deals = list(opportunities(seed, known, count, now.date()))
    fill_org(org, known, deals)
    fill_portal(portal, known, deals)


def seed_registrations(
    org: Org, portal: Portal, seed: int, count: int, customers: int, now: datetime
) -> None:
    """`count` deal registrations of companies that send leads, in the two CRMs in turn.

    `customers` is how many companies the vendor knows.
    """
    known = list(accounts(seed, customers, employers(seed, 10 * customers, now)))
    deals = opportunities(seed, known, customers, now.date())
    working_on = [deal.account.company for deal in deals if deal.is_open]
    own = {account.company for account in known}
    sending = [each for each in dict.fromkeys(employers(seed, 10 * count, now)) if each not in own]
    filed = list(registered.registrations(seed, count, sending, working_on, now))
    registered.fill_org(org, filed[::2])
    registered.fill_portal(portal, filed[1::2])


def load_leads(
    org: Org, portal: Portal, for_salesforce: Iterable[NeutralLead], for_hubspot: Iterable[NeutralLead]
) -> None:
    """Given leads, all to the intake."""
    org.add_leads(for_salesforce, owners="intake")
    portal.add_leads(for_hubspot, owners="intake")
