"""An offer to everyone who may have the lead: whoever wants it takes it."""

from collections.abc import Mapping
from typing import Any

from connector.routing.case import Case, Pick
from connector.routing.claim_settings import ClaimOptions
from connector.routing.methods.base import Method, Options


class CherryOptions(Options, ClaimOptions):
    """Limits on claims."""


class CherryPick(Method[CherryOptions]):
    """Chooses nobody; the lead goes to the crm's `offer_to`, where those who may have it can claim it."""

    takes = CherryOptions
    uses_rotation = False
    offers = True

    def pick(self, case: Case) -> Pick:
        return Pick(None)

    @staticmethod
    def said(facts: Mapping[str, Any]) -> str:
        return f"offered to {facts['among']}"
