"""Mistakes in deal registration that show only when tables are held against each other."""

from collections.abc import Iterable, Iterator, Sequence

from connector.config.problems import nearest
from connector.config.settings import Settings
from connector.routing.holidays import UnknownHolidays, country_holidays
from connector.routing.policy import Where
from connector.routing.registration.settings import DealRegistrationSettings

Finding = tuple[Where, str]
_WITHOUT_A_FIELD = frozenset({"submitted_at"})


def registration_checks(settings: Settings) -> Iterator[Finding]:
    """Rules without registrations, registrations without rules, and names that do not meet."""
    rules = settings.deal_registration
    places = {name: crm.registrations for name, crm in settings.crm.items() if _kept(crm)}
    if rules is None:
        for name in places:
            yield (
                ("crm", name, "registrations"),
                "registrations need rules; add a [deal_registration] table, which may be empty",
            )
        return
    if not places:
        yield (
            ("deal_registration",),
            "no crm says where its registrations are; add [crm.NAME.registrations]",
        )
    yield from _tiers(settings, rules)
    yield from _holidays(rules)
    for name, place in places.items():
        yield from _fields(name, place, rules)
        yield from _apart_from_leads(name, settings.crm[name], place)


def _apart_from_leads(name: str, crm: object, place: object) -> Iterator[Finding]:
    """A record that is both a lead and a registration would be routed like a lead."""
    if getattr(place, "object", "") != getattr(crm, "object", None):
        return
    ours, theirs = (frozenset(getattr(each, "record_types", ())) for each in (place, crm))
    filtered = getattr(place, "where", None) or getattr(crm, "where", None)
    if not filtered and not (ours and theirs and ours.isdisjoint(theirs)):
        yield (
            ("crm", name, "registrations", "object"),
            "leads are kept there too; name other record_types here and in the crm, so that none is both",
        )


def _kept(crm: object) -> bool:
    return getattr(crm, "registrations", None) is not None


def _tiers(settings: Settings, rules: DealRegistrationSettings) -> Iterator[Finding]:
    known = sorted({*settings.tiers, *(partner.tier for partner in settings.partner if partner.tier)})
    for place, tier in enumerate(rules.tiers or ()):
        yield from _tier(("deal_registration", "tiers", place), tier, known)
    for tier in rules.open_at_once:
        yield from _tier(("deal_registration", "open_at_once", tier), tier, known)
    for number, reward in enumerate(rules.reward):
        for place, tier in enumerate(reward.tier or ()):
            yield from _tier(("deal_registration", "reward", number, "tier", place), tier, known)


def _holidays(rules: DealRegistrationSettings) -> Iterator[Finding]:
    holidays = rules.holidays
    if holidays is None:
        return
    try:
        country_holidays(holidays.country, holidays.subdivision)
    except UnknownHolidays as error:
        key = "country" if holidays.country == error.wrong else "subdivision"
        yield ("deal_registration", "holidays", key), f"{error}{nearest(error.wrong, error.known)}"


def _tier(where: Where, tier: str, known: Sequence[str]) -> Iterator[Finding]:
    if tier.casefold() not in {each.casefold() for each in known}:
        yield where, f"there is no tier {tier!r}{nearest(tier, known)}"


def _fields(name: str, place: object, rules: DealRegistrationSettings) -> Iterator[Finding]:
    read = getattr(place, "read", {})
    required: Iterable[str] = dict.fromkeys(
        [*rules.required, *(each for names in rules.required_at_stage.values() for each in names)]
    )
    for field in required:
        by_mail = field == "domain" and "email" in read
        if field not in read and field not in _WITHOUT_A_FIELD and not by_mail:
            yield (
                ("crm", name, "registrations", "read"),
                f"{field!r} is required, but no field is read as {field}; every registration would come back",
            )
    if "partner" not in read and "partner" not in rules.required:
        yield ("crm", name, "registrations", "read"), "partner is missing: whose registration would it be?"
    if rules.required_at_stage and "stage" not in read:
        yield (
            ("crm", name, "registrations", "read"),
            "required_at_stage needs the field that is read as stage",
        )
