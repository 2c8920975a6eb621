"""A sandbox after someone has distributed its leads, for pictures and page tests."""

import random

from connector.sandbox.places import countries
from connector.sandbox.programme import PARTNER_COMPANIES
from connector.sandbox.server import Sandbox

ROUTES = {
    "DACH mid-market": ("DE", "AT", "CH"),
    "Western Europe": ("FR", "BE", "ES", "PT", "IT"),
    "Northern Europe": ("GB", "IE", "NO", "SE", "DK", "FI"),
    "Americas": ("US", "CA"),
    "Asia Pacific": ("IN", "AU", "NZ"),
}
OTHERWISE = {
    "Offered": "Offered to 2 partners until tomorrow 17:00.",
    "Held": "No partner in the pool has capacity; tried again oldest first.",
    "Nurture": "No budget yet; looked at again in 30 days.",
    "Rejected": "A throw-away e-mail address.",
    "Fallback owner": "No route covers this country; the channel manager looks at it.",
}
CODES = {spelling: country.code for country in countries() for spelling in country.spellings}
NAMES = {
    "salesforce": (
        "Partner__c", "Routing_Status__c", "Routing_Route__c", "Routing_Score__c", "Routing_Reason__c",
        "OwnerId",
    ),
    "hubspot": (
        "partner", "routing_status", "routing_route", "routing_score", "routing_reason", "hubspot_owner_id",
    ),
}  # fmt: skip


def assign(sandbox: Sandbox, seed: int = 1) -> None:
    """Give most leads of both CRMs to partners, and tell why the others have none."""
    for crm, state in (("salesforce", sandbox.org), ("hubspot", sandbox.portal)):
        dice = random.Random(seed)
        for card in [card for column in state.columns(limit=10_000) for card in column.cards]:
            if card.partner or dice.random() < 0.12:
                continue
            values = _decided(dice, crm, CODES.get(card.country, ""))
            state.edit(card.id, values, by="integration@acme.example")


def _decided(dice: random.Random, crm: str, country: str) -> dict[str, str]:
    partner, status, route, score, reason, owner = NAMES[crm]
    chosen = next((name for name, codes in ROUTES.items() if country in codes), None)
    if chosen is None or dice.random() < 0.25:
        name = "Fallback owner" if chosen is None else dice.choice(list(OTHERWISE)[:-1])
        return {status: name, reason: OTHERWISE[name], score: str(dice.randrange(4, 50))}
    company = dice.choice([each for each in PARTNER_COMPANIES if each.country in ROUTES[chosen]])
    person = company.people[0]
    seat = person.email if crm == "salesforce" or person.hubspot else "channel.emea@acme.example"
    return {
        partner: company.name,
        status: "Assigned",
        route: chosen,
        score: str(dice.randrange(35, 97)),
        reason: f"{company.name} was next in the rotation; 3 of 4 partners cover the country, 1 is full.",
        owner: seat,
    }
