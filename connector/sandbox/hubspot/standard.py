"""The properties that the portal has from the start: HubSpot's own, and this product's custom ones."""

from collections.abc import Iterator

from connector.sandbox.hubspot.definitions import Option, Property, choices
from connector.sandbox.hubspot.kinds import REGISTRATIONS

LIFECYCLE = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
LEAD_STATUSES = (
    "NEW",
    "OPEN",
    "IN_PROGRESS",
    "OPEN_DEAL",
    "UNQUALIFIED",
    "ATTEMPTED_TO_CONTACT",
    "CONNECTED",
    "BAD_TIMING",
)
SOURCES = (
    "ORGANIC_SEARCH",
    "PAID_SEARCH",
    "EMAIL_MARKETING",
    "SOCIAL_MEDIA",
    "REFERRALS",
    "OTHER_CAMPAIGNS",
    "DIRECT_TRAFFIC",
    "OFFLINE",
    "PAID_SOCIAL",
    "AI_REFERRALS",
)
BUDGETS = ("Approved", "Planned", "No budget")
NEEDS = ("Replace", "Expand", "New project", "Research")
TIMELINES = ("This quarter", "This year", "Next year", "Just looking")
EMPLOYEE_BANDS = ("1-5", "5-25", "25-50", "50-100", "100-500", "500-1000", "1000+")
TRUTHS = (Option("true", "Yes"), Option("false", "No"))

CUSTOM_GROUP = "partner_distribution"


def text(group: str, *names: str) -> Iterator[Property]:
    """Single-line text properties."""
    return (Property(name, _label(name), group=group) for name in names)


def numbers(group: str, *names: str) -> Iterator[Property]:
    """Number properties."""
    return (Property(name, _label(name), "number", "number", group) for name in names)


def times(group: str, *names: str, read_only: bool = False) -> Iterator[Property]:
    """Properties that hold a moment."""
    return (Property(name, _label(name), "datetime", "date", group, read_only=read_only) for name in names)


def select(group: str, name: str, *values: str) -> Property:
    """An enumeration with these values."""
    return Property(name, _label(name), "enumeration", "select", group, choices(values))


def checkbox(group: str, name: str, *, read_only: bool = False) -> Property:
    """A yes or no, which HubSpot keeps as "true" or "false"."""
    return Property(name, _label(name), "bool", "booleancheckbox", group, TRUTHS, read_only=read_only)


def _label(name: str) -> str:
    return name.removeprefix("hs_").replace("_", " ").capitalize()


def _read_only(group: str, *names: str) -> Iterator[Property]:
    return (Property(name, _label(name), group=group, read_only=True) for name in names)


def _ownership(group: str) -> Iterator[Property]:
    yield Property("hubspot_owner_id", "Owner", "enumeration", "select", group, owner=True)
    yield from times(group, "hubspot_owner_assigneddate", read_only=True)


def _system(group: str, modified: str, created: str = "createdate") -> Iterator[Property]:
    yield from times(group, created, modified, read_only=True)
    yield Property("hs_object_id", "Record ID", "number", "number", group, read_only=True)
    yield from _read_only(
        group, "hs_object_source", "hs_object_source_id", "hs_object_source_label", "hs_merged_object_ids"
    )
    yield from _ownership(group)


def _custom(properties: Iterator[Property]) -> Iterator[Property]:
    for each in properties:
        yield Property(
            each.name,
            each.label,
            each.type,
            each.field_type,
            CUSTOM_GROUP,
            each.options,
            hubspot_defined=False,
        )


def _routing() -> Iterator[Property]:
    yield from text("", "partner", "routing_status", "routing_reason", "routing_route", "routing_grade")
    yield from text("", "decision_link", "product_interest", "lead_source")
    yield from numbers("", "routing_score", "expected_amount")
    yield from times("", "accept_by")
    yield select("", "partner_answer", "Accepted", "Declined")
    yield from text("", "decline_reason", "claimed_by")
    yield checkbox("", "sharing_consent")
    yield checkbox("", "decision_maker")
    yield select("", "budget", *BUDGETS)
    yield select("", "need", *NEEDS)
    yield select("", "timeline", *TIMELINES)


def contact_properties() -> Iterator[Property]:
    """Contacts: e-mail is unique; industry, company size and revenue are free text here."""
    group = "contactinformation"
    yield Property("email", "Email", group=group, unique=True)
    yield from text(group, "firstname", "lastname", "jobtitle", "company", "website", "salutation", "fax")
    yield from text(group, "address", "city", "state", "zip", "country", "industry", "company_size")
    yield from text(group, "annualrevenue", "message", "hs_language", "hs_timezone", "salesforceleadid")
    for name in ("phone", "mobilephone"):
        yield Property(name, _label(name), field_type="phonenumber", group=group)
    yield select(group, "numemployees", *EMPLOYEE_BANDS)
    yield select(group, "lifecyclestage", *LIFECYCLE)
    yield select(group, "hs_lead_status", *LEAD_STATUSES)
    yield select(group, "hs_analytics_source", *SOURCES)
    yield select(group, "hs_latest_source", *SOURCES)
    yield from _read_only(
        group,
        "hs_additional_emails",
        "hs_all_contact_vids",
        "hs_calculated_merged_vids",
        "hs_email_domain",
        "hs_pipeline",
        "hs_marketable_until_renewal",
    )
    yield checkbox(group, "hs_is_contact", read_only=True)
    yield checkbox(group, "hs_is_unworked", read_only=True)
    yield from _system(group, "lastmodifieddate")
    yield from _custom(_routing())


