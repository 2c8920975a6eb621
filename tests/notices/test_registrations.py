"""From what happens to a deal registration to what arrives in a mailbox, over real servers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import toml_rs
from sqlalchemy import update

from connector.model.decision import Reason
from connector.model.registration import State
from connector.notices.book import Book
from connector.notices.post import Address, ApprisePost
from connector.notices.settings import NoticesSettings
from connector.notices.teller import Teller
from connector.notices.templates import templates_of
from connector.routing.registration.words import say
from connector.store import Store
from connector.store.notices import told
from connector.store.tables import OutboxRow
from tests.conftest import Clock
from tests.notices.servers import Hook, Mailbox
from tests.notices.test_telling import text
from tests.routing.registration.builders import terms
from tests.sync.test_registrar import a_registrar, one, take

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

BERLIN = ZoneInfo("Europe/Berlin")
RULES = 'approve = "by_person"\nescalate_to = "user:head@acme.example"\n'


class Office:
    """A line of registrations, and who is told of them: Anna and the head by mail, the manager by webhook."""

    def __init__(
        self, store: Store, clock: Clock, mailbox: Mailbox, hook: Hook, rules: str = "", toml: str = ""
    ):
        self.store, self.clock, self.mailbox, self.hook = store, clock, mailbox, hook
        self.registrar = a_registrar(store, clock)
        self.registrar.terms = terms(rules)
        settings = NoticesSettings.model_validate(toml_rs.loads(toml))
        addresses = {
            ("anna", "sales"): Address(mailbox.url, "sales@anna.example"),
            ("", "channel_manager"): Address(hook.url),
            ("", "escalation"): Address(mailbox.url, "head@acme.example"),
        }
        names, texts = {"anna": "Anna AG"}, templates_of({}, {})

        def said(code: str, facts: Mapping[str, Any]) -> str:
            return say(Reason(code, facts))

        book = Book(settings, texts, addresses, names, UTC, lambda _: BERLIN, say_of_registration=said)
        self.teller = Teller(book, store, ApprisePost(timedelta(seconds=10)), clock)
        self.teller.begin()

    def run(self, *, written: bool = True, live: tuple[str, ...] = ("hubspot", "salesforce")) -> None:
        """Rule, answer and tell."""
        self.registrar.rule()
        if written:
            with self.store.transaction() as session:
                session.execute(update(OutboxRow).values(state="settled"))
        self.teller.tell(live, lambda: None)

    @property
    def mails(self) -> list[tuple[str, str]]:
        return [(mail[0], text(mail)) for mail in self.mailbox.mails]

    @property
    def states(self) -> list[tuple[str, str, str]]:
        with self.store.looking() as session:
            return [(each.kind, each.receiver, each.state) for each in told(session)[::-1]]


def test_a_partner_hears_what_became_of_its_registration_once_and_nothing_of_another_partner(
    store: Store, clock: Clock, mailbox: Mailbox, hook: Hook
) -> None:
    office = Office(store, clock, mailbox, hook)
    take(
        store,
        one(1, 0, "Bert", "Globex GmbH"),
        one(2, 5, "Anna", "Globex GmbH"),
        one(3, 6, "Anna", "Initech AG"),
    )
    for _ in range(3):
        office.run()
    assert [to for to, _ in office.mails] == ["sales@anna.example"] * 2
    conflict, approved = (said for _, said in office.mails)
    assert "Your deal registration salesforce:000002: conflict" in conflict
    assert "another registration claims the same customer since" in conflict
    assert "Bert" not in conflict
    assert "is approved: complete, eligible and first" in approved
    assert "protected until 2027-01-31 10:00 CET" in approved


def test_it_is_told_only_once_the_record_says_so(
    store: Store, clock: Clock, mailbox: Mailbox, hook: Hook
) -> None:
    office = Office(store, clock, mailbox, hook)
    take(store, one(1, 0, "Anna", "Globex GmbH"))
    office.run(written=False)
    assert office.mails == []
    office.run()
    assert len(office.mails) == 1


def test_a_review_reaches_the_manager_its_reminder_too_and_then_whoever_it_is_escalated_to(
    store: Store, clock: Clock, mailbox: Mailbox, hook: Hook
) -> None:
    office = Office(store, clock, mailbox, hook, RULES)
    take(store, one(1, 0, "Anna", "Globex GmbH"))
    office.run()
    assert [each["title"] for each in hook.taken] == [
        "Please decide on the deal registration hubspot:000001 by 2026-11-04 09:00 UTC"
    ]
    clock.advance(days=1)
    office.run()
    assert len(hook.taken) == 2
    clock.advance(days=1)
    office.run()
    (mail,) = office.mails
    assert mail[0] == "head@acme.example"
    assert "Nobody has decided on the deal registration hubspot:000001" in mail[1]
    assert len(hook.taken) == 3
    for _ in range(2):
        office.run()
    assert (len(hook.taken), len(office.mails)) == (3, 1)


def test_a_partner_is_reminded_before_its_protection_ends(
    store: Store, clock: Clock, mailbox: Mailbox, hook: Hook
) -> None:
    office = Office(store, clock, mailbox, hook)
    take(store, one(1, 0, "Anna", "Globex GmbH"))
    office.run()
    clock.advance(days=76)
    office.run()
    assert "The protection of hubspot:000001 ends on 2027-01-31 10:00 CET" in office.mails[-1][1]


def test_what_was_decided_meanwhile_needs_no_decision_any_more(
    store: Store, clock: Clock, mailbox: Mailbox, hook: Hook
) -> None:
    quiet = 'quiet_hours = { from = "08:00", to = "20:00" }'
    office = Office(store, clock, mailbox, hook, RULES, quiet)
    take(store, one(1, 0, "Anna", "Globex GmbH"))
    office.run()
    clock.advance(hours=1)
    take(store, replace(one(1, 0, "Anna", "Globex GmbH"), status=State.APPROVED, changed_at=clock()))
    office.run()
    clock.advance(hours=12)
    office.run()
    assert hook.taken == []
    assert office.states == [
        ("registration_review", "channel_manager", "dropped"),
        ("registration", "sales", "sent"),
    ]


def test_nothing_is_told_of_a_crm_in_shadow(store: Store, clock: Clock, mailbox: Mailbox, hook: Hook) -> None:
    office = Office(store, clock, mailbox, hook)
    take(store, one(1, 0, "Anna", "Globex GmbH"))
    office.run(live=("salesforce",))
    office.run()
    assert (office.mails, office.states) == ([], [])
