"""Where an org keeps deal registrations: opportunities, leads, and a custom object of the programme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.salesforce.schema import custom_field

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

DEAL_REGISTRATION = "Deal_Registration__c"
RECORD_TYPES = (
    ("Opportunity", "Direct_Deal", "Direct Deal"),
    ("Opportunity", "Deal_Registration", "Deal Registration"),
    ("Lead", "Deal_Registration", "Deal Registration"),
    (DEAL_REGISTRATION, "Renewal", "Renewal"),
    (DEAL_REGISTRATION, "Partner_Registration", "Partner Registration"),
)
STATES = (
    "Submitted",
    "Under review",
    "Returned",
    "Approved",
    "Rejected",
    "Conflict",
    "Expired",
    "Converted",
    "Withdrawn",
)
FIELDS = (
    custom_field("Partner__c", "string"),
    custom_field("Registration_Status__c", "picklist", values=STATES),
    custom_field("Registration_Reason__c", "string"),
    custom_field("Registration_Expires__c", "datetime"),
    custom_field("Protected_Until__c", "datetime"),
    custom_field("Decide_By__c", "datetime"),
    custom_field("Reviewer__c", "string"),
    custom_field("Conflict_With__c", "string"),
    custom_field("Credited_Partner__c", "string"),
    custom_field("Partner_Reward__c", "currency"),
    custom_field("Extension__c", "picklist", values=("Requested", "Pending", "Granted", "Refused")),
    custom_field("Customer_Name__c", "string"),
    custom_field("Customer_Website__c", "url"),
    custom_field("Customer_Country__c", "string", size="80"),
    custom_field("Customer_Email__c", "email", size="80"),
    custom_field("Submitted_At__c", "datetime"),
    custom_field("Product__c", "string"),
    custom_field("Origin_Lead__c", "string", size="80"),
)
"""What partners fill in on a record that registers a deal, and what they are answered."""

OF_THE_OBJECT = (
    custom_field("Amount__c", "currency"),
    custom_field("Close_Date__c", "date"),
    custom_field("Won__c", "boolean"),
    custom_field("Closed__c", "boolean"),
)
"""What a custom object needs besides, having no stages of its own."""


def add_registrations(org: Org) -> None:
    """The custom object, and the programme's fields on each object that may hold registrations."""
    org.declare_object(DEAL_REGISTRATION, "Deal Registration", "Deal Registrations", prefix="a0D")
    for object_name in ("Opportunity", "Lead", DEAL_REGISTRATION):
        for made in FIELDS:
            org.add_field(object_name, made)
    for made in OF_THE_OBJECT:
        org.add_field(DEAL_REGISTRATION, made)
