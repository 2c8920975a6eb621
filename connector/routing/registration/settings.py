"""The shape of `[deal_registration]`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from connector.model.durations import Duration, SpanOfTime, span
from connector.model.registration import REGISTRATION_FIELDS
from connector.routing.partner_settings import WorkingHoursSettings


def _known_fields(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in REGISTRATION_FIELDS:
            known = ", ".join(REGISTRATION_FIELDS)
            raise ValueError(f"there is no field {name!r} of a registration; known are {known}")
    return names


RegistrationFields = Annotated[tuple[str, ...], AfterValidator(_known_fields)]
Manager = Annotated[str, StringConstraints(pattern=r"^(user|queue):.+$")]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Strict(BaseModel):
    """A table of the config file: an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CountryHolidays(Strict):
    """The public holidays of a country, or of a part of it."""

    country: str
    subdivision: str | None = None


class ExtensionSettings(Strict):
    """How often and by how much a protection may be prolonged, and who says so."""

    most: int = Field(default=2, ge=0, le=100)
    each: Duration = timedelta(days=30)
    grant: Literal["automatically", "by_person"] = "automatically"


class RewardSettings(Strict):
    """A share of the won amount for partners of some tiers, at most `most`; the first that applies counts."""

    tier: tuple[str, ...] | None = None
    percent: Percent
    most: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


class DealRegistrationSettings(Strict):
    """How registrations are ruled, how long they last, and what they bring."""

    approve: Literal["when_no_conflict", "by_person"] = "when_no_conflict"
    required: RegistrationFields = ("partner", "company", "country")
    required_at_stage: Mapping[str, RegistrationFields] = {}
    tiers: tuple[str, ...] | None = None
    open_at_once: Mapping[str, Annotated[int, Field(ge=0)]] = {}
    products_must_be_authorised: bool = True
    own_lead: Literal["link", "return"] = "link"
    on_conflict: Literal["conflict", "reject", "review"] = "conflict"
    products: Literal["ignore", "weaken", "separate"] = "weaken"
    recently_closed: Duration = timedelta(days=90)
    register_again_after: Duration = timedelta(0)
    reviewer: Manager | None = None
    escalate_to: Manager | None = None
    decide_within: SpanOfTime = span("2 working days")
    remind_reviewer_after: SpanOfTime | None = span("1 working day")
    working_hours: WorkingHoursSettings = WorkingHoursSettings.model_validate(
        {"from": "09:00", "to": "17:00"}
    )
    holidays: CountryHolidays | None = None
    answer_within: Duration = timedelta(days=30)
    protect_for: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(days=90)
    remind_before: tuple[Duration, ...] = (timedelta(days=14), timedelta(days=3))
    extensions: ExtensionSettings = ExtensionSettings()
    new_leads: Literal["to_partner", "to_channel_manager"] = "to_partner"
    reward: tuple[RewardSettings, ...] = ()
