"""The shape of `[crm.NAME.registrations]`: where registrations are, and what their fields are called."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from connector.model.registration import State

RegistrationField = Literal[
    "partner",
    "company",
    "domain",
    "country",
    "email",
    "product",
    "amount",
    "currency",
    "close_date",
    "submitted_at",
    "stage",
    "lead",
    "extension",
    "note",
    "won",
    "closed",
]
DealField = Literal[
    "partner", "company", "domain", "country", "email", "product", "won", "closed", "closed_at"
]
RegistrationWritable = Literal[
    "reason",
    "expires",
    "protected_until",
    "decide_by",
    "reviewer",
    "conflict_with",
    "credited_partner",
    "reward",
    "lead",
    "extension",
]
StateName = Literal[
    "submitted",
    "under_review",
    "returned",
    "approved",
    "rejected",
    "conflict",
    "expired",
    "converted",
    "withdrawn",
]


def _listed(written: Any) -> Any:
    return (written,) if isinstance(written, str) else written


Words = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]
"""The CRM's values for one state: all are read, the first is written."""


def _by_name(written: Any) -> Any:
    """HubSpot's own objects by one name each, however they are written."""
    return {"0-3": "deals", "deal": "deals", "0-136": "leads", "lead": "leads"}.get(
        str(written).lower(), written
    )


HubSpotObject = Annotated[str, BeforeValidator(_by_name)]


class Strict(BaseModel):
    """A table of the config file: an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DealsSettings(Strict):
    """The vendor's own deals, which a registration may collide with."""

    object: str = ""
    where: str | None = None
    read: Mapping[DealField, str] = {}


class SalesforceDeals(DealsSettings):
    """In Salesforce: an object, some of its record types."""

    object: str = "Opportunity"
    record_types: tuple[str, ...] = ()


class HubSpotDeals(DealsSettings):
    """In HubSpot: an object type, some of its pipelines."""

    object: HubSpotObject = "deals"
    pipelines: tuple[str, ...] = ()


class RegistrationsSettings(Strict):
    """Which records are registrations, what field holds their status and what it says, and other fields."""

    object: str = ""
    where: str | None = None
    status: str
    stages: Mapping[StateName, Words] = {}
    read: Mapping[RegistrationField, str]
    write: Mapping[RegistrationWritable, str] = {}


class SalesforceRegistrations(RegistrationsSettings):
    """Opportunities, leads, or the records of a custom object."""

    object: str = "Opportunity"
    record_types: tuple[str, ...] = ()
    deals: SalesforceDeals | None = None


class HubSpotRegistrations(RegistrationsSettings):
    """Deals of some pipelines, or records of a custom object; `company.` reads from the record's company."""

    object: HubSpotObject = "deals"
    pipelines: tuple[str, ...] = ()
    deals: HubSpotDeals | None = None


class StatusWords:
    """The CRM's words for the states, both ways."""

    def __init__(self, stages: Mapping[StateName, Words]):
        plain = {state: (state.value.replace("_", " ").capitalize(),) for state in State}
        said = {**plain, **{State(name): words for name, words in stages.items()}}
        self._written = {state: words[0] for state, words in said.items()}
        blank = {} if "submitted" in stages else {"": State.SUBMITTED}
        self._read = {word.casefold(): state for state, words in said.items() for word in words} | blank

    def written(self, state: State) -> str:
        """The CRM's word for a state."""
        return self._written[state]

    def read(self, word: str | None) -> State | None:
        """The state that a word means; None for one that means "not submitted"."""
        return self._read.get((word or "").strip().casefold())

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that may be written."""
        return tuple(self._written.values())
