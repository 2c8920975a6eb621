"""The shapes of the `[schedule]` and `[safety]` tables."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from connector.model.durations import Duration


class ScheduleSettings(BaseModel):
    """How often the daemon does what, and how far each reading of a CRM goes back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pull: Duration = timedelta(minutes=1)
    overlap: Duration = timedelta(minutes=2)
    settle: Duration = timedelta(minutes=10)
    settle_back: Duration = timedelta(minutes=30)
    reconcile: Duration = timedelta(hours=24)
    outcomes: Duration = timedelta(minutes=15)
    partners: Duration = timedelta(hours=1)
    follow_up: Duration = timedelta(minutes=5)


class SafetySettings(BaseModel):
    """The most writes, and the most moves of records that already had a partner, in any hour."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_writes_per_hour: int | None = Field(default=None, ge=1)
    max_owner_changes_per_hour: int | None = Field(default=None, ge=0)
