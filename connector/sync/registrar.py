"""Deal registrations: read them, rule on them in the order of their submission, and answer."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy.orm import Session

from connector.model.cursor import Cursor
from connector.model.lead import Lead, Ref, Value
from connector.model.registration import CLAIMING, OPEN, Deal, Life, Registration, Right, State
from connector.routing.registration.claims import Claim, customer_of, lead_fields, right_of_deal, understood
from connector.routing.registration.conflicts import Rights, keys
from connector.routing.registration.deadlines import next_due, passed
from connector.routing.registration.life import begun, decide, freed, heard, inherit
from connector.routing.registration.ruling import Known
from connector.routing.registration.terms import Terms
from connector.routing.registration.walk import Walk
from connector.routing.registration.words import values
from connector.sources.registrations import RecordPage, RegistrationDesk
from connector.store import Store
from connector.store import registrations as book
from connector.store import rights as customers
from connector.store.intake import read_cursor, write_cursor
from connector.store.registrations import Pending, Step
from connector.sync.means import Means
from connector.sync.pull import BEGINNING
from connector.sync.steps import passed as passed_step

BATCH = 2000
Call = Callable[[Callable[[], Any]], Any]


@dataclass(slots=True)
class Registrar:
    """Pulls the registrations of every CRM that has some, and rules on them as one line."""

    terms: Terms
    store: Store
    desks: Mapping[str, RegistrationDesk]
    live: frozenset[str]
    overlap: timedelta
    config_hash: str
    now: Callable[[], datetime]
    call: Call

    @classmethod
    def of(cls, means: Means) -> Self | None:
        """Who rules by the rules in use, where they say how and a CRM has registrations."""
        desks = {crm: desk for crm, line in means.lines.items() if (desk := line.source.registrations)}
        settings = means.policy.deal_registration
        if settings is None or not desks:
            return None
        return cls(
            Terms.of(settings, means.policy),
            means.store,
            desks,
            frozenset(means.crms(live=True)),
            means.schedule.overlap,
            means.config_hash,
            means.now,
            means.call,
        )

    def pull(self, crm: str) -> int:
        """Read on where the last reading of a CRM ended: its registrations, then its deals."""
        return self._read_both(crm, "", self.overlap)

    def reread(self, crm: str, name: str, back: timedelta) -> int:
        """Read the last while once more, since CRMs show some changes late; how many were new or changed.

        `name` is that of the occasion: each goes on where it ended, and this far back.
        """
        with self.store.transaction() as session:
            pulled = read_cursor(session, crm, book.READING)
            if pulled is None or pulled.until is not None:
                return 0  # the first reading is still under way
            for reading in (book.READING, book.DEALS):
                if read_cursor(session, crm, f"{reading} {name}") is None:
                    write_cursor(session, crm, Cursor(pulled.since - back), f"{reading} {name}")
        return self._read_both(crm, f" {name}", back)

    def _read_both(self, crm: str, name: str, back: timedelta) -> int:
        desk = self.desks[crm]
        count = self._read(crm, book.READING + name, back, desk.read_changed, self._take_registrations)
        if desk.has_deals:
            self._read(crm, book.DEALS + name, back, desk.read_deals, self._take_deals)
        return count

    def _read(
        self,
        crm: str,
        reading: str,
        back: timedelta,
        ask: Callable[[datetime, datetime | None, str | None], RecordPage[Any]],
        take: Callable[[Session, str, Sequence[Any]], int],
    ) -> int:
        with self.store.transaction() as session:
            cursor = read_cursor(session, crm, reading) or Cursor(BEGINNING)
        count = 0
        while True:
            page = self.call(lambda at=cursor: ask(at.since, at.until, at.after))  # type: ignore[misc]
            records = self._with_names(crm, page.records)
            cursor = (
                cursor.finished(page.until, back) if page.done else cursor.moved(page.until, page.last_id)
            )
            with self.store.transaction() as session:
                count += take(session, crm, records)
                write_cursor(session, crm, cursor, reading)
            passed_step("registrations.taken")
            if page.done:
                return count

    def _with_names(self, crm: str, records: Sequence[Any]) -> Sequence[Any]:
        """The same records; those whose status a person has set say who that was, where the CRM does."""
        seen = [each for each in records if isinstance(each, Registration)]
        with self.store.looking() as session:
            ids = book.spoken(session, seen) if seen else []
        if not ids:
            return records
        names: Mapping[str, str] = self.call(lambda: self.desks[crm].who_changed(ids))
        return [replace(each, status_by=names.get(each.ref.id)) for each in seen]

    def _take_registrations(self, session: Session, crm: str, seen: Sequence[Registration]) -> int:
        return book.take_in(session, crm, seen)

    def _take_deals(self, session: Session, crm: str, deals: Sequence[Deal]) -> int:
        now = self.now()
        gone = [f"deal {deal.ref}" for deal in deals if deal.deleted]
        rights = [self._deal(deal, now) for deal in deals if not deal.deleted]
        customers.forget(session, gone)
        customers.keep(session, rights, keys_of)
        lost = [right.ref for right in rights if right.kind == "vendor_deal_closed"]
        book.waiting_for(session, [*gone, *lost])
        return len(deals)

    def _deal(self, deal: Deal, now: datetime) -> Right:
        right = right_of_deal(self.terms, deal, now)
        return _named(right, f"deal {deal.ref}")

    def look_for_missing(self, crm: str) -> int:
        """Ask for every open registration whether it is still there; how many are not."""
        with self.store.transaction() as session:
            ids = book.open_ids(session, crm)
        gone: dict[str, str | None] = {}
        for start in range(0, len(ids), 100):
            some = ids[start : start + 100]
            held = self.call(lambda some=some: self.desks[crm].read_back(some))  # type: ignore[misc]
            for each in some:
                if each not in held:
                    gone[each] = None
                elif held[each].id != each:
                    gone[each] = held[each].id
        with self.store.transaction() as session:
            book.end_missing(session, crm, gone)
        return len(gone)

    def rule(self) -> Counter[str]:
        """Look at everything that is new, changed, due, or waits; how many came to which state."""
        self._keep_leads()
        with self.store.transaction() as session:
            book.waiting_for(session, customers.let_go(session, book.waited_for(session, "lead ")))
        ends: Counter[str] = Counter()
        last: Pending | None = None
        while True:
            with self.store.transaction() as session:
                book.one_at_a_time(session)
                now = self.now()
                work = book.pending(session, now, last, BATCH)
                if not work:
                    return ends
                steps = _Ruling(self, session, now, work).steps()
                book.record(session, self.config_hash, steps, now)
            passed_step("registrations.ruled")
            last = work[-1]
            for step in steps:
                ends.update(event.name for event in step.events)

    def _keep_leads(self) -> None:
        """Leads that were assigned since are prior assignments for whoever registers later."""
        while True:
            with self.store.transaction() as session:
                found = customers.newly_assigned(session)
                rights = [self._assigned(lead, partner, since) for _, lead, partner, since in found]
                numbers = {f"lead {lead.ref}": number for number, lead, _, _ in found}
                customers.keep(session, rights, keys_of, numbers)
            if not found:
                return

    def _assigned(self, lead: Lead, partner: str, since: datetime) -> Right:
        customer = customer_of(self.terms, lead_fields(lead.fields), lead.ref, lead.created_at)
        return Right(
            kind="lead",
            ref=f"lead {lead.ref}",
            partner=partner,
            company=customer.company,
            domain=customer.domain,
            country=customer.country,
            email=customer.email,
            products=customer.products,
            at=since,
        )


def _lets_go(life: Life) -> bool:
    """Whether it frees its customer; one that was won has made a customer of it."""
    return life.state not in CLAIMING and life.state is not State.CONVERTED


def _named(right: Right, ref: str) -> Right:
    told = {name: getattr(right, name) for name in right.__dataclass_fields__}
    return Right(**{**told, "ref": ref})


def keys_of(right: Right) -> tuple[str, ...]:
    """Under which keys a right is looked up."""
    return keys(right.company, right.domain, right.email)


def right_of(terms: Terms, claim: Claim, life: Life) -> Right:
    """What a registration stands for in the way of others."""
    customer, partner = claim.customer, terms.partner(life.partner)
    return Right(
        kind="registration",
        ref=str(claim.ref),
        partner=life.partner,
        company=customer.company,
        domain=customer.domain,
        country=customer.country,
        email=customer.email,
        products=customer.products,
        at=life.valid_at,
        ended_at=life.ended_at,
        state=life.state,
        tier=partner.tier if partner else None,
    )


@dataclass(slots=True)
class _Ruling:
    """One batch in one transaction, each seeing what the earlier ones came to."""

    registrar: Registrar
    session: Session
    now: datetime
    work: Sequence[Pending]
    known: Known = field(init=False)
    walks: list[tuple[Pending, Walk]] = field(default_factory=list)

    def steps(self) -> list[Step]:
        """The steps of the batch, and the rights that follow stored."""
        self.walks = [(item, self._walk(item)) for item in self.work]
        for item, walk in self.walks:
            heard(walk, content_changed=item.content_changed)
            passed(walk)
        self._inherit()
        self._gather()
        self.walks.sort(key=self._order)
        for item, walk in self.walks:
            self._one(item, walk)
        self._keep()
        return [self._step(item, walk) for item, walk in self.walks]

    def _inherit(self) -> None:
        """What became of records that others absorbed."""
        by_ref = {walk.seen.ref: walk for _, walk in self.walks}
        for item, walk in self.walks:
            heir = by_ref.get(Ref(walk.seen.ref.crm, walk.seen.merged_into or ""))
            if heir and item.life:
                inherit(heir, walk, item.life)

    def _order(self, pair: tuple[Pending, Walk]) -> tuple[Any, ...]:
        walk, terms = pair[1], self.registrar.terms
        partner = terms.partner(walk.claim.partner)
        second = walk.life.valid_at.replace(microsecond=0)
        return second, terms.rank(partner.tier if partner else None), str(walk.seen.ref)

    def _walk(self, item: Pending) -> Walk:
        terms = self.registrar.terms
        claim = understood(terms, item.seen, self.now)
        if item.life is None:
            return begun(terms, item.seen, claim, self.now)
        return Walk(terms, item.seen, claim, item.life, self.now)

    def _gather(self) -> None:
        """Everything that these registrations may collide with, with what they claim themselves."""
        terms = self.registrar.terms
        mine = {str(walk.seen.ref): right_of(terms, walk.claim, walk.life) for _, walk in self.walks}
        wanted = [key for right in mine.values() for key in keys_of(right)]
        leads = [walk.claim.lead for _, walk in self.walks if walk.claim.lead]
        found = {right.ref: right for right in customers.sharing(self.session, wanted)}
        found |= {right.ref: right for right in customers.of_leads(self.session, leads)}
        crms = {crm: desk.has_deals for crm, desk in self.registrar.desks.items()}
        self.known = Known(
            Rights.of([*(found | mine).values()]),
            book.open_counts(self.session),
            book.read_until(self.session, crms),
        )

    def _one(self, item: Pending, walk: Walk) -> None:
        was_open = item.life is not None and item.life.state in OPEN
        before = item.life.partner if item.life else None
        blocker = self.known.rights.by_ref.get(walk.life.waits_for or "")
        stands = (None, State.CONVERTED, *CLAIMING)
        gone = blocker is None or blocker.kind == "vendor_deal_closed" or blocker.state not in stands
        if walk.life.waits_for and gone:
            freed(walk)
        decide(walk, self.known, was_open=was_open)
        self.known.rights.now(right_of(walk.terms, walk.claim, walk.life))
        if was_open and before:
            self.known.open_count[before] -= 1
        if walk.life.state in OPEN and walk.life.partner:
            count = self.known.open_count.get(walk.life.partner, 0)
            self.known.open_count[walk.life.partner] = count + 1

    def _keep(self) -> None:
        terms = self.registrar.terms
        rights = [right_of(terms, walk.claim, walk.life) for _, walk in self.walks]
        customers.keep(self.session, rights, keys_of)
        let_go = [
            str(walk.seen.ref)
            for item, walk in self.walks
            if item.life and not _lets_go(item.life) and _lets_go(walk.life)
        ]
        book.waiting_for(self.session, let_go)

    def _step(self, item: Pending, walk: Walk) -> Step:
        told: Mapping[str, Value] | None = None
        if walk.seen.ref.crm in self.registrar.live and not walk.seen.deleted:
            wanted = values(walk.terms, walk.life)
            told = wanted if wanted != item.written else None
        due = next_due(walk.terms, walk.life)
        return Step(walk.seen, walk.life, tuple(walk.events), due, walk.claim.amount, told)
