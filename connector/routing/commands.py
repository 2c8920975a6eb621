"""What a decision means for the CRM: the values to write."""

from connector.model.command import WriteAssignment
from connector.model.decision import Decision, Outcome
from connector.model.lead import Value
from connector.routing.claims import rivals
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

_NOTED = frozenset({Outcome.ASSIGNED, Outcome.OFFERED, Outcome.FALLBACK})
"""The outcomes that leave a note on the record, where the crm asks for notes."""


def commands(policy: Policy, decision: Decision) -> tuple[WriteAssignment, ...]:
    """The writes that follow from a decision: none for a lead that is left alone or gone."""
    status = _status(decision)
    if status is None:
        return ()
    values: dict[str, Value] = {
        "status": status,
        "reason": summary(decision),
        "route": decision.route,
        "score": decision.score.total,
        "due": None,
    }
    if policy.decision_link:
        values["link"] = policy.decision_link.replace("{ref}", str(decision.ref))
    if decision.look_again_at:
        # CRMs keep whole seconds.
        values["due"] = decision.look_again_at.replace(microsecond=0).isoformat()
    if policy.grades:
        values["grade"] = decision.score.grade
    if policy.offers:
        names = [policy.partners[partner].name for partner in decision.offered_to]
        values["offered_to"] = ", ".join(names) or None
        values["claimed_by"] = policy.partners[str(decision.partner)].name if decision.claimed else None
    if decision.partner:
        values["partner"] = policy.partners[decision.partner].name
    follows = decision.outcome is Outcome.FOLLOWS and not decision.with_person
    if decision.owner and not follows:
        values["owner"] = decision.owner
    if decision.accept_by:
        values["due"] = decision.accept_by.replace(microsecond=0).isoformat()
    for reason in decision.reasons:
        if reason.code == "taken_back":
            late = reason.facts.get("breaches")
            values |= _unanswered(policy, decision) | ({"breaches": late} if late else {})
    values |= _nurture(policy, decision)
    note = f"{status}: {values['reason']}" if decision.outcome in _NOTED else None
    claim = decision.claimed or any(reason.code == "claim_refused" for reason in decision.reasons)
    late = rivals(policy, decision.ref.crm, decision.partner) if claim else ()
    return (WriteAssignment(decision.ref, decision.owner_before, values, note, follows, late),)


def _unanswered(policy: Policy, decision: Decision) -> dict[str, Value]:
    """What the partner before has answered goes, so that the next one starts afresh."""
    blank: dict[str, Value] = dict.fromkeys(("partner_answer", "decline_reason", "claimed_by"))
    fresh = policy.crms[decision.ref.crm].meaning.fresh
    given = decision.partner or decision.outcome in (Outcome.FALLBACK, Outcome.OFFERED)
    partner = {} if decision.partner else {"partner": None}
    return {**blank, **partner, **({"lead_status": fresh} if fresh and given else {})}


def _nurture(policy: Policy, decision: Decision) -> dict[str, Value]:
    """Where a lead ripens, and what it is told once that is over."""
    rules = policy.crms[decision.ref.crm]
    begins = decision.outcome is Outcome.NURTURE
    if not begins and not any(reason.code == "ripened" for reason in decision.reasons):
        return {}
    place = {"nurture": begins} if rules.nurture.place else {}
    fresh = None if decision.outcome is Outcome.REJECTED else rules.meaning.fresh
    status = rules.nurture.status if begins else rules.nurture.status and fresh
    return {**place, **({"lead_status": status} if status else {})}


def _status(decision: Decision) -> str | None:
    if decision.outcome is not Outcome.FOLLOWS:
        return STATUS.get(decision.outcome)
    if decision.with_person:
        return STATUS[Outcome.ASSIGNED]
    leader = next(reason.facts["outcome"] for reason in decision.reasons if reason.code == "follows")
    return STATUS.get(Outcome(leader))
