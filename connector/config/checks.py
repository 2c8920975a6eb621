"""Mistakes that no single table can show: names that do not meet, and words that mean nothing."""

from collections import Counter
from collections.abc import Iterator

from connector.config.notice_checks import notice_checks
from connector.config.problems import nearest
from connector.config.registration_checks import registration_checks
from connector.config.settings import Settings
from connector.routing.normal.countries import all_codes, country_code
from connector.routing.normal.languages import language
from connector.routing.partner_settings import PartnerSettings
from connector.routing.policy import Where

Finding = tuple[Where, str]


def cross_checks(settings: Settings) -> Iterator[Finding]:
    """Every mistake that shows only when tables are held against each other."""
    yield from _doubles(settings)
    yield from _owners(settings)
    yield from _countries(settings)
    yield from _languages(settings)
    yield from _standing(settings)
    yield from _links(settings)
    yield from registration_checks(settings)
    yield from _progress(settings)
    yield from _nurture(settings)
    yield from notice_checks(settings)


def _links(settings: Settings) -> Iterator[Finding]:
    for name, crm in settings.crm.items():
        link = crm.linked_record
        if link and (link.crm not in settings.crm or link.crm == name):
            others = [other for other in settings.crm if other != name]
            message = f"{link.crm!r} is no other crm of this file{nearest(link.crm, others)}"
            yield ("crm", name, "linked_record", "crm"), message
        if crm.partner_link and "partner" not in crm.write and crm.kind == "salesforce":
            yield (
                ("crm", name, "partner_link"),
                'a partner lookup needs its field; add partner = "…" to the write table',
            )


def _progress(settings: Settings) -> Iterator[Finding]:
    for name, crm in settings.crm.items():
        meant: dict[str, str] = {}
        for state, values in crm.progress.values().items():
            for place, value in enumerate(values):
                other = meant.setdefault(value.casefold(), state)
                if other != state:
                    where: Where = ("crm", name, "progress", state, place)
                    yield where, f"{value!r} means both {other} and {state}; leave it with one"


def _nurture(settings: Settings) -> Iterator[Finding]:
    for name, crm in settings.crm.items():
        where, written = ("crm", name, "nurture"), crm.nurture
        if written is None:
            continue
        if not any(written.model_dump().values()):
            yield where, "it says nowhere; name a list (HubSpot), a campaign (Salesforce) or a lead_status"
        if getattr(written, "member_status", None) and not getattr(written, "campaign", None):
            yield (*where, "member_status"), "it is a status of members of a campaign; name the campaign"
        if written.lead_status and "lead_status" not in crm.write:
            yield (*where, "lead_status"), 'nothing holds it; add lead_status = "…" to the write table'
        if written.lead_status and not crm.progress.new:
            yield (
                (*where, "lead_status"),
                'nothing takes its place once a lead is ready; add new = ["…"] to the progress table',
            )


def _doubles(settings: Settings) -> Iterator[Finding]:
    for kind, key, names in (
        ("partner", "id", [partner.id for partner in settings.partner]),
        ("route", "name", [route.name for route in settings.route]),
        ("screen", "name", [screen.name for screen in settings.screen]),
    ):
        counts = Counter(names)
        for index, name in enumerate(names):
            if counts[name] > 1 and index != names.index(name):
                yield (kind, index, key), f"there are two {kind}s called {name!r}; rename one of them"


def _owners(settings: Settings) -> Iterator[Finding]:
    for index, partner in enumerate(settings.partner):
        where: Where = ("partner", index, "owners")
        if not any(partner.owners.values()):
            yield where, f"partner {partner.id!r} has no owner in any CRM, so it could never get a lead"
        for crm in partner.owners:
            if crm not in settings.crm:
                yield (*where, crm), f"there is no crm {crm!r}{nearest(crm, settings.crm)}"
            elif settings.crm[crm].kind == "hubspot":
                yield from _queues_in_hubspot(partner.owners[crm], (*where, crm))
        yield from _owner_weights(partner, ("partner", index, "owner_weights"))
    for name, crm_settings in settings.crm.items():
        for key in ("fallback_owner", "offer_to"):
            owner = getattr(crm_settings, key)
            if owner and crm_settings.kind == "hubspot":
                yield from _queues_in_hubspot((owner,), ("crm", name, key))


def _owner_weights(partner: PartnerSettings, where: Where) -> Iterator[Finding]:
    known = sorted({owner for owners in partner.owners.values() for owner in owners})
    for owner in partner.owner_weights:
        if owner not in known:
            yield (*where, owner), f"{owner!r} is no owner of partner {partner.id!r}{nearest(owner, known)}"
    for crm, owners in partner.owners.items():
        if owners and not any(partner.owner_weights.get(owner, 1) for owner in owners):
            yield (
                where,
                f"every owner of partner {partner.id!r} in {crm} weighs zero, so none could be picked",
            )


def _queues_in_hubspot(owners: tuple[str, ...], where: Where) -> Iterator[Finding]:
    for owner in owners:
        if owner.startswith("queue:"):
            yield where, f"HubSpot has no queues, so {owner!r} cannot hold its records; name a user"


def _countries(settings: Settings) -> Iterator[Finding]:
    known = all_codes()
    for index, partner in enumerate(settings.partner):
        for place, code in enumerate(partner.countries):
            if code not in known:
                yield ("partner", index, "countries", place), _not_a_code(code)
    for index, route in enumerate(settings.route):
        for place, code in enumerate(route.pool.country or ()):
            if code not in known:
                yield ("route", index, "pool", "country", place), _not_a_code(code)


def _languages(settings: Settings) -> Iterator[Finding]:
    for index, partner in enumerate(settings.partner):
        for place, name in enumerate(partner.languages):
            if language(name) is None:
                message = f"{name!r} is no language; write its ISO 639 code, such as de, en or fr"
                yield ("partner", index, "languages", place), message


def _not_a_code(text: str) -> str:
    meant = country_code(text)
    return f"{text!r} is not an ISO country code; " + (f'write "{meant}"' if meant else "write DE, US, …")


def _standing(settings: Settings) -> Iterator[Finding]:
    if settings.standing.order and "partner_on_lead" in settings.standing.order:
        for name, crm in settings.crm.items():
            if "partner" not in crm.write and "partner" not in crm.read:
                yield (
                    ("crm", name),
                    f"crm {name!r} maps no partner field, which standing.order needs; "
                    'add partner = "…" to its write table, or leave "partner_on_lead" out',
                )
