"""The life of a registration: one step, from what was known to what is known now."""

from datetime import datetime
from typing import Any

from connector.model.decision import Reason
from connector.model.registration import CLAIMING, OPEN, Event, Life, Registration, State
from connector.routing.registration.answers import adopt, answered
from connector.routing.registration.claims import Claim
from connector.routing.registration.ruling import Known, Verdict, ruled
from connector.routing.registration.terms import Terms
from connector.routing.registration.walk import Walk
from connector.routing.registration.words import credited_to

ASKED, GRANTED, REFUSED, PENDING = "requested", "granted", "refused", "pending"
"""What the extension field says: the partner asks; the connector or a person answers."""


def begun(terms: Terms, seen: Registration, claim: Claim, now: datetime) -> Walk:
    """The first step of a registration that was not known before; a person's earlier word is adopted."""
    life = Life(State.SUBMITTED, now, seen.submitted_at, said=seen.status, partner=claim.partner)
    walk = Walk(terms, seen, claim, life, now)
    walk.events.append(Event(seen.ref, now, "submitted", None, State.SUBMITTED, "connector"))
    if seen.status not in (None, State.SUBMITTED):
        _by_person(walk, seen.status, adopted=True)
    return walk


def heard(walk: Walk, *, content_changed: bool) -> None:
    """Take in what the record says now: it is gone, a person decided, it was won, filled in, or prolonged."""
    seen, life = walk.seen, walk.life
    if seen.deleted:
        if life.state is not State.WITHDRAWN and life.state is not State.CONVERTED:
            reason = Reason("merged", {"into": seen.merged_into}) if seen.merged_into else Reason("deleted")
            walk.move(State.WITHDRAWN, reason, by="person", event=reason.code)
        return
    if seen.status is not None and seen.status not in (life.said, life.state):
        _by_person(walk, seen.status)
    walk.life = walk.life.but(said=seen.status or walk.life.said, partner=walk.claim.partner)
    answered(walk)
    _closed(walk)
    if content_changed:
        _filled_in(walk)
    _extension(walk)


def _by_person(walk: Walk, to: State | None, *, adopted: bool = False) -> None:
    """A person's field change in the CRM: it always wins."""
    if to is None or to is walk.life.state:
        return
    who = {"who": walk.seen.status_by} if walk.seen.status_by else {}
    reason = Reason("adopted" if adopted else "person_decided", who)
    if to is State.APPROVED:
        approve(walk, (reason,), by="person", since=walk.seen.submitted_at if adopted else None)
        if adopted:
            adopt(walk)
    elif to is State.UNDER_REVIEW:
        _review(walk, (reason,), by="person")
    elif to is State.SUBMITTED:
        walk.move(to, reason, by="person", valid_at=max(walk.life.valid_at, walk.seen.changed_at))
    elif to is State.CONVERTED:
        _convert(walk, reason, by="person")
    else:
        walk.move(to, reason, by="person")


def approve(
    walk: Walk,
    reasons: tuple[Reason, ...],
    *,
    by: str = "connector",
    since: datetime | None = None,
    lead: str | None = None,
) -> None:
    """Approve, and protect from now on, or from an earlier approval that is adopted."""
    at = since or walk.now
    until = walk.terms.later(at, walk.terms.settings.protect_for)
    walk.move(
        State.APPROVED,
        *reasons,
        by=by,
        approved_at=at,
        protected_until=until,
        extensions=0,
        extension_pending=False,
        lead=lead or walk.life.lead,
        customer=customer_key(walk.claim),
    )


def customer_key(claim: Claim) -> str:
    """What tells whether an approved registration was turned into one for somebody else."""
    customer = claim.customer
    return f"{customer.domain or ''}|{(customer.company or '').casefold()}|{customer.country or ''}"


def _review(walk: Walk, reasons: tuple[Reason, ...], *, by: str = "connector", **changes: Any) -> None:
    due = walk.terms.decide_by(walk.now)
    reviewer = walk.terms.settings.reviewer
    walk.move(State.UNDER_REVIEW, *reasons, by=by, decide_by=due, reviewer=reviewer, **changes)


def _convert(walk: Walk, reason: Reason, *, by: str = "connector") -> None:
    reward = walk.terms.reward(walk.terms.partner(credited_to(walk.life)), walk.claim.amount)
    walk.move(State.CONVERTED, reason, by=by, reward=reward)


def _closed(walk: Walk) -> None:
    """What became of the deal itself; only what was approved is credited."""
    state = walk.life.state
    if walk.seen.won and state is State.APPROVED:
        _convert(walk, Reason("won"))
    elif walk.seen.won is False and state in OPEN:
        walk.move(State.WITHDRAWN, Reason("lost"))


