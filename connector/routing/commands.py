"""What a decision means for the CRM: the values to write."""

from connector.model.command import WriteAssignment
from connector.model.decision import Decision, Outcome
from connector.model.lead import Value
from connector.routing.policy import Policy
from connector.routing.reasons import summary

STATUS = {
    Outcome.ASSIGNED: "Assigned",
    Outcome.OFFERED: "Offered",
    Outcome.HELD: "Held",
    Outcome.NURTURE: "Nurture",
    Outcome.REJECTED: "Rejected",
    Outcome.FALLBACK: "Fallback",
}
"""The routing status that the CRM shows, by outcome."""


def commands(policy: Policy, decision: Decision) -> tuple[WriteAssignment, ...]:
    """The writes that follow from a decision: none for a lead that is left alone or gone."""
    if decision.outcome not in STATUS:
        return ()
    values: dict[str, Value] = {
        "status": STATUS[decision.outcome],
        "reason": summary(decision),
        "route": decision.route,
        "score": decision.score.total,
    }
    if decision.partner:
        values["partner"] = policy.partners[decision.partner].name
    if decision.owner:
        values["owner"] = decision.owner
    return (WriteAssignment(decision.ref, decision.owner_before, values),)
