"""The HubSpot objects that can hold leads, and what their properties are called."""

from collections.abc import Mapping
from dataclasses import dataclass

CONTACTS, COMPANIES, DEALS, NOTES, TASKS = "contacts", "companies", "deals", "notes", "tasks"

OWNER, RECORD_ID, CREATED = "hubspot_owner_id", "hs_object_id", "createdate"

# HubSpot keeps ids of merged-away records under two names, of which neither is always complete.
MERGED = {CONTACTS: ("hs_merged_object_ids", "hs_all_contact_vids")}
MERGED_ELSEWHERE = ("hs_merged_object_ids",)

OF_CONTACT = "contact."

_CONTACT = {
    "first_name": "firstname",
    "last_name": "lastname",
    "title": "jobtitle",
    "email": "email",
    "phone": "phone",
    "company": "company",
    "website": "website",
    "street": "address",
    "city": "city",
    "state": "state",
    "postal_code": "zip",
    "country": "country",
    "industry": "industry",
    "employees": "company_size",
    "annual_revenue": "annualrevenue",
    "lead_source": "hs_analytics_source",
}


@dataclass(frozen=True, slots=True)
class LeadObject:
    """What a lead is in HubSpot; in `read`, `contact.` marks a property of the associated contact.

    `note_links` are the association type ids from a note or task to it.
    """

    type: str
    modified: str
    status: str
    read: Mapping[str, str]
    note_links: Mapping[str, int]


# Contacts alone keep their change stamp in a property without the prefix.
CONTACT = LeadObject(
    type=CONTACTS,
    modified="lastmodifieddate",
    status="hs_lead_status",
    read={**_CONTACT, "status": "hs_lead_status"},
    note_links={NOTES: 202, TASKS: 204},
)
LEAD = LeadObject(
    type="leads",
    modified="hs_lastmodifieddate",
    status="hs_pipeline_stage",
    read={
        **{name: f"{OF_CONTACT}{own}" for name, own in _CONTACT.items()},
        "lead_name": "hs_lead_name",
        "status": "hs_pipeline_stage",
    },
    note_links={NOTES: 855, TASKS: 647},
)
BY_NAME: Mapping[str, LeadObject] = {"contacts": CONTACT, "leads": LEAD}


def merged_properties(object_type: str) -> tuple[str, ...]:
    """The properties that list the records which one has absorbed."""
    return MERGED.get(object_type, MERGED_ELSEWHERE)
