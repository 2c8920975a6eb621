"""Filling the org: its own furniture, and the vendor's programme with partners, queues and people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from connector.sandbox.cards import NeutralLead
from connector.sandbox.programme import (
    NURTURE,
    PARTNER_COMPANIES,
    QUEUES,
    VENDOR_PEOPLE,
    PartnerCompany,
    Person,
    Queue,
)
from connector.sandbox.salesforce import registrations
from connector.sandbox.salesforce.loader import Loader
from connector.sandbox.salesforce.schema import custom_field
from connector.sandbox.salesforce.store import Row
from connector.sandbox.salesforce.writes import Actor, insert

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

PROFILES = {
    "System Administrator": "Standard",
    "Standard User": "Standard",
    "Minimum Access - API Only Integrations": "Standard",
    "Partner Community User": "PowerPartner",
    "Chatter Free User": "CsnOnly",
}
LEAD_STATUSES = (
    ("Open - Not Contacted", True, False),
    ("Working - Contacted", False, False),
    ("Closed - Converted", False, True),
    ("Closed - Not Converted", False, False),
)
STAGES = (
    ("Prospecting", 10, "Pipeline"),
    ("Qualification", 10, "Pipeline"),
    ("Needs Analysis", 20, "Pipeline"),
    ("Value Proposition", 50, "Pipeline"),
    ("Id. Decision Makers", 60, "Pipeline"),
    ("Perception Analysis", 70, "Pipeline"),
    ("Proposal/Price Quote", 75, "Pipeline"),
    ("Negotiation/Review", 90, "Pipeline"),
    ("Closed Won", 100, "Closed"),
    ("Closed Lost", 0, "Omitted"),
)
RECORD_TYPES = (
    ("Lead", "Direct_Lead", "Direct Lead"),
    ("Lead", "Partner_Lead", "Partner Lead"),
    *registrations.RECORD_TYPES,
)
LEAD_FIELDS = (
    custom_field("Partner__c", "string"),
    custom_field("Routing_Status__c", "string", size="40"),
    custom_field("Routing_Reason__c", "string"),
    custom_field("Routing_Route__c", "string", size="80"),
    custom_field("Routing_Score__c", "double"),
    custom_field("Routing_Grade__c", "string", size="8"),
    custom_field("Decision_Link__c", "url"),
    custom_field("Accept_By__c", "datetime"),
    custom_field("Partner_Answer__c", "picklist", values=("Accepted", "Declined")),
    custom_field("Decline_Reason__c", "string"),
    custom_field("Claimed_By__c", "string"),
    custom_field("Expected_Amount__c", "currency"),
    custom_field("Share_OK__c", "boolean", "Share OK"),
    custom_field("Budget__c", "picklist", values=("Approved", "Planned", "No budget")),
    custom_field("Need__c", "picklist", values=("Replace", "Expand", "New project", "Research")),
    custom_field(
        "Timeline__c", "picklist", values=("This quarter", "This year", "Next year", "Just looking")
    ),
    custom_field("Decision_Maker__c", "boolean"),
    custom_field("Product__c", "string"),
)


def lay_foundations(org: Org) -> None:
    """What every org has: itself, profiles, the automated process, statuses and stages."""
    for name, kind in PROFILES.items():
        _add(org, "Profile", Name=name, UserType=kind)
    automated = add_user(org, Person("Automated", "Process", "autoproc@acme.example"), "System Administrator")
    org.store.update("User", automated, {"UserType": "AutomatedProcess"})
    _add(org, "Organization", Name="Acme", OrganizationType="Enterprise Edition", InstanceName="SBX1")
    for order, (label, is_default, is_converted) in enumerate(LEAD_STATUSES, 1):
        facts: Row = {"SortOrder": order, "IsDefault": int(is_default), "IsConverted": int(is_converted)}
        _add(org, "LeadStatus", MasterLabel=label, ApiName=label, **facts)
    for order, stage in enumerate(STAGES, 1):
        _add_stage(org, order, *stage)


def _add_stage(org: Org, order: int, label: str, probability: int, category: str) -> None:
    _add(
        org,
        "OpportunityStage",
        MasterLabel=label,
        ApiName=label,
        IsActive=1,
        SortOrder=order,
        IsClosed=int(label.startswith("Closed")),
        IsWon=int(label == "Closed Won"),
        DefaultProbability=probability,
        ForecastCategory=category,
        ForecastCategoryName=category,
    )


def seed_programme(org: Org) -> None:
    """People, queues, record types, the programme's fields, and partner accounts with their users."""
    for made in LEAD_FIELDS:
        org.add_field("Lead", made)
    registrations.add_registrations(org)
    org.add_field("Account", custom_field("External_Id__c", "string", size="80", flags="EIQ"))
    for person in VENDOR_PEOPLE:
        if person.salesforce:
            add_user(org, person, _profile_of(person))
    for queue in QUEUES:
        _add_queue(org, queue)
    for object_name, developer_name, name in RECORD_TYPES:
        _add_record_type(org, object_name, developer_name, name)
    for company in PARTNER_COMPANIES:
        _add_partner(org, company)
    _add(org, "Campaign", Name=NURTURE, Status="In Progress", IsActive=1)
    org.assignment_rule_id = _add(org, "AssignmentRule", Name="Web intake", SobjectType="Lead", Active=1)


