"""The best leads for the best partners: bands of value, each for some tiers."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from connector.routing.case import Case, Pick
from connector.routing.merits import MERITS, best_of
from connector.routing.methods.base import LeadField, Method, Options


def _measure(name: str | None) -> str | None:
    if name is not None and name not in MERITS:
        raise ValueError(f"there is no measure {name!r}; known are {', '.join(MERITS)}")
    return name


class Band(Options):
    """Leads of at least this value, and the tiers that they are for, or the best by a measure among these."""

    at_least: float = Field(allow_inf_nan=False)
    tiers: tuple[str, ...] = ()
    best_by: Annotated[str | None, AfterValidator(_measure)] = None

    @model_validator(mode="after")
    def _says_whom(self) -> Self:
        if not (self.tiers or self.best_by):
            raise ValueError('a band needs tiers, or best_by = "experience" for the most experienced')
        return self


def _falling(bands: tuple[Band, ...]) -> tuple[Band, ...]:
    if any(high.at_least <= low.at_least for high, low in pairwise(bands)):
        raise ValueError("write the bands from the highest value to the lowest, each value once")
    return bands


class ValueOptions(Options):
    """The number that counts, such as `score` or `deal_value`, and the bands, highest first."""

    field: LeadField = "deal_value"
    bands: Annotated[tuple[Band, ...], Field(min_length=1), AfterValidator(_falling)]


class ByValue(Method[ValueOptions]):
    """Lets the tiers of the lead's band, or the best of them, take turns; everyone if nobody is left."""

    takes = ValueOptions

    def weighs(self) -> frozenset[str]:
        return frozenset(band.best_by for band in self.options.bands if band.best_by)

    def pick(self, case: Case) -> Pick:
        band = self._band(case)
        tiers = {tier.casefold() for tier in band.tiers} if band else set()
        meant = case.if_possible(lambda partner: not tiers or (partner.tier or "").casefold() in tiers)
        if band and band.best_by:
            meant, _ = best_of(meant, MERITS[band.best_by](meant))
        return meant.turn(band=band.at_least if band else None, meant=len(meant.eligible))

    @staticmethod
    def said(facts: Mapping[str, Any]) -> str:
        band = "outside every band" if facts["band"] is None else f"from {facts['band']:g} on"
        return f"next in turn among {facts['meant']} for leads {band}"

    def _band(self, case: Case) -> Band | None:
        value = case.facts.shown.get(self.options.field)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return next((band for band in self.options.bands if value >= band.at_least), None)
