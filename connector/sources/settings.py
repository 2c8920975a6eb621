"""The shape of a `[crm.NAME]` table."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

NeutralName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
SecretRef = Annotated[str, StringConstraints(pattern=r"^(env|file):.+$")]
"""`env:NAME` or `file:PATH` (relative to the config file); a secret never stands in the config itself."""
Writable = Literal["partner", "status", "score", "route", "reason"]
BaseUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+$")]
TakeFrom = Annotated[str, StringConstraints(pattern=r"^(nobody|(user|queue):.+)$")]
CrmOwner = Annotated[str, StringConstraints(pattern=r"^(user|queue):.+$")]


class Strict(BaseModel):
    """A table of the config file: an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CrmBase(Strict):
    """What every CRM connection has."""

    base_url: BaseUrl | None = None
    created_after: date | None = None
    take_from: tuple[TakeFrom, ...] = Field(min_length=1)
    fallback_owner: CrmOwner | None = None
    read: Mapping[NeutralName, str] = {}
    write: Mapping[Writable, str] = {}


class SalesforceLogin(Strict):
    """OAuth client credentials of an External Client App; `domain` is the My Domain prefix."""

    flow: Literal["client_credentials"]
    domain: str
    key: SecretRef
    secret: SecretRef


class SalesforceSettings(CrmBase):
    """A Salesforce org."""

    kind: Literal["salesforce"]
    login: SalesforceLogin
    object: Literal["Lead"] = "Lead"
    api_version: Annotated[str, StringConstraints(pattern=r"^\d{2,3}\.0$")] = "66.0"
    record_types: tuple[str, ...] = ()


class HubSpotLogin(Strict):
    """A service key or private-app token."""

    flow: Literal["token"] = "token"
    token: SecretRef


class HubSpotSettings(CrmBase):
    """A HubSpot account."""

    kind: Literal["hubspot"]
    login: HubSpotLogin
    object: Literal["contacts"] = "contacts"
    api_version: Literal["2026-09", "2026-03", "v3"] = "2026-03"


CrmSettings = Annotated[SalesforceSettings | HubSpotSettings, Field(discriminator="kind")]
