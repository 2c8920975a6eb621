"""Whom to tell of what, where and when: `[notices]` and the partners' contacts, with secrets looked up."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from jinja2 import Template

from connector.notices.post import Address
from connector.notices.settings import MANAGER, NoticesSettings, QuietHours
from connector.store.notices import Happening

Addresses = Mapping[tuple[str, str], Address]
"""By partner and role; whoever is channel manager of all stands under the empty partner."""


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that telling depends on."""

    settings: NoticesSettings
    templates: Mapping[str, Template]
    addresses: Addresses
    names: Mapping[str, str]
    zone: tzinfo
    zone_of: Callable[[str], tzinfo]

    def address(self, partner: str, role: str) -> Address | None:
        """Where a role is told of a partner's leads; None if nobody has it."""
        everybodys = self.addresses.get(("", MANAGER)) if role == MANAGER else None
        return self.addresses.get((partner, role)) or everybodys

    def told_of(self, step: Happening) -> Iterator[tuple[str, str]]:
        """The kind of notice and the role of everybody who is to be told of a step."""
        kind = kind_of(step)
        for role in dict.fromkeys(self.settings.tell.roles()[kind] if kind else ()):
            # Who declined needs not be told.
            known = step.state == "declined" and role != MANAGER
            if kind and not known and self.address(step.partner, role):
                yield kind, role

    def not_before(self, partner: str, role: str, now: datetime) -> datetime:
        """When a role may be told: now, or when its quiet hours end, by the clocks where it is."""
        quiet = self.settings.quiet_hours
        zone = self.zone if role == MANAGER else self.zone_of(partner)
        return _after(quiet, now.astimezone(zone)).astimezone(UTC) if quiet else now


def _after(quiet: QuietHours, local: datetime) -> datetime:
    if not _within(quiet, local):
        return local
    end = datetime.combine(local.date(), quiet.end, local.tzinfo)
    return end if end > local else datetime.combine(local.date() + timedelta(days=1), quiet.end, local.tzinfo)


def _within(quiet: QuietHours, local: datetime) -> bool:
    clock = local.time()
    if quiet.start < quiet.end:
        return quiet.start <= clock < quiet.end
    return clock >= quiet.start or clock < quiet.end


def kind_of(step: Happening) -> str | None:
    """What a step in the life of an assignment is to those who are told of it; None for the rest."""
    if step.was is None and step.state in ("assigned", "accepted"):
        return "claim_result" if step.claimed else "new_lead"
    if step.was == step.state and (step.because or "").startswith("reminded: "):
        return "reminder"
    return {"expired": "breach", "declined": "reassignment", "recalled": "reassignment"}.get(step.state)
