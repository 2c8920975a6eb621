"""Who a lead is, in the form in which people and companies are recognised again."""

from dataclasses import replace

from connector.model.identity import Identity
from connector.model.lead import Lead
from connector.routing.accounts import opening
from connector.routing.facts import Facts, understand
from connector.routing.normal.folding import plain
from connector.routing.policy import Policy

_TELLING = ("email", "phone", "last_name", "company", "website", "country")


def identify(policy: Policy, lead: Lead) -> Identity:
    """Who a lead is, from the few fields that tell; the same as `identity_of` its facts."""
    fields = {name: value for name, value in lead.fields.items() if name in _TELLING}
    moment = lead.created_at
    return identity_of(understand(replace(lead, fields=fields), moment, policy.missing_words, policy.normal))


def identity_of(facts: Facts) -> Identity:
    """Who a lead is, by its understood facts."""
    said = {name: str(value) for name, value in facts.shown.items()}
    domain, company, name = said.get("domain"), said.get("company_key"), said.get("last_name")
    return Identity(
        email=said.get("email"),
        phone=said.get("phone"),
        last_name=(plain(name) or None) if name else None,
        domain=domain,
        brand=domain.partition(".")[0] if domain else None,
        company=company,
        country=said.get("country"),
        opening=opening(company) if company else None,
    )
