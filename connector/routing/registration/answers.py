"""A person's word in a field that we answer in: the end of the protection, the deadline, who is credited."""

from datetime import datetime

from connector.model.decision import Reason
from connector.model.lead import Value
from connector.model.registration import State
from connector.routing.registration.claims import moment
from connector.routing.registration.terms import Terms
from connector.routing.registration.walk import Walk
from connector.routing.registration.words import DAY, same_answer, values

CREDITED = "credited_partner"


def answered(walk: Walk) -> None:
    """Hear what a person wrote over an answer; what is neither known nor ours is a person's."""
    known = walk.life.held
    for name, now in walk.seen.answers.items():
        ours = name not in known or same_answer(now, known[name])
        if not ours and not same_answer(now, values(walk.terms, walk.life).get(name)):
            _heard(walk, name, now)
    if walk.seen.answers:
        walk.life = walk.life.but(held={**known, **walk.seen.answers})


def adopt(walk: Walk) -> None:
    """Take over the end and the credit that an approval had before the connector was connected."""
    told = walk.seen.answers
    until = _moment(walk, told.get("protected_until") or told.get("expires"))
    credited = _partner(walk.terms, told.get(CREDITED)) or None
    walk.life = walk.life.but(
        protected_until=until or walk.life.protected_until,
        credited=None if credited == walk.life.partner else credited,
    )


def _heard(walk: Walk, name: str, now: Value) -> None:
    """A date that was cleared changes nothing; a cleared credit means that nobody is credited."""
    if name == CREDITED:
        _credit(walk, _partner(walk.terms, now))
        return
    until, state = _moment(walk, now), walk.life.state
    if until is None:
        return
    told = {"until": until.isoformat()}
    if state is State.APPROVED and name != "decide_by":
        walk.life = walk.life.but(protected_until=until, reminded=())
        walk.happened("protection_changed", Reason("protection_by_person", told), by="person")
    elif state is State.UNDER_REVIEW and name != "protected_until":
        walk.life = walk.life.but(decide_by=until, reminded=())
        walk.happened("deadline_changed", Reason("deadline_by_person", told), by="person")


def _credit(walk: Walk, to: str) -> None:
    life, terms = walk.life, walk.terms
    earned = terms.reward(terms.partner(to), walk.claim.amount)
    reward = earned if life.state is State.CONVERTED else life.reward
    walk.life = life.but(credited=None if to == life.partner else to, reward=reward)
    walk.happened("credited", Reason("credited_by_person", {"to": to}), by="person")


def _partner(terms: Terms, written: Value) -> str:
    """The id of the partner that is named; what names none stays as it was written, blank is nobody."""
    text = str(written or "").strip()
    return terms.partner_ids.get(text.casefold(), text)


def _moment(walk: Walk, written: Value) -> datetime | None:
    """When that is; a day alone keeps the time of day that it ended at before."""
    text = str(written or "").strip()
    try:
        at = moment(text)
    except ValueError:
        return None
    before = walk.life.protected_until or walk.life.decide_by
    if len(text) != len(DAY) or before is None:
        return at
    return datetime.combine(at.date(), before.timetz())
