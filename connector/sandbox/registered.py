"""Deal registrations that partners have filed in both CRMs: most in order, some in each other's way."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle

from connector.sandbox.companies import Company, company
from connector.sandbox.hubspot import Portal
from connector.sandbox.hubspot.records import IMPORT, Record
from connector.sandbox.hubspot.stamps import millis
from connector.sandbox.programme import PARTNER_COMPANIES, PartnerCompany
from connector.sandbox.salesforce import Org
from connector.sandbox.salesforce.lifecycle import create
from connector.sandbox.salesforce.times import seconds

EVERY = timedelta(hours=3)
"""How long after one registration the next was filed; the last of them that long ago."""


@dataclass(frozen=True)
class Filed:
    """What a partner filled in, and when."""

    partner: PartnerCompany
    name: str
    domain: str
    country: str
    amount: int
    at: datetime
    closes: datetime


def registrations(
    seed: int, count: int, sending: Iterable[Company], working_on: Iterable[Company], now: datetime
) -> Iterator[Filed]:
    """So many registrations, oldest first, each second one in the other CRM.

    Of six, one is of the customer that another partner has just registered, one of a company that the
    vendor is working on, one of a like name with another domain, and one is filled in badly.
    """
    dice = random.Random(f"registrations{seed}")  # noqa: S311
    partners, senders, taken = cycle(PARTNER_COMPANIES), iter(sending), cycle(working_on)
    before: Company | None = None
    for number in range(count):
        at = now - EVERY * (count - number)
        place, customer = number % 6, next(senders, None) or company("DE", 7 * number)
        amount = round(int(dice.lognormvariate(10.2, 0.9)), -2)
        domain, country = customer.domain, customer.country
        if place in (1, 5) and before:
            customer, at = before, at - EVERY + timedelta(seconds=20)
            domain = before.domain if place == 1 else f"group.{before.domain.replace('.', '-group.', 1)}"
            country = before.country
        elif place == 3:
            customer = next(taken, customer)
            domain, country = customer.domain, customer.country
        elif place == 4:
            country, amount = "", -amount
        else:
            before = customer
        name = f"{customer.name} {customer.legal_form}"
        yield Filed(next(partners), name, domain, country, amount, at, now + timedelta(days=90 + number))


def fill_org(org: Org, filed: Iterable[Filed]) -> None:
    """Registrations as opportunities of their own record type."""
    kind = org.record_types("Opportunity")["Deal_Registration"]
    for each in filed:
        values = {
            "Name": each.name,
            "RecordTypeId": kind,
            "StageName": "Prospecting",
            "CloseDate": each.closes.date().isoformat(),
            "Amount": each.amount,
            "Partner__c": each.partner.name,
            "Customer_Name__c": each.name,
            "Customer_Website__c": f"https://www.{each.domain}",
            "Customer_Country__c": each.country or None,
        }
        create(org, "Opportunity", values, each.partner.people[0].email, seconds(each.at))


def fill_portal(portal: Portal, filed: Iterable[Filed]) -> None:
    """Registrations as deals in their own pipeline."""
    table = portal.table("deals")
    for each in filed:
        at = millis(each.at)
        values = {
            "dealname": each.name,
            "pipeline": "deal-registration",
            "dealstage": "registration-submitted",
            "closedate": each.closes.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "amount": str(each.amount),
            "partner": each.partner.name,
            "end_customer_name": each.name,
            "end_customer_domain": each.domain,
            "end_customer_country": each.country,
        }
        kept = {name: value for name, value in values.items() if value}
        record = Record(table.new_id(), at, at, kept, IMPORT)
        table.insert(record)
        table.index.changed(record.id, at, 0)
