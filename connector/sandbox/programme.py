"""The people of the pretend vendor Acme and of its channel partners, as both CRMs know them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A user of the vendor or of a partner company; `email` is also the Salesforce username."""

    first_name: str
    last_name: str
    email: str
    active: bool = True
    salesforce: bool = True
    hubspot: bool = True


@dataclass(frozen=True)
class PartnerCompany:
    """A channel partner: an account in the CRMs, with people who may own records there."""

    name: str
    domain: str
    country: str
    people: tuple[Person, ...]
    programme_level: str = "Silver"


@dataclass(frozen=True)
class Queue:
    """A Salesforce queue and the objects that it may own."""

    developer_name: str
    name: str
    objects: tuple[str, ...] = ("Lead",)


VENDOR_DOMAIN = "acme.example"

INTEGRATION_USER = Person("Lead", "Connector", "integration@acme.example", hubspot=False)

VENDOR_PEOPLE = (
    INTEGRATION_USER,
    Person("Mara", "Keting", "marketing@acme.example"),
    Person("Carla", "Emea", "channel.emea@acme.example"),
    Person("Chad", "Americas", "channel.americas@acme.example"),
    Person("Dora", "Direct", "dora.direct@acme.example"),
    Person("Sam", "Selling", "sam.selling@acme.example"),
    Person("Fay", "Formerly", "former.rep@acme.example", active=False),
)

NURTURE = "Partner nurture"
"""Where leads ripen: a campaign in Salesforce, a static list of contacts in HubSpot."""

QUEUES = (
    Queue("Web_Intake", "Web Intake"),
    Queue("Channel_Triage", "Channel Triage"),
    Queue("Partner_Offers", "Partner Offers"),
    Queue("Support_Cases", "Support Cases", objects=("Case",)),
)


def _partner(
    name: str, domain: str, country: str, level: str, *people: tuple[str, str], hubspot: bool = True
) -> PartnerCompany:
    return PartnerCompany(
        name=name,
        domain=domain,
        country=country,
        programme_level=level,
        people=tuple(
            Person(first, last, f"{first}.{last}@{domain}".lower(), hubspot=hubspot) for first, last in people
        ),
    )


# `hubspot=False`: a partner without HubSpot seats; a channel manager holds its records there.
PARTNER_COMPANIES = (
    _partner(
        "Nordwind IT GmbH", "nordwind-it.example", "DE", "Gold", ("Anke", "Petersen"), ("Jan", "Boysen")
    ),
    _partner("Rheintal Cloud AG", "rheintal-cloud.example", "DE", "Platinum", ("Jonas", "Weber")),
    _partner("Alpenblick Systems AG", "alpenblick.example", "CH", "Silver", ("Reto", "Frei"), hubspot=False),
    _partner("Hexagone Conseil SAS", "hexagone.example", "FR", "Gold", ("Claire", "Moreau")),
    _partner(
        "Iberia Digital SL", "iberia-digital.example", "ES", "Silver", ("Lucia", "Navarro"), hubspot=False
    ),
    _partner("Lombarda Servizi Srl", "lombarda.example", "IT", "Silver", ("Paolo", "Conti"), hubspot=False),
    _partner("Thames Partners Ltd", "thames-partners.example", "GB", "Gold", ("Olivia", "Hughes")),
    _partner("Fjord Solutions AS", "fjord.example", "NO", "Silver", ("Ingrid", "Dahl"), hubspot=False),
    _partner(
        "Cascadia Networks Inc", "cascadia.example", "US", "Platinum", ("Emily", "Ross"), ("Marcus", "Lee")
    ),
    _partner("Lone Star Systems LLC", "lonestar.example", "US", "Gold", ("Wyatt", "Cole")),
    _partner("Deccan Tech Pvt Ltd", "deccan-tech.example", "IN", "Silver", ("Priya", "Rao"), hubspot=False),
    _partner("Harbour Bridge IT Pty Ltd", "harbourbridge.example", "AU", "Silver", ("Jack", "Nolan")),
)
