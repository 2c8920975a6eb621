"""The shape of the `[schedule]` table."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

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
