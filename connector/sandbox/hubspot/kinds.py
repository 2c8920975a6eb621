"""The object types of the portal and the many names that HubSpot accepts for each."""

from dataclasses import dataclass

from connector.sandbox.hubspot.errors import HubSpotError


@dataclass(frozen=True)
class Kind:
    """An object type: its names, its change stamp, and what search shows and reads by default."""

    name: str
    singular: str
    type_id: str
    shown: tuple[str, ...]
    searched: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    created: str = "createdate"
    modified: str = "hs_lastmodifieddate"
    first_id: int = 1
    scoped_as: str = ""

    @property
    def scope(self) -> str:
        """The word that this type's scopes are named after."""
        return self.scoped_as or self.name


CONTACTS = Kind(
    name="contacts",
    singular="contact",
    type_id="0-1",
    shown=("email", "firstname", "lastname"),
    searched=(
        "firstname",
        "lastname",
        "email",
        "phone",
        "hs_additional_emails",
        "fax",
        "mobilephone",
        "company",
        "hs_marketable_until_renewal",
    ),
    modified="lastmodifieddate",
    first_id=100451,
)
COMPANIES = Kind(
    name="companies",
    singular="company",
    type_id="0-2",
    shown=("domain", "name"),
    searched=("website", "phone", "name", "domain"),
    first_id=5790939001,
)
DEALS = Kind(
    name="deals",
    singular="deal",
    type_id="0-3",
    shown=("amount", "closedate", "dealname", "dealstage", "pipeline"),
    searched=("dealname", "pipeline", "dealstage", "description", "dealtype"),
    required=("dealname", "dealstage"),
    first_id=21678228001,
)
LEADS = Kind(
    name="leads",
    singular="lead",
    type_id="0-136",
    shown=(),
    searched=("hs_lead_name",),
    required=("hs_lead_name",),
    first_id=390000001,
)
NOTES = Kind(
    name="notes",
    singular="note",
    type_id="0-46",
    shown=(),
    searched=("hs_note_body",),
    required=("hs_timestamp",),
    created="hs_createdate",
    first_id=57000000001,
    scoped_as="contacts",
)
TASKS = Kind(
    name="tasks",
    singular="task",
    type_id="0-27",
    shown=(),
    searched=("hs_task_subject", "hs_task_body"),
    required=("hs_timestamp",),
    created="hs_createdate",
    first_id=58000000001,
    scoped_as="contacts",
)
REGISTRATIONS = Kind(
    name="p147975758_deal_registration",
    singular="p_deal_registration",
    type_id="2-47110815",
    shown=(),
    searched=("registration_name", "end_customer_name"),
    required=("registration_name",),
    created="hs_createdate",
    first_id=31400000001,
    scoped_as="custom",
)
"""The portal's custom object: its name is prefixed with the portal's id, or with a bare p for short."""

KINDS = (CONTACTS, COMPANIES, DEALS, LEADS, NOTES, TASKS, REGISTRATIONS)

_ALIASES = {alias: kind for kind in KINDS for alias in (kind.name, kind.singular, kind.type_id)}


def kind_named(text: str) -> Kind:
    """The object type of a path segment: plural, singular, any case, or type id."""
    kind = _ALIASES.get(text) or _ALIASES.get(text.lower())
    if kind:
        return kind
    if text[:2] in ("0-", "2-"):
        raise HubSpotError(400, f"Invalid object or event type id: {text}")
    raise HubSpotError(400, f"Unable to infer object type from: {text}")
