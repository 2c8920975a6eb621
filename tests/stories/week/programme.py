"""The programme of the story: its partners' people in both CRMs, and the admin's file."""

from dataclasses import replace
from pathlib import Path

from connector.sandbox.hubspot import seed as hubspot_seed
from connector.sandbox.programme import PartnerCompany, Person
from connector.sandbox.salesforce import seed as salesforce_seed
from connector.sandbox.salesforce.schema import custom_field
from connector.sandbox.server import Sandbox
from tests.builders import ROOT

HEAD = (Path(__file__).parent / "programme.toml").read_text(encoding="utf-8")


def companies(count: int) -> list[PartnerCompany]:
    """Partners with one or two people each."""
    found = []
    for number in range(count):
        domain = f"p{number:02d}.example"
        names = ("Ann", "Bob") if number % 3 == 0 else ("Ann",)
        people = tuple(Person(name, f"P{number:02d}", f"{name.lower()}@{domain}") for name in names)
        found.append(PartnerCompany(f"Partner {number:02d}", domain, "DE", people))
    return found


def settle_in(sandbox: Sandbox, partners: list[PartnerCompany]) -> None:
    """Give the partners' people seats in both CRMs, and both a field for breaches."""

    def work() -> None:
        sandbox.org.add_field("Lead", custom_field("Breaches__c", "double"))
        contacts = sandbox.portal.table("contacts").properties
        contacts["breaches"] = replace(contacts["routing_score"], name="breaches", label="Breaches")
        for company in partners:
            salesforce_seed._add_partner(sandbox.org, company)
            for person in company.people:
                hubspot_seed._add_owner(sandbox.portal, person, company.name)

    sandbox.run(work)


def write_config(sandbox: Sandbox, folder: Path, partners: list[PartnerCompany]) -> Path:
    """The admin's file: every fourth partner is gold, every fifth is on holiday in the middle of the week."""
    text = HEAD.replace("SALESFORCE", sandbox.salesforce_url).replace("HUBSPOT", sandbox.hubspot_url)
    for number, company in enumerate(partners):
        owners = [f"user:{person.email}" for person in company.people]
        text += f'[[partner]]\nid = "p{number:02d}"\nname = "{company.name}"\n'
        text += f'tier = "{"gold" if number % 4 == 0 else "silver"}"\n'
        if number % 5 == 2:
            text += "away = [{ from = 2026-11-04, until = 2026-11-05 }]\n"
        if number % 7 == 3:
            text += "max_open_leads = 6\n"
        # One of them holds new leads; a colleague may take them over.
        text += f"owners = {{ salesforce = {owners}, hubspot = {owners} }}\n".replace("'", '"')
        if len(owners) > 1:
            text += f'owner_weights = {{ "{owners[1]}" = 0 }}\n'
    path = folder / "config.toml"
    path.write_text(text.replace("ROOT", str(ROOT)), encoding="utf-8")
    return path