def company_properties() -> Iterator[Property]:
    """Companies: here the industry is an enumeration, but the sandbox keeps it open as text."""
    group = "companyinformation"
    yield from text(group, "name", "domain", "website", "industry", "description")
    yield from text(group, "address", "city", "state", "zip", "country")
    yield Property("phone", "Phone", field_type="phonenumber", group=group)
    yield from numbers(group, "numberofemployees", "annualrevenue")
    yield select(group, "type", "PROSPECT", "PARTNER", "RESELLER", "VENDOR", "OTHER")
    yield select(group, "lifecyclestage", *LIFECYCLE)
    yield select(group, "hs_lead_status", *LEAD_STATUSES)
    yield from _system(group, "hs_lastmodifieddate")
    yield from _custom(text("", "programme_level", "partner"))


def deal_properties() -> Iterator[Property]:
    """Deals: pipeline and stage take the internal ids of the portal's pipelines."""
    group = "dealinformation"
    yield from text(group, "dealname", "description", "hs_all_collaborator_owner_ids")
    yield from numbers(group, "amount")
    yield from times(group, "closedate")
    yield Property("pipeline", "Pipeline", "enumeration", "select", group)
    yield Property("dealstage", "Deal stage", "enumeration", "radio", group)
    yield select(group, "dealtype", "newbusiness", "existingbusiness")
    yield Property("hs_deal_stage_probability", "Deal probability", "number", "number", group, read_only=True)
    yield checkbox(group, "hs_is_closed", read_only=True)
    yield checkbox(group, "hs_is_closed_won", read_only=True)
    yield from _system(group, "hs_lastmodifieddate")
    yield from _custom(_registration())


def _registration() -> Iterator[Property]:
    yield from text("", "partner", "end_customer_name", "end_customer_domain", "end_customer_country")
    yield from text("", "end_customer_email", "product_interest", "deal_currency_code", "origin_lead")
    yield from text("", "registration_id", "registration_reason", "registration_reviewer")
    yield from text("", "registration_conflict_with", "credited_partner")
    yield select("", "registration_extension", "Requested", "Pending", "Granted", "Refused")
    yield from numbers("", "partner_reward")
    yield from times("", "registration_expires_at", "registration_decide_by", "registration_protected_until")


def registration_properties() -> Iterator[Property]:
    """The custom object: a name, its pipeline, and what partners fill in and are answered."""
    group = "deal_registration_information"
    yield from _custom(text("", "registration_name"))
    yield Property("hs_pipeline", "Pipeline", "enumeration", "select", group)
    yield Property("hs_pipeline_stage", "Pipeline stage", "enumeration", "radio", group)
    yield from _system(group, "hs_lastmodifieddate", "hs_createdate")
    yield from _custom(_registration())
    yield from _custom(numbers("", "deal_amount"))
    yield from _custom(times("", "expected_close"))
    yield from _custom(iter((checkbox("", "deal_won"), checkbox("", "deal_closed"))))


def lead_properties() -> Iterator[Property]:
    """Leads (0-136): a name, a type, a label, and the same routing fields as contacts."""
    group = "lead_information"
    yield from text(group, "hs_lead_name")
    yield select(group, "hs_lead_type", "NEW BUSINESS", "RE-ATTEMPT", "UPSELL")
    yield select(group, "hs_lead_label", "HOT", "WARM", "COLD")
    yield Property("hs_pipeline", "Pipeline", "enumeration", "select", group)
    yield Property("hs_pipeline_stage", "Lead stage", "enumeration", "radio", group)
    yield from _system(group, "hs_lastmodifieddate")
    yield from _custom(_routing())


def note_properties() -> Iterator[Property]:
    """Notes: a body of up to 65,536 characters and the time that it stands under."""
    group = "engagement"
    yield Property("hs_note_body", "Note body", field_type="html", group=group)
    yield from text(group, "hs_attachment_ids")
    yield from times(group, "hs_timestamp")
    yield from _system(group, "hs_lastmodifieddate", "hs_createdate")


def task_properties() -> Iterator[Property]:
    """Tasks: `hs_timestamp` is when it is due."""
    group = "engagement"
    yield from text(group, "hs_task_subject")
    yield Property("hs_task_body", "Task body", field_type="html", group=group)
    yield select(group, "hs_task_status", "NOT_STARTED", "IN_PROGRESS", "WAITING", "COMPLETED", "DEFERRED")
    yield select(group, "hs_task_priority", "NONE", "LOW", "MEDIUM", "HIGH")
    yield select(group, "hs_task_type", "TODO", "CALL", "EMAIL", "LINKED_IN")
    yield from times(group, "hs_timestamp")
    yield from _system(group, "hs_lastmodifieddate", "hs_createdate")


STANDARD = {
    "contacts": contact_properties,
    "companies": company_properties,
    "deals": deal_properties,
    "leads": lead_properties,
    "notes": note_properties,
    "tasks": task_properties,
    REGISTRATIONS.name: registration_properties,
}
