"""The shape of the `[schedule]` table."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from connector.model.durations import Duration


class ScheduleSettings(BaseModel):
    """How often the daemon works, and how far each reading of a CRM overlaps the one before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pull: Duration = timedelta(minutes=1)
    follow_up: Duration = timedelta(minutes=5)
    overlap: Duration = timedelta(minutes=10)
