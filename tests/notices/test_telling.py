"""From what happens to a lead to what arrives in a mailbox, over real servers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import toml_rs

from connector.model.decision import Reason
from connector.notices.book import Book
from connector.notices.post import Address, ApprisePost
from connector.notices.settings import NoticesSettings
from connector.notices.teller import Teller
from connector.notices.templates import Message, templates_of
from connector.routing.reasons import say
from connector.sources.base import SourceBusy
from connector.store import Store
from connector.store.notices import Told, begin, counts, happenings, told
from tests.conftest import Clock
from tests.notices.servers import Hook, Mailbox
from tests.sync.test_life import HURRIED
from tests.sync.world import CsvWorld

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

BERLIN = ZoneInfo("Europe/Berlin")


Begin = Callable[..., CsvWorld]


def in_words(code: str, facts: Any) -> str:
    return say(Reason(code, facts))


@pytest.fixture
def world_with(tmp_path: Path, store: Store, clock: Clock, mailbox: Mailbox, hook: Hook) -> Begin:
    """A world in which anna and bert are told by mail, and the channel manager by webhook."""

    def begun(toml: str = "", *, timeout: float = 10, rules: str = HURRIED, **templates: str) -> CsvWorld:
        settings = NoticesSettings.model_validate(toml_rs.loads(toml))
        addresses = {
            ("anna", "sales"): Address(mailbox.url, "sales@anna.example"),
            ("bert", "sales"): Address(mailbox.url, "sales@bert.example"),
            ("", "channel_manager"): Address(hook.url),
        }
        names = {"anna": "Anna AG", "bert": "Bert & Co"}
        shown = templates_of(dict.fromkeys(templates, "") | {k: k for k in templates}, templates)
        book = Book(settings, shown, addresses, names, UTC, lambda partner: BERLIN, in_words)
        teller = Teller(book, store, ApprisePost(timedelta(seconds=timeout)), clock)
        teller.begin()
        return CsvWorld(tmp_path, store, clock, toml=rules, tell=teller.tell)

    return begun


def given_lead(world: CsvWorld, number: int = 1) -> str:
    world.lead(number, email="jane.roe@customer.example", company="Customer Ltd")
    world.run()
    return str(world.decisions(number)[-1].partner)


def all_told(world: CsvWorld) -> list[Told]:
    with world.store.looking() as session:
        return told(session)[::-1]


def states(world: CsvWorld) -> list[tuple[str, str, str]]:
    return [(one.kind, one.receiver, one.state) for one in all_told(world)]


def text(mail: tuple[str, Any]) -> str:
    return f"{mail[1]['subject']}\n{mail[1].get_body(('plain',)).get_content()}"


def test_a_partner_hears_of_its_new_lead_once_and_nothing_of_the_person(
    world_with: Begin, mailbox: Mailbox
) -> None:
    world = world_with('links = { file = "https://crm.example/{id}/view" }')
    partner = given_lead(world)
    for _ in range(3):
        world.run()
    (mail,) = mailbox.mails
    assert mail[0] == f"sales@{partner}.example"
    assert mail[1]["from"] == "leads@acme.example"
    said = text(mail)
    assert "file:000001 (all)" in said
    assert "by 2026-11-02 14:01 CET" in said
    assert "https://crm.example/000001/view" in said
    assert "jane" not in mail[1].as_string().casefold()
    assert "customer" not in mail[1].as_string().casefold()
    assert states(world) == [("new_lead", "sales", "sent")]


def test_a_reminder_a_breach_and_the_next_partner_are_told_to_whom_they_concern(
    world_with: Begin, mailbox: Mailbox, hook: Hook
) -> None:
    world = world_with()
    first = given_lead(world)
    world.run()
    second = {"anna": "bert", "bert": "anna"}[first]
    world.run(minutes=185)
    world.run()
    assert [mail[0] for mail in mailbox.mails] == [f"sales@{first}.example"] * 2
    assert "waits to be accepted" in text(mailbox.mails[1])
    world.run(minutes=70)
    world.run()
    world.run()
    assert [mail[0] for mail in mailbox.mails[2:]] == [f"sales@{first}.example", f"sales@{second}.example"]
    assert "did not accept" in text(mailbox.mails[2])
    (to_manager,) = hook.taken
    assert to_manager["title"] == "The lead file:000001 was not accepted in time"


def test_who_declines_is_not_told_but_the_channel_manager_is(
    world_with: Begin, mailbox: Mailbox, hook: Hook
) -> None:
    world = world_with()
    first = given_lead(world)
    world.run()
    world.put({"id": "000001", "changed_at": world.clock().isoformat(), "partner_answer": "Declined"})
    world.run()
    world.run()
    assert "it was declined" in hook.taken[0]["message"]
    assert [mail[0] for mail in mailbox.mails if first in mail[0]] == [f"sales@{first}.example"]


def test_a_partner_is_told_only_once_the_crm_holds_it(
    world_with: Begin, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_with()
    world.lead(1)
    source = world.sources["file"]
    write, busy = source.write, SourceBusy("too many calls", "LIMIT")
    monkeypatch.setattr(source, "write", lambda updates: [busy for _ in updates])
    world.run()
    assert mailbox.mails == []
    assert states(world) == [("new_lead", "sales", "pending")]
    monkeypatch.setattr(source, "write", write)
    world.run(minutes=30)
    assert len(mailbox.mails) == 1


def test_nothing_is_told_of_leads_in_shadow_nor_of_a_crm_that_went_into_shadow(
    world_with: Begin, mailbox: Mailbox
) -> None:
    world = world_with()
    mailbox.mood = "refuse"
    given_lead(world)
    mailbox.mood, calls = "ok", mailbox.calls
    line = world.cycle.means.lines["file"]
    world.cycle.means.lines = {"file": type(line)(line.source, line.kind, live=False)}
    world.lead(2)
    world.run(minutes=30)
    assert mailbox.calls == calls
    assert [one[2] for one in states(world)] == ["pending"]


def test_a_server_that_fails_is_tried_again_later_and_given_up_in_the_end(
    world_with: Begin, mailbox: Mailbox, hook: Hook
) -> None:
    world = world_with("tries = 3")
    mailbox.mood = "refuse"
    partner = given_lead(world)
    assert mailbox.calls == 1
    world.run(minutes=1)
    assert mailbox.calls == 1
    world.run(minutes=5)
    world.run(minutes=10)
    assert mailbox.calls == 3
    world.run()
    (first, manager) = all_told(world)
    assert (first.state, first.attempts, first.ended_at is not None) == ("given_up", 3, True)
    assert first.error
    assert "@" not in first.error
    assert (manager.kind, manager.state) == ("not_delivered", "sent")
    name = {"anna": "Anna AG", "bert": "Bert & Co"}[partner]
    assert f"check the contacts of {name}" in hook.taken[0]["message"]
    world.run(minutes=60)
    assert mailbox.calls == 3


def test_a_server_that_comes_back_gets_what_waited(world_with: Begin, mailbox: Mailbox) -> None:
    world = world_with()
    mailbox.mood = "refuse"
    given_lead(world)
    mailbox.mood = "ok"
    world.run(minutes=6)
    assert len(mailbox.mails) == 1
    assert states(world) == [("new_lead", "sales", "sent")]


def test_a_hanging_server_costs_its_timeout_once_and_the_cycle_goes_on(
    world_with: Begin, mailbox: Mailbox
) -> None:
    world = world_with(timeout=0.3)
    mailbox.mood = "hang"
    for number in range(1, 9):
        world.lead(number)
    began = monotonic()
    report = world.run()
    assert monotonic() - began < 5
    assert mailbox.calls == 1
    assert report.notices == {"failed": 1, "waiting": 7}
    assert world.outcomes(range(1, 9)) == ["assigned"] * 8


def test_nobody_is_told_more_often_than_may_be(world_with: Begin, mailbox: Mailbox) -> None:
    world = world_with("most_per_hour = 2")
    for number in range(1, 11):
        world.lead(number)
    world.run()
    assert sorted(mail[0] for mail in mailbox.mails) == [
        f"sales@{who}.example" for who in ("anna", "anna", "bert", "bert")
    ]
    world.run(minutes=61)
    assert len([mail for mail in mailbox.mails if "A new lead" in mail[1]["subject"]]) == 8


def test_quiet_hours_are_those_of_the_partner(world_with: Begin, mailbox: Mailbox) -> None:
    world = world_with('quiet_hours = { from = "18:00", to = "07:30" }')
    world.clock.now = datetime(2026, 11, 2, 17, 30, tzinfo=UTC)  # half past six in Berlin
    given_lead(world)
    assert mailbox.mails == []
    world.clock.now = datetime(2026, 11, 3, 6, 28, tzinfo=UTC)
    with world.store.transaction() as session:
        from connector.store.tables import AssignmentRow

        session.get_one(AssignmentRow, 1).accept_by = datetime(2026, 11, 4, tzinfo=UTC)
    world.run()
    assert mailbox.mails == []
    world.run()
    assert len(mailbox.mails) == 1


def test_a_reminder_of_what_has_been_accepted_meanwhile_is_dropped(
    world_with: Begin, mailbox: Mailbox
) -> None:
    world = world_with()
    given_lead(world)
    world.run()
    mailbox.mood = "refuse"
    world.run(minutes=185)
    mailbox.mood = "ok"
    world.put({"id": "000001", "changed_at": world.clock().isoformat(), "partner_answer": "Accepted"})
    world.run(minutes=10)
    assert states(world)[-1] == ("reminder", "sales", "dropped")
    assert len(mailbox.mails) == 1


def test_a_template_gets_of_the_lead_what_it_names(world_with: Begin, mailbox: Mailbox) -> None:
    own = "Subject: {{ fields.company }}\n\nfrom {{ fields.country }}{{ fields.nothing }}{{ fields }}\n"
    given_lead(world_with(new_lead=own))
    assert text(mailbox.mails[0]).split() == ["Customer", "Ltd", "from", "DE"]


def test_what_happened_before_anybody_was_to_be_told_is_not_told(
    tmp_path: Path, store: Store, clock: Clock
) -> None:
    world = CsvWorld(tmp_path, store, clock, toml=HURRIED)
    world.lead(1)
    world.run()
    with store.transaction() as session:
        begin(session, clock())
        assert happenings(session) == ([], False)
    world.lead(2)
    world.run()
    for expected in (["000002"], []):
        with store.transaction() as session:
            found, more = happenings(session)
            assert ([step.ref.id for step in found], more) == (expected, False)


def test_notices_are_counted_by_state(world_with: Begin) -> None:
    world = world_with()
    given_lead(world)
    with world.store.looking() as session:
        assert counts(session) == {"sent": 1}


def test_an_address_that_cannot_be_used_is_told_without_its_secrets(
    capfd: pytest.CaptureFixture[str],
) -> None:
    post, message = ApprisePost(timedelta(seconds=1)), Message("subject", "body")
    for url in ("pass7word", "nonsense://u:pass7word@x.example", "mailto://pass7word", "slack://pass7word"):
        trouble = post.send(Address(url), message)
        assert trouble
        assert "pass7word" not in trouble
    assert "pass7word" not in "".join(capfd.readouterr())
