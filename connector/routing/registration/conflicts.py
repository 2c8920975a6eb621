"""Whose customer it is already: other registrations, leads, the vendor's deals, named accounts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.model.registration import CLAIMING, Collision, Registered, Right, State
from connector.routing.accounts import STRONG, WEAK, Account, Index, all_matches, blocks, index
from connector.routing.registration.claims import Claim, Customer
from connector.routing.registration.terms import Terms


@dataclass(frozen=True, slots=True)
class Rights:
    """Existing rights, ready to be searched; `by_key` finds them by domain and by e-mail address."""

    accounts: Index
    by_ref: dict[str, Right]
    by_key: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, rights: Iterable[Right]) -> "Rights":
        """An index of rights; linear in their number but for sorting."""
        by_ref = {right.ref: right for right in rights}
        by_key: defaultdict[str, list[str]] = defaultdict(list)
        for right in by_ref.values():
            for key in filter(None, (right.email, right.domain)):
                by_key[key].append(right.ref)
        accounts = (Account(ref, r.company or "", r.country, r.domain) for ref, r in by_ref.items())
        return cls(index(accounts), by_ref, by_key)

    def now(self, right: Right) -> None:
        """What became of a right that is among these: its customer stays the same."""
        self.by_ref[right.ref] = right


def keys(company: str | None, domain: str | None, email: str | None) -> tuple[str, ...]:
    """Under which keys rights are looked up: two customers that share none are never compared."""
    return (*blocks(company, domain), *((f"e:{email}",) if email else ()))


def collisions(terms: Terms, claim: Claim, valid_at: datetime, rights: Rights) -> list[Collision]:
    """What a claim collides with, the strongest and oldest first; never with itself or what came later."""
    found: dict[str, Collision] = {}
    own = (str(claim.ref), f"deal {claim.ref}")
    found_alike = (*_alike(claim.customer, own, rights), *_named_account(terms, claim, valid_at))
    for right, sure, evidence in found_alike:
        collision = _judged(terms, claim, valid_at, right, sure, evidence)
        if collision and (right.ref not in found or collision.strong > found[right.ref].strong):
            found[right.ref] = collision
    return sorted(found.values(), key=_order)


def registered(terms: Terms, customer: Customer, rights: Rights) -> tuple[Registered, ...]:
    """The registrations, approved or not decided yet, that a lead's company surely belongs to.

    What is only alike, or for other products, gives nobody a right.
    """
    found = _alike(customer, (), rights)
    return tuple(
        Registered(right.ref, right.partner, right.state, dict(evidence))
        for right, sure, evidence in found
        if sure
        and right.kind == "registration"
        and right.state in CLAIMING
        and right.partner
        and (
            terms.settings.products == "ignore" or _products(customer.products, right.products) != "different"
        )
    )


def _order(collision: Collision) -> tuple[Any, ...]:
    at = collision.right.at
    return (not collision.strong, at.timestamp() if at else 0, collision.right.ref)


def _alike(
    customer: Customer, own: Sequence[str], rights: Rights
) -> Iterator[tuple[Right, bool, Mapping[str, Any]]]:
    """Every right to what may be the same customer, whether that is sure, and what it rests on."""
    for match in all_matches(rights.accounts, customer.company, customer.country, customer.domain):
        if match.account.id in own:
            continue
        evidence = {"by": match.kind, "score": match.score, **_kept(match)}
        yield rights.by_ref[match.account.id], match.score >= STRONG, evidence
    for ref in rights.by_key.get(customer.email or "", ()):
        if ref not in own:
            # A private address may be a consultant's, who works for many.
            yield rights.by_ref[ref], not customer.free_mail, {"by": "email"}


def _named_account(
    terms: Terms, claim: Claim, valid_at: datetime
) -> Iterator[tuple[Right, bool, Mapping[str, Any]]]:
    """The row of the table of named accounts; one that the vendor keeps is nobody's to register."""
    customer, day = claim.customer, valid_at.astimezone(terms.zone).date()
    found = terms.named_accounts.of(customer.company, customer.country, customer.domain, day, WEAK)
    if found is None:
        return
    row, told = found
    sure = told["by"] == "domain" or told["score"] >= STRONG
    right = Right(
        "named_account", f"{row.file}:{row.line}", row.partner, row.company, row.domain, row.country
    )
    yield right, sure, {name: told[name] for name in ("by", "score") if name in told}


def _kept(match: Any) -> dict[str, Any]:
    return {name: match.evidence[name] for name in ("domain", "country", "brand") if name in match.evidence}


def _judged(
    terms: Terms, claim: Claim, valid_at: datetime, right: Right, sure: bool, evidence: Mapping[str, Any]
) -> Collision | None:
    """What a right means for a claim to the same customer, or None where it means nothing."""
    if not _counts(terms, claim, valid_at, right):
        return None
    products = _products(claim.customer.products, right.products)
    rule = terms.settings.products
    if products == "different" and rule == "separate":
        return None
    weakened = (products == "different" and rule == "weaken") or _came_later(terms, claim, valid_at, right)
    told = dict(evidence) if rule == "ignore" else {**evidence, "products": products}
    return Collision(right, sure and not weakened, told)


def _came_later(terms: Terms, claim: Claim, valid_at: datetime, right: Right) -> bool:
    """What came later but is there already is for a person to weigh: neither side is to blame."""
    if right.kind == "registration":
        return not is_before(terms, right, claim, valid_at)
    return right.kind == "lead" and right.at is not None and right.at > valid_at


def _products(mine: frozenset[str], theirs: frozenset[str]) -> str:
    if not mine or not theirs:
        return "unknown"
    return "same" if mine & theirs else "different"


def _counts(terms: Terms, claim: Claim, valid_at: datetime, right: Right) -> bool:
    """Whether a right stands in the way at all, were it the same customer."""
    if right.kind == "vendor_deal_closed":
        recent = right.at is not None and right.at > valid_at - terms.settings.recently_closed
        return recent and right.partner != claim.partner
    if right.kind == "registration" and right.state is State.CONVERTED:
        won_lately = right.ended_at is not None and right.ended_at > valid_at - terms.settings.recently_closed
        return won_lately and right.partner != claim.partner
    if right.kind == "registration" and right.partner == claim.partner:
        return _own_counts(terms, claim, valid_at, right)
    if right.kind == "registration":
        first = right.state is State.APPROVED or is_before(terms, right, claim, valid_at)
        return right.state in CLAIMING and first
    return right.partner is None or right.partner != claim.partner


def _own_counts(terms: Terms, claim: Claim, valid_at: datetime, right: Right) -> bool:
    """A partner's own: the same thing twice, or again too soon after the first one ended."""
    if right.state in (State.REJECTED, State.EXPIRED):
        pause = terms.settings.register_again_after
        return bool(pause) and right.ended_at is not None and valid_at < right.ended_at + pause
    return right.state in CLAIMING and is_before(terms, right, claim, valid_at)


def is_before(terms: Terms, right: Right, claim: Claim, valid_at: datetime) -> bool:
    """Whether another registration came first.

    Whole seconds are compared, as Salesforce knows no less; of two in one second the higher tier is first,
    then the lower address.
    """
    partner = terms.partner(claim.partner)
    mine = (_second(valid_at), terms.rank(partner.tier if partner else None), str(claim.ref))
    return (_second(right.at or valid_at), terms.rank(right.tier), right.ref) < mine


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)
