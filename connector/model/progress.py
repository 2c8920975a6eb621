"""How far a lead has come, as its CRM sees it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """The CRM's own status, whether the lead is still open, and what became of the deals from it.

    `won` is None while nothing is decided; `amount` adds up the deals, in `currency` where the CRM names
    one; `open_deals` counts those still under way.
    """

    status: str | None = None
    open: bool = True
    converted: bool = False
    won: bool | None = None
    open_deals: int = 0
    amount: float | None = None
    currency: str | None = None
