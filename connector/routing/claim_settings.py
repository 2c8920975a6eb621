"""What an admin may say of claims: `pick = { method = "cherry_pick", most = …, cool_down = … }`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from connector.model.durations import Duration

Most = Annotated[int, Field(ge=0, le=100_000)]


class ClaimLimits(BaseModel):
    """The most claims that a partner has open at once, and makes in a day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    open: Most | None = None
    per_day: Most | None = None


class CoolDown(BaseModel):
    """Who lets so many claims lapse `within` a time makes no new ones for `pause` from the last."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after_lapses: int = Field(default=2, ge=1, le=1000)
    within: Duration = timedelta(days=30)
    pause: Duration = timedelta(days=7)


class ClaimOptions(BaseModel):
    """Limits on claims: `most` for everybody, `most_by_tier` instead where a tier has its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    most: ClaimLimits = ClaimLimits()
    most_by_tier: Mapping[str, ClaimLimits] = {}
    cool_down: CoolDown | None = None

    def limits(self, tier: str) -> ClaimLimits:
        """The limits of a tier, case-folded."""
        own = {name.casefold(): limits for name, limits in self.most_by_tier.items()}
        return own.get(tier, self.most)
