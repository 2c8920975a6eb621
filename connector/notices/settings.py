"""The shape of the `[notices]` table."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from connector.model.contact import Contact
from connector.model.durations import Duration
from connector.model.files import FileName

MANAGER = "channel_manager"
ESCALATION = "escalation"
VENDOR = (MANAGER, ESCALATION)
"""The roles that are the vendor's own; every other one is a key of a partner's `contacts`."""

Role = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
_Roles = Annotated[
    tuple[Role, ...], BeforeValidator(lambda roles: (roles,) if isinstance(roles, str) else roles)
]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TellSettings(_Table):
    """Who is told of what, by role."""

    new_lead: _Roles = ("sales",)
    claim_result: _Roles = ("sales",)
    reminder: _Roles = ("sales",)
    claim_lost: _Roles = ("sales",)
    breach: _Roles = ("sales", MANAGER)
    reassignment: _Roles = ("sales", MANAGER)
    nobody_left: _Roles = (MANAGER,)
    registration: _Roles = ("sales",)
    registration_reminder: _Roles = ("sales",)
    registration_review: _Roles = (MANAGER,)
    registration_escalation: _Roles = (MANAGER, ESCALATION)

    def roles(self) -> Mapping[str, tuple[str, ...]]:
        """The roles that are told, by kind of notice."""
        return {kind: getattr(self, kind) for kind in type(self).model_fields}


class TemplateSettings(_Table):
    """Templates of the admin's own, by kind of notice; the shipped one where there is none."""

    new_lead: FileName | None = None
    claim_result: FileName | None = None
    reminder: FileName | None = None
    breach: FileName | None = None
    claim_lost: FileName | None = None
    reassignment: FileName | None = None
    nobody_left: FileName | None = None
    digest: FileName | None = None
    registration: FileName | None = None
    registration_reminder: FileName | None = None
    registration_review: FileName | None = None
    registration_escalation: FileName | None = None
    not_delivered: FileName | None = None
    registration_not_delivered: FileName | None = None

    def files(self) -> Mapping[str, FileName]:
        """The files that are named, by kind of notice."""
        named = {kind: getattr(self, kind) for kind in type(self).model_fields}
        return {kind: name for kind, name in named.items() if name}


KINDS = tuple(TemplateSettings.model_fields)
"""Everything that is told."""


class QuietHours(_Table):
    """Hours of every day in which nobody is told anything; they may go over midnight."""

    start: time = Field(alias="from")
    end: time = Field(alias="to")

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.start == self.end:
            raise ValueError("from and to are the same, so these hours never occur; leave quiet_hours out")
        return self


class DigestSettings(_Table):
    """Who gets what has happened, `every` day or week (on Mondays), `at` a time of their own clocks."""

    every: Literal["day", "week"] = "day"
    at: time = time(8)
    to: _Roles = ("sales", MANAGER)

    def last(self, local: datetime) -> datetime:
        """When the last one was due by a local time."""
        due = datetime.combine(local.date(), self.at, local.tzinfo)
        if self.every == "week":
            due -= timedelta(days=due.weekday())
        return due if due <= local else due - self.span

    @property
    def span(self) -> timedelta:
        """How long the time is that one is about."""
        return timedelta(days=7 if self.every == "week" else 1)


class NoticesSettings(_Table):
    """Whom to tell, how, when, and how often at most."""

    smtp: Annotated[str, StringConstraints(pattern=r"^(env|file):\S+$")] | None = None
    channel_manager: Contact | None = None
    escalation: Contact | None = None
    tell: TellSettings = TellSettings()
    digest: DigestSettings | None = None
    templates: TemplateSettings = TemplateSettings()
    links: Mapping[str, Annotated[str, StringConstraints(pattern=r"^https?://\S*\{id\}\S*$")]] = {}
    quiet_hours: QuietHours | None = None
    most_per_hour: int = Field(default=30, ge=1)
    tries: int = Field(default=5, ge=1, le=20)
    timeout: Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(seconds=30))] = timedelta(
        seconds=10
    )
