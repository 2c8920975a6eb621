"""Which of the leads that wait is decided first: urgent ones, then by age or by score."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from connector.model.lead import Lead
from connector.routing.facts import understand
from connector.routing.policy import Policy
from connector.routing.scoring import rate


def rank(policy: Policy, lead: Lead, now: datetime) -> tuple[Any, ...]:
    """What leads are sorted by: the least comes first; those that are alike, the oldest first."""
    facts = understand(lead, now, policy.missing_words, policy.normal)
    score, facts = rate(policy.score, facts, policy.grades)
    urgent, by = policy.order.urgent, policy.order.by
    last = urgent is not None and not urgent.holds(facts)
    age = lead.created_at.timestamp()
    return last, -score.total if by == "score" else 0, -age if by == "newest" else age, lead.ref


def in_order(policy: Policy, leads: Iterable[Lead], now: datetime) -> list[Lead]:
    """Leads in the order in which they are decided when all of them wait; those that follow another last."""
    return sorted(leads, key=lambda lead: (lead.linked is not None, rank(policy, lead, now)))