def _filled_in(walk: Walk) -> None:
    """The submitter changed what it says."""
    life = walk.life
    if life.state is State.RETURNED:
        at = max(life.valid_at, walk.seen.changed_at)
        walk.move(State.SUBMITTED, Reason("filled_in"), event="resubmitted", valid_at=at)
    elif life.state is State.CONFLICT or (life.state is State.UNDER_REVIEW and life.by != "person"):
        walk.move(State.SUBMITTED, Reason("filled_in"), event="changed")
    elif life.state is State.APPROVED and life.customer != customer_key(walk.claim):
        at = max(life.valid_at, walk.seen.changed_at)
        _review(walk, (Reason("customer_changed"),), valid_at=at)


def _extension(walk: Walk) -> None:
    """A request for longer protection, or a person's answer to one."""
    word = str(walk.seen.fields.get("extension") or "").strip().casefold()
    life = walk.life
    if word == life.extension_heard:
        return
    walk.life = life = life.but(extension_heard=word)
    if word == ASKED:
        _asked(walk)
    elif word in (GRANTED, REFUSED) and life.extension_pending and life.state is State.APPROVED:
        _answer(walk, granted=word == GRANTED, by="person")


def _asked(walk: Walk) -> None:
    life, extensions = walk.life, walk.terms.settings.extensions
    if life.extension_pending:
        return
    if life.state is not State.APPROVED:
        _refuse(walk, Reason("not_approved_yet" if life.state in OPEN else "not_open_any_more"))
    elif life.extensions >= extensions.most:
        _refuse(walk, Reason("no_extension_left", {"most": extensions.most}))
    elif extensions.grant == "by_person":
        walk.life = life.but(extension_pending=True, extension_said=PENDING)
        walk.happened("extension_requested")
    else:
        _answer(walk, granted=True, by="connector")


def _refuse(walk: Walk, reason: Reason) -> None:
    walk.life = walk.life.but(extension_said=REFUSED)
    walk.happened("extension_refused", reason)


def _answer(walk: Walk, *, granted: bool, by: str) -> None:
    life, each = walk.life, walk.terms.settings.extensions.each
    if not granted or life.protected_until is None:
        walk.life = life.but(extension_pending=False, extension_said=REFUSED)
        walk.happened("extension_refused", Reason("person_decided"), by=by)
        return
    until = walk.terms.later(life.protected_until, each)
    walk.life = life.but(
        protected_until=until,
        extensions=life.extensions + 1,
        extension_pending=False,
        extension_said=GRANTED,
        reminded=(),
    )
    walk.happened("extended", Reason("extended", {"until": until.isoformat()}), by=by)


def decide(walk: Walk, known: Known, *, was_open: bool) -> None:
    """Rule on a registration that waits for it; nothing is ruled twice."""
    if walk.life.state is not State.SUBMITTED:
        return
    verdict = ruled(walk.terms, walk.claim, walk.life.valid_at, known, was_open)
    lead = verdict.lead or walk.life.lead
    if verdict.state is State.SUBMITTED:
        walk.life = walk.life.but(reasons=verdict.reasons)
    elif verdict.state is State.APPROVED:
        approve(walk, verdict.reasons, lead=lead)
    elif verdict.state is State.UNDER_REVIEW:
        _review(walk, verdict.reasons, lead=lead, waits_for=_waits_for(verdict))
    else:
        walk.move(verdict.state, *verdict.reasons, lead=lead, waits_for=_waits_for(verdict))


_FOR_GOOD = frozenset({"named_account", "vendor_deal_closed"})
"""What does not go away by itself."""


def _waits_for(verdict: Verdict) -> str | None:
    right = verdict.collision.right if verdict.collision else None
    return right.ref if right and right.kind not in _FOR_GOOD else None


def inherit(walk: Walk, absorbed: Walk, life: Life) -> None:
    """A record that absorbed an approved one of the same partner is approved in its place."""
    mine = walk.life
    waits = (State.SUBMITTED, State.UNDER_REVIEW, State.RETURNED, State.CONFLICT)
    if life.state is not State.APPROVED or mine.state not in waits or mine.partner != life.partner:
        return
    walk.move(
        State.APPROVED,
        Reason("inherited", {"from": str(absorbed.seen.ref)}),
        by="person",
        event="inherited",
        valid_at=min(mine.valid_at, life.valid_at),
        approved_at=life.approved_at,
        protected_until=life.protected_until,
        extensions=life.extensions,
        lead=mine.lead or life.lead,
        customer=customer_key(walk.claim),
    )


def freed(walk: Walk) -> None:
    """What stood in the way is gone: the ruling starts anew, in the old place of the line."""
    by_itself = walk.life.state is State.UNDER_REVIEW and walk.life.by == "connector"
    if walk.life.state is State.CONFLICT or by_itself:
        walk.move(State.SUBMITTED, Reason("freed", {"other": walk.life.waits_for}), event="freed")


def claims(life: Life) -> bool:
    """Whether it stands in the way of others."""
    return life.state in CLAIMING
