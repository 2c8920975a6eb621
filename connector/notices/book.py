"""Whom to tell of what, where and when: `[notices]` and the partners' contacts, with secrets looked up."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from jinja2 import Template

from connector.notices.post import Address
from connector.notices.settings import MANAGER, VENDOR, NoticesSettings, QuietHours
from connector.store.claims import TOO_LATE
from connector.store.notices import Due, Happening, Ruled
from connector.store.registration_notices import OF_REGISTRATION

Addresses = Mapping[tuple[str, str], Address]
"""By partner and role; whoever has a role for all partners stands under the empty one."""


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that telling depends on."""

    settings: NoticesSettings
    templates: Mapping[str, Template]
    addresses: Addresses
    names: Mapping[str, str]
    zone: tzinfo
    zone_of: Callable[[str], tzinfo]
    say: Callable[[str, Mapping[str, Any]], str] = lambda code, facts: code.replace("_", " ")
    """A reason in words, by its code and facts."""
    say_of_registration: Callable[[str, Mapping[str, Any]], str] = lambda code, facts: code.replace("_", " ")
    """The same of what was ruled on a registration, naming no other partner."""

    def address(self, partner: str, role: str) -> Address | None:
        """Where a role is told of what is a partner's; None if nobody has it."""
        everybodys = self.addresses.get(("", role)) if role in VENDOR else None
        return self.addresses.get((partner, role)) or everybodys

    def told_by(self, ruling: Ruled) -> Iterator[tuple[str, str, str]]:
        """The kind of notice, the partner and the role of everybody who is to be told of a decision."""
        for kind, partner in _tidings(ruling):
            for role in self.settings.tell.roles()[kind]:
                if self.address(partner, role):
                    yield kind, partner, role

    def digests(self, now: datetime) -> Iterator[tuple[str, str, datetime]]:
        """The partner (none for the channel manager of all), role and moment of every digest that is due."""
        digest = self.settings.digest
        for partner, role in self.addresses if digest else ():
            if digest and role in digest.to:
                zone = self.zone_of(partner) if partner else self.zone
                yield partner, role, digest.last(now.astimezone(zone)).astimezone(UTC)

    def why(self, notice: Due) -> str:
        """Why a claim did not count, a lead has no partner, or a registration stands where it does."""
        if notice.assignment_id == OF_REGISTRATION:
            return "; ".join(self.say_of_registration(one["code"], one) for one in notice.reasons)
        if notice.how and notice.how.startswith(TOO_LATE):
            return notice.how.removeprefix(TOO_LATE)
        code = {"claim_lost": _LOST, "nobody_left": _NOBODY}.get(notice.kind, ())
        found = (one for one in notice.reasons if one["code"] in code)
        return next((self.say(one["code"], one) for one in found), "")

    def told_of(self, step: Happening) -> Iterator[tuple[str, str]]:
        """The kind of notice and the role of everybody who is to be told of a step."""
        kind = kind_of(step)
        for role in dict.fromkeys(self.settings.tell.roles()[kind] if kind else ()):
            # Who declined needs not be told.
            known = step.state == "declined" and role != MANAGER
            if kind and not known and self.address(step.partner, role):
                yield kind, role

    def clocks(self, partner: str, role: str) -> tzinfo:
        """The clocks that a role lives by: the partner's, or the vendor's for its own people."""
        return self.zone if role in VENDOR else self.zone_of(partner)

    def not_before(self, partner: str, role: str, now: datetime) -> datetime:
        """When a role may be told: now, or when its quiet hours end, by the clocks where it is."""
        quiet = self.settings.quiet_hours
        clocks = self.clocks(partner, role)
        return _after(quiet, now.astimezone(clocks)).astimezone(UTC) if quiet else now


_LOST = ("claim_refused", "claim_beaten")
_NOBODY = ("tried_enough", "nobody_left")


def _tidings(ruling: Ruled) -> Iterator[tuple[str, str]]:
    """The kinds of notice that a decision gives cause for, each with the partner that it concerns."""
    for reason in ruling.reasons:
        if reason["code"] in _LOST and reason.get("partner"):
            yield "claim_lost", reason["partner"]
    if any(reason["code"] in _NOBODY for reason in ruling.reasons) and ruling.outcome in ("fallback", "held"):
        yield "nobody_left", ""


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


_OF_REGISTRATIONS = {
    **dict.fromkeys(
        ("approved", "returned", "rejected", "conflict", "expired", "converted", "inherited"), "registration"
    ),
    **dict.fromkeys(("extended", "extension_refused", "protection_changed", "credited"), "registration"),
    "partner_reminded": "registration_reminder",
    "under_review": "registration_review",
    "extension_requested": "registration_review",
    "reviewer_reminded": "registration_review",
    "escalated": "registration_escalation",
}


def kind_of(step: Happening) -> str | None:
    """What a step in the life of an assignment, or of a registration, is to those who are told of it.

    None for the rest.
    """
    if step.assignment_id == OF_REGISTRATION:
        return _OF_REGISTRATIONS.get(step.because or "")
    if (step.because or "").startswith(TOO_LATE):
        return "claim_lost"
    if step.was is None and step.state in ("assigned", "accepted"):
        return "claim_result" if step.claimed else "new_lead"
    if step.was == step.state and (step.because or "").startswith("reminded: "):
        return "reminder"
    return {"expired": "breach", "declined": "reassignment", "recalled": "reassignment"}.get(step.state)
