"""A partner as decisions see it, from what the admin wrote."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from connector.model.partner import Cap, Partner
from connector.routing.normal import Normal
from connector.routing.normal.industries import industry
from connector.routing.normal.languages import language
from connector.routing.partner_settings import CapSettings, CertificationSettings, PartnerSettings

_ROLLING = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}


def understand_partner(settings: PartnerSettings, normal: Normal) -> Partner:
    """The partner that these settings describe; words are folded as leads' values are."""
    return Partner(
        id=settings.id,
        name=settings.name,
        type=settings.type,
        tier=settings.tier,
        active=settings.active,
        countries=frozenset(settings.countries),
        industries=folded([industry(name, normal.industries) or name for name in settings.industries]),
        products=folded(settings.products),
        lead_sources=folded(settings.lead_sources),
        languages=frozenset(language(name) or name for name in settings.languages),
        certifications=dict(_certification(one) for one in settings.certifications),
        skills={skill.casefold(): years for skill, years in settings.skills.items()},
        max_open_leads=settings.max_open_leads,
        max_new_leads=understand_caps(settings.max_new_leads),
        max_open_leads_per_owner=settings.max_open_leads_per_owner,
        max_new_leads_per_owner=understand_caps(settings.max_new_leads_per_owner),
        queue_outside_hours=settings.queue_outside_hours,
        backup=settings.backup,
        owners=settings.owners,
        fields=settings.fields,
        owner_weights=settings.owner_weights,
    )


def _certification(written: CertificationSettings) -> tuple[str, date | None]:
    until = written.until.date() if isinstance(written.until, datetime) else written.until
    return written.name.casefold(), until


def understand_caps(written: Sequence[CapSettings]) -> tuple[Cap, ...]:
    """Caps as they count: of the calendar, or by a window that moves along."""
    return tuple(_cap(cap) for cap in written)


def _cap(written: CapSettings) -> Cap:
    if isinstance(written.per, timedelta):
        return Cap(written.leads, _told(written.per), written.per)
    return Cap(written.leads, written.per, _ROLLING[written.per] if written.rolling else None)


def _told(window: timedelta) -> str:
    hours = window / timedelta(hours=1)
    if hours < 1:
        return f"{hours * 60:g} minutes"
    return f"{hours / 24:g} days" if hours >= 48 else f"{hours:g} hours"


def folded(words: Sequence[str]) -> frozenset[str]:
    """Words as they compare."""
    return frozenset(word.casefold() for word in words)


def names(partners: Mapping[str, Partner]) -> dict[str, str]:
    """Partner ids by case-folded name and id."""
    by_name = {partner.name.casefold(): partner.id for partner in partners.values()}
    return by_name | {partner.id.casefold(): partner.id for partner in partners.values()}