def _profile_of(person: Person) -> str:
    return "Minimum Access - API Only Integrations" if "integration" in person.email else "Standard User"


def add_user(org: Org, person: Person, profile: str, **more: str | int | None) -> str:
    """A user; returns the id."""
    found = next(org.store.find("Profile", Name=profile))
    alias = (person.first_name[:1] + person.last_name)[:8].lower()
    return _add(
        org,
        "User",
        Username=person.email,
        FirstName=person.first_name,
        LastName=person.last_name,
        Email=person.email,
        Alias=alias,
        CommunityNickname=person.email.split("@")[0],
        ProfileId=found["Id"],
        UserType=found["UserType"],
        TimeZoneSidKey="UTC",
        LocaleSidKey="en_US",
        EmailEncodingKey="UTF-8",
        LanguageLocaleKey="en_US",
        **{"IsActive": int(person.active), **more},
    )


def _add_queue(org: Org, queue: Queue) -> None:
    group = _add(org, "Group", Name=queue.name, DeveloperName=queue.developer_name, Type="Queue")
    for object_name in queue.objects:
        _add(org, "QueueSobject", QueueId=group, SobjectType=object_name)


def _add_record_type(org: Org, object_name: str, developer_name: str, name: str) -> None:
    record_type = _add(
        org, "RecordType", Name=name, DeveloperName=developer_name, SobjectType=object_name, IsActive=1
    )
    org.add_record_type(object_name, record_type)


def _add_partner(org: Org, company: PartnerCompany) -> None:
    account = _add(
        org,
        "Account",
        Name=company.name,
        Website=f"https://{company.domain}",
        BillingCountry=company.country,
        Type="Channel Partner / Reseller",
        IsPartner=1,
        ChannelProgramName="Acme Partner Programme",
        ChannelProgramLevelName=company.programme_level,
        External_Id__c=company.domain,
        OwnerId=org.owner_id("channel.emea@acme.example"),
    )
    for person in company.people:
        if person.salesforce:
            _add_partner_user(org, person, account)


def _add_partner_user(org: Org, person: Person, account: str) -> None:
    name = {"FirstName": person.first_name, "LastName": person.last_name, "Email": person.email}
    contact = _add(org, "Contact", AccountId=account, OwnerId=_system(org), **name)
    facts: dict[str, str | int | None] = {"ContactId": contact, "AccountId": account, "PortalRole": "Manager"}
    user = add_user(org, person, "Partner Community User", IsPortalEnabled=1, IsPartner=1, **facts)
    for group in org.store.find("Group", DeveloperName="Partner_Offers"):
        _add(org, "GroupMember", GroupId=group["Id"], UserOrGroupId=user)


def _add(org: Org, object_name: str, **values: str | int | float | None) -> str:
    sobject = org.sobject(object_name)
    blank: Row = {one.name: 0 for one in sobject if one.type == "boolean"}
    return insert(org, sobject, blank | values, Actor(_system(org), org.schema))


def _system(org: Org) -> str:
    """The user in whose name the org furnishes itself: the first one there was."""
    first = org.store.run('SELECT "Id" FROM "User" ORDER BY "Id" LIMIT 1').fetchone()
    return str(first[0]) if first else ""


def add_leads(org: Org, leads: Iterable[NeutralLead], owners: str, stamps_over: float) -> int:
    """Leads from neutral ones, by the rules of `Org.add_leads`."""
    return Loader(org, spread=owners == "spread", stamps_over=stamps_over).load(leads)
