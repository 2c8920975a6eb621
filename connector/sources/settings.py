"""The shape of a `[crm.NAME]` table."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from connector.sources.registration_settings import HubSpotRegistrations, SalesforceRegistrations

NeutralName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
SecretRef = Annotated[str, StringConstraints(pattern=r"^(env|file):.+$")]
"""`env:NAME` or `file:PATH` (relative to the config file); a secret never stands in the config itself."""
Writable = Literal[
    "partner",
    "status",
    "score",
    "grade",
    "route",
    "reason",
    "link",
    "due",
    "offered_to",
    "lead_status",
    "partner_answer",
    "decline_reason",
    "claimed_by",
    "breaches",
]
BaseUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+$")]
TakeFrom = Annotated[str, StringConstraints(pattern=r"^(nobody|(user|queue):.+)$")]
CrmOwner = Annotated[str, StringConstraints(pattern=r"^(user|queue):.+$")]


class Strict(BaseModel):
    """A table of the config file: an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RosterSettings(Strict):
    """Partners that are maintained in the CRM: which records, and which of their fields say what.

    `read` maps keys of `[[partner]]` (id, name, type, tier, countries, industries, products, active,
    languages, certifications, max_open_leads, away, backup, owner) to the CRM's fields; lists are separated
    by semicolons.
    """

    object: str
    where: str | None = None
    read: Mapping[NeutralName, str]


class PartnerLink(Strict):
    """The partner as a record of its own rather than a text: found by its name or an external id."""

    object: str
    by: str = "name"
    label: str | None = None


class LinkedRecord(Strict):
    """Where a native HubSpot-Salesforce sync keeps the id of the other CRM's record.

    The lead in `crm` is the one that is decided and whose owner is written; the record here follows it, and
    what the sync copies over is no human edit.
    """

    field: str
    crm: str


class ProgressSettings(Strict):
    """What the values of the lead status and of the partner's answer mean; `new` means nothing yet."""

    new: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    working: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    converted: tuple[str, ...] = ()
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    def values(self) -> dict[str, tuple[str, ...]]:
        """The values by the state that they mean."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class NurtureSettings(Strict):
    """Where leads ripen that are not ready: `lead_status` is what they are given meanwhile."""

    lead_status: str | None = None


class HubSpotNurture(NurtureSettings):
    """A static list, by its name."""

    list: str | None = None


class SalesforceNurture(NurtureSettings):
    """A campaign, by its name, and the status of its members; the campaign's own default without one."""

    campaign: str | None = None
    member_status: str | None = None


class CrmBase(Strict):
    """What every CRM connection has."""

    mode: Literal["shadow", "live"] | None = None
    account: NeutralName | None = None
    base_url: BaseUrl | None = None
    created_after: date | None = None
    where: str | None = None
    take_from: tuple[TakeFrom, ...] = Field(min_length=1)
    fallback_owner: CrmOwner | None = None
    offer_to: CrmOwner | None = None
    max_api_calls_per_day: Annotated[int, Field(ge=1)] | None = None
    read: Mapping[NeutralName, str] = {}
    write: Mapping[Writable, str] = {}
    progress: ProgressSettings = ProgressSettings()
    note: Literal["note", "task"] | None = None
    partner_link: PartnerLink | None = None
    roster: RosterSettings | None = None
    linked_record: LinkedRecord | None = None
    nurture: NurtureSettings | None = None


class ClientCredentials(Strict):
    """OAuth client credentials of an External Client App; `domain` is the My Domain prefix."""

    flow: Literal["client_credentials"]
    domain: str
    key: SecretRef
    secret: SecretRef


class JwtBearer(Strict):
    """OAuth JWT bearer: the private key of a certificate that the app knows, and who to act as."""

    flow: Literal["jwt_bearer"]
    domain: str
    key: SecretRef
    username: str
    private_key: SecretRef
    sandbox: bool = False


class SalesforceSettings(CrmBase):
    """A Salesforce org."""

    kind: Literal["salesforce"]
    login: Annotated[ClientCredentials | JwtBearer, Field(discriminator="flow")]
    object: Literal["Lead"] = "Lead"
    api_version: Annotated[str, StringConstraints(pattern=r"^\d{2,3}\.0$")] = "66.0"
    record_types: tuple[str, ...] = ()
    conditional_writes: bool = False
    nurture: SalesforceNurture | None = None
    registrations: SalesforceRegistrations | None = None


class HubSpotToken(Strict):
    """A service key or private-app token."""

    flow: Literal["token"] = "token"
    token: SecretRef


class HubSpotOAuth(Strict):
    """OAuth of a public app: access tokens are fetched with the refresh token and expire."""

    flow: Literal["oauth"]
    client_id: SecretRef
    client_secret: SecretRef
    refresh_token: SecretRef


class HubSpotSettings(CrmBase):
    """A HubSpot account."""

    kind: Literal["hubspot"]
    login: HubSpotToken | HubSpotOAuth
    object: Literal["contacts", "leads"] = "contacts"
    api_version: Literal["2026-09", "2026-03", "v3"] = "2026-03"
    read_company: Mapping[NeutralName, str] = {}
    nurture: HubSpotNurture | None = None
    registrations: HubSpotRegistrations | None = None


CrmSettings = Annotated[SalesforceSettings | HubSpotSettings, Field(discriminator="kind")]
