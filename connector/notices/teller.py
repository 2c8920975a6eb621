"""Tells people what happened to leads: finds what there is to tell, and sends it, never for long."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

import structlog
from sqlalchemy.orm import Session

from connector.notices.book import Book
from connector.notices.post import Address, Post, Refused
from connector.notices.settings import MANAGER, VENDOR, DigestSettings
from connector.notices.templates import BadTemplate, Fields, Message, render
from connector.store import Store
from connector.store import notices as kept
from connector.store import registration_notices as registered
from connector.store.digests import COUNTS, counted
from connector.store.notices import Due, Happening, Ruled

MOST_AT_ONCE = 100
MOST_FAILURES = 3
"""So many servers may fail in one go, each at the cost of its timeout; the rest waits for the next."""

PATIENCE = timedelta(minutes=1)
"""How long one go may last; a server that answers slowly does not hold the cycle up for longer."""

STALE = timedelta(hours=24)
"""What happened longer ago when it is first seen is no news, as when `[notices]` comes back after months."""

HOW = {
    "declined": "it was declined",
    "breached": "it was not accepted in time",
    "recycled": "nothing has happened with it for long",
    "recalled": "it was taken back",
    "taken_over": "a person took it",
    "decided_again": "it was decided again",
    "changed_by_person": "a person changed it",
}


@dataclass(slots=True)
class _Go:
    """One go of sending: since when, what became of it, and which servers are left in peace."""

    began: datetime
    done: Counter[str] = field(default_factory=Counter)
    failing: set[str] = field(default_factory=set)


class Teller:
    """Tells whoever a Book names, through a Post; every outcome is kept in the store."""

    def __init__(self, book: Book, store: Store, post: Post, now: Callable[[], datetime]):
        self._book = book
        self._store = store
        self._post = post
        self._now = now
        self._digested: set[tuple[str, str, datetime]] = set()

    def begin(self) -> None:
        """Tell only of what happens from now on."""
        with self._store.transaction() as session:
            kept.begin(session, self._now())
            registered.begin(session)

    def tell(self, live: Sequence[str], check: Callable[[], None]) -> Counter[str]:
        """Tell of leads of the live CRMs; how many notices were sent, failed, given up, dropped, or wait.

        `check` is called before each and may raise.
        """
        self._find(live)
        now = self._now()
        go = _Go(now)
        with self._store.looking() as session:
            of_leads = kept.due(session, live, now, MOST_AT_ONCE)
            of_registrations = registered.due(session, live, now, MOST_AT_ONCE)
        waiting = sorted([*of_leads, *of_registrations], key=lambda notice: notice.id)[:MOST_AT_ONCE]
        for notice in waiting:
            check()
            if len(go.failing) >= MOST_FAILURES or self._now() - go.began > PATIENCE:
                break
            go.done[self._tell_one(notice, go)] += 1
        return go.done

    def _find(self, live: Sequence[str]) -> None:
        """Whatever happened since the last time becomes a notice for each who is to be told, once."""
        self._find_steps(kept.happenings)
        self._find_steps(lambda session: registered.happenings(session, live))
        more = True
        while more:
            with self._store.transaction() as session:
                found, more = kept.rulings(session)
                for ruling in found:
                    for kind, partner, role in self._told_by(ruling):
                        kept.add_ruling(session, ruling, kind, partner, role, self._now())
        self._find_digests()

    def _find_steps(self, happenings: Callable[[Session], tuple[list[Happening], bool]]) -> None:
        more = True
        while more:
            with self._store.transaction() as session:
                steps, more = happenings(session)
                for step in steps:
                    for kind, role in self._told_of(step):
                        kept.add(session, step, kind, role, self._now())

    def _find_digests(self) -> None:
        """Every digest once, if people were told at all at the time when it was due."""
        now = self._now()
        new = [one for one in self._book.digests(now) if one not in self._digested and now - one[2] <= STALE]
        if new:
            with self._store.transaction() as session:
                for partner, role, due in new:
                    if due > kept.began_at(session):
                        kept.add_digest(session, due, partner, role, now)
        self._digested |= set(new)

    def _told_of(self, step: Happening) -> list[tuple[str, str]]:
        return [] if self._now() - step.at > STALE else list(self._book.told_of(step))

    def _told_by(self, ruling: Ruled) -> list[tuple[str, str, str]]:
        return [] if self._now() - ruling.at > STALE else list(self._book.told_by(ruling))

    def _tell_one(self, notice: Due, go: _Go) -> str:
        now = self._now()
        address = self._book.address(notice.partner, notice.receiver)
        if address is None or _over(notice):
            why = "nobody has this role any more" if address is None else "it is no news any more"
            return self._finish(notice, "dropped", why)
        later = self._later(notice, address, go)
        if later > now:
            with self._store.transaction() as session:
                kept.postpone(session, notice, later)
            return "waiting"
        digest = self._digest(notice) if notice.kind == "digest" else ()
        if notice.kind == "digest" and not digest:
            return self._finish(notice, "dropped", "nothing happened")
        try:
            message = self._message(notice, digest)
        except BadTemplate as error:
            return self._give_up(notice, str(error))
        trouble = self._post.send(address, message)
        return self._finish(notice, "sent") if trouble is None else self._failed(notice, address, trouble, go)

    def _later(self, notice: Due, address: Address, go: _Go) -> datetime:
        """When this may be told: not in quiet hours, not too often, not to a server that has just failed."""
        now, settings = self._now(), self._book.settings
        later = self._book.not_before(notice.partner, notice.receiver, now)
        if address.server in go.failing:
            later = max(later, now + _pause(0))
        with self._store.looking() as session:
            sent = kept.sent_within_an_hour(session, notice, now)
        if len(sent) >= settings.most_per_hour:
            later = max(later, sent[-settings.most_per_hour] + timedelta(hours=1))
        return later

    def _digest(self, notice: Due) -> Sequence[Mapping[str, Any]]:
        """A line for the partner, or for the channel manager one for each that anything happened to."""
        settings = self._book.settings.digest
        until = datetime.fromisoformat(notice.period)
        since = until - settings.span if settings else until
        with self._store.looking() as session:
            found = counted(session, since, until)
        wanted = [notice.partner] if notice.partner else sorted(found)
        return [
            {"partner": self._book.names.get(who, who), **{name: found[who][name] for name in COUNTS}}
            for who in wanted
            if +found.get(who, Counter())
        ]

    def _message(self, notice: Due, digest: Sequence[Mapping[str, Any]] = ()) -> Message:
        settings = self._book.settings
        zone = self._book.clocks(notice.partner, notice.receiver)
        of_lead = notice.assignment_id != registered.OF_REGISTRATION
        due = notice.accept_by
        link = settings.links.get(notice.ref.crm, "")
        values = {
            "lead": str(notice.ref),
            "registration": "" if of_lead else str(notice.ref),
            "state": notice.state.replace("_", " "),
            "partner": self._book.names.get(notice.partner, notice.partner)
            or ("all partners" if notice.period else ""),
            "route": notice.route or ("by hand" if of_lead else ""),
            "due": f"{due.astimezone(zone):%Y-%m-%d %H:%M %Z}" if due else "",
            "link": link.replace("{id}", notice.ref.id),
            "how": self._book.why(notice) or HOW.get(notice.how or "", (notice.how or "").replace("_", " ")),
            "digest": digest,
            "period": _period(notice, zone, self._book.settings.digest),
            "fields": Fields(notice.fields),
        }
        return render(self._book.templates[notice.kind], values)

    def _failed(self, notice: Due, address: Address, trouble: str, go: _Go) -> str:
        if isinstance(trouble, Refused):  # the server is well, and other addresses of it are
            return self._give_up(notice, trouble)
        go.failing.add(address.server)
        if notice.attempts + 1 >= self._book.settings.tries:
            return self._give_up(notice, trouble)
        with self._store.transaction() as session:
            kept.postpone(session, notice, self._now() + _pause(notice.attempts), trouble)
        return "failed"

    def _give_up(self, notice: Due, trouble: str) -> str:
        """No further try; the channel manager is told of it, unless it was to be told itself."""
        log = structlog.get_logger()
        log.warning("notice.given_up", notice=notice.id, partner=notice.partner, role=notice.receiver)
        with self._store.transaction() as session:
            kept.finish(session, notice, "given_up", self._now(), trouble)
            if notice.receiver not in VENDOR and self._book.address(notice.partner, MANAGER):
                of_lead = notice.assignment_id != registered.OF_REGISTRATION
                kind = "not_delivered" if of_lead else "registration_not_delivered"
                kept.add(session, notice, kind, MANAGER, self._now())
        return "given_up"

    def _finish(self, notice: Due, state: str, why: str | None = None) -> str:
        with self._store.transaction() as session:
            kept.finish(session, notice, state, self._now(), why)
        return state


def _over(notice: Due) -> bool:
    """Whether things have moved on, so that a notice would mislead."""
    if notice.kind == "registration_not_delivered":
        return False
    if notice.assignment_id == registered.OF_REGISTRATION:
        return not notice.open
    if notice.kind == "reminder":
        return not notice.unanswered
    return notice.kind in ("new_lead", "claim_result") and not notice.open


def _period(notice: Due, zone: tzinfo, digest: DigestSettings | None) -> str:
    if not notice.period or digest is None:
        return ""
    until = datetime.fromisoformat(notice.period).astimezone(zone)
    return f"{until - digest.span:%Y-%m-%d} to {until:%Y-%m-%d %H:%M}"


def _pause(attempts: int) -> timedelta:
    """5, 10, 20, 40 … minutes, an hour at most."""
    return timedelta(minutes=min(5 << attempts, 60))
