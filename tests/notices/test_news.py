"""Claims that lost, leads that nobody is left for, digests, and addresses that there are not."""

from datetime import UTC, datetime

import pytest

from connector.notices.settings import DigestSettings
from connector.store import Store
from tests.conftest import Clock
from tests.notices.servers import Hook, Mailbox
from tests.notices.test_telling import (
    Begin,
    all_told,
    given_lead,
    states,
    text,
    world_with,
)
from tests.sync.test_claims import LIMITED
from tests.sync.test_claims import TOML as OFFERED

__all__ = ["world_with"]

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def subjects(box: Mailbox, to: str) -> list[str]:
    return [str(mail[1]["subject"]) for mail in box.mails if mail[0] == f"sales@{to}.example"]


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        # Both in one reading: the field goes before the owner.
        (
            [{"claimed_by": "anna", "owner": "user:bert@x.example"}],
            "user:bert@x.example took it over as well",
        ),
        ([{"claimed_by": "anna"}, {"claimed_by": "bert"}], "Anna was first; the claim of bert came too late"),
        (
            [{"claimed_by": "anna"}, {"owner": "user:bert@x.example"}],
            "Anna was first; the claim of user:bert@x.example came too late",
        ),
    ],
)
def test_who_loses_a_claim_is_told_why_and_the_record_is_set_right(
    world_with: Begin, mailbox: Mailbox, claims: list[dict[str, str]], told: str
) -> None:
    world = world_with(rules=OFFERED + LIMITED)
    world.lead(1)
    world.run()
    world.run(minutes=20)
    for claim in claims:
        world.put({"id": "000001", "changed_at": world.clock().isoformat(), **claim})
        for _ in range(4):
            world.run(minutes=2)
    row = world.rows()["000001"]
    assert (row["owner"], row["partner"], row["claimed_by"]) == ("user:anna@x.example", "Anna", "Anna")
    assert told in row["reason"]
    assert subjects(mailbox, "anna") == ["The lead file:000001 is yours"]
    (lost,) = [mail for mail in mailbox.mails if mail[0] == "sales@bert.example"]
    assert "The claim of Bert & Co on the lead file:000001 does not count" in text(lost)
    assert told in text(lost)
    assert states(world).count(("claim_lost", "sales", "sent")) == 1


def test_a_claim_beyond_a_limit_or_in_a_cool_down_is_told_to_who_made_it(
    world_with: Begin, mailbox: Mailbox
) -> None:
    world = world_with(rules=OFFERED + LIMITED)
    for number in (1, 2):
        world.lead(number)
    world.run()
    world.run(minutes=20)
    for number in (1, 2):
        world.put({"id": f"{number:06d}", "changed_at": world.clock().isoformat(), "claimed_by": "anna"})
    for _ in range(4):
        world.run(minutes=2)
    assert "has claimed 1 leads today" in text(mailbox.mails[-1])
    world.put({"id": "000001", "changed_at": world.clock().isoformat(), "partner_answer": "Declined"})
    world.run(minutes=2)
    world.put({"id": "000002", "changed_at": world.clock().isoformat(), "claimed_by": "anna"})
    world.run(minutes=2)
    world.run(minutes=2)
    assert states(world).count(("claim_lost", "sales", "sent")) == 2
    world.put({"id": "000002", "changed_at": world.clock().isoformat(), "claimed_by": "Nobody Ltd"})
    world.run(minutes=2)
    world.run(minutes=2)
    assert states(world).count(("claim_lost", "sales", "sent")) == 2


def test_the_channel_manager_hears_of_a_lead_that_nobody_is_left_for(world_with: Begin, hook: Hook) -> None:
    world = world_with("[tell]\nbreach = []\nreassignment = []")
    given_lead(world)
    for _ in range(5):
        world.run(minutes=5 * 60)
    row = world.rows()["000001"]
    assert row["owner"] == "queue:Triage"
    (told,) = hook.taken
    assert told["title"] == "No partner is left for the lead file:000001"
    assert "2 partners had it and did not take it" in told["message"]
    assert states(world)[-1] == ("nobody_left", "channel_manager", "sent")


def test_an_address_that_is_refused_for_good_is_told_to_the_channel_manager_at_once(
    world_with: Begin, mailbox: Mailbox, hook: Hook
) -> None:
    world = world_with()
    mailbox.mood = "bounce"
    given_lead(world)
    world.run()
    first, manager = all_told(world)
    assert (first.state, first.attempts, first.error) == (
        "given_up",
        1,
        "the mail server knows no such address",
    )
    assert (manager.kind, manager.state) == ("not_delivered", "sent")
    assert "check the contacts" in hook.taken[0]["message"]
    world.run(minutes=60)
    assert mailbox.calls == 1


DAILY = """
[digest]
every = "day"
at = "08:00"
[tell]
new_lead = []
breach = []
reassignment = []
reminder = []
"""


def test_a_digest_comes_once_a_day_to_each_by_their_own_clocks(
    world_with: Begin, mailbox: Mailbox, hook: Hook
) -> None:
    world = world_with(DAILY)  # it is 9 on Monday in UTC, 10 with the partners
    given_lead(world, 1)
    world.lead(2)
    world.run()
    first = str(world.decisions(1)[-1].partner)
    world.put({"id": "000001", "changed_at": world.clock().isoformat(), "partner_answer": "Accepted"})
    world.run()
    assert mailbox.mails == []
    world.clock.now = datetime(2026, 11, 3, 6, 59, tzinfo=UTC)
    world.run(minutes=0)
    assert mailbox.mails == []
    world.run(minutes=1)
    assert len(mailbox.mails) == 2
    assert hook.taken == []
    mine = text(next(mail for mail in mailbox.mails if first in mail[0]))
    assert "2026-11-02 to 2026-11-03 08:00" in mine
    # The other was late, and its lead came at this very moment.
    assert "2 new, 1 accepted, 0 declined, 0 not accepted in time" in mine
    world.run(minutes=60)
    (told,) = hook.taken
    assert told["title"] == "Leads of all partners, 2026-11-02 to 2026-11-03 08:00"
    assert "Anna AG: " in told["message"]
    assert "Bert & Co: " in told["message"]
    for _ in range(3):
        world.run(minutes=5)
    assert (len(mailbox.mails), len(hook.taken)) == (2, 1)


def test_digests_wait_for_the_end_of_quiet_hours_and_there_is_none_of_nothing(
    world_with: Begin, mailbox: Mailbox, hook: Hook
) -> None:
    world = world_with(f'quiet_hours = {{ from = "19:00", to = "09:30" }}\n{DAILY}')
    given_lead(world, 1)
    partner = str(world.decisions(1)[-1].partner)
    world.put({"id": "000001", "changed_at": world.clock().isoformat(), "partner_answer": "Accepted"})
    world.run()
    world.clock.now = datetime(2026, 11, 3, 7, 30, tzinfo=UTC)
    world.run(minutes=0)
    assert mailbox.mails == []
    world.run(minutes=65)
    assert [mail[0] for mail in mailbox.mails] == [f"sales@{partner}.example"]
    assert [one[2] for one in states(world) if one[0] == "digest"].count("dropped") == 1


@pytest.mark.parametrize(
    ("local", "last"),
    [
        ("2026-11-02T08:00", "2026-11-02T08:00"),
        ("2026-11-02T07:59", "2026-10-26T08:00"),
        ("2026-11-08T23:00", "2026-11-02T08:00"),
    ],
)
def test_weekly_digests_come_on_mondays(local: str, last: str) -> None:
    digest = DigestSettings.model_validate({"every": "week"})
    assert digest.last(datetime.fromisoformat(local)) == datetime.fromisoformat(last)


def test_breaches_are_written_to_the_record_and_counted(
    world_with: Begin, store: Store, clock: Clock
) -> None:
    from connector.store.given import breached

    world = world_with()
    first = given_lead(world)
    world.run(minutes=5 * 60)
    world.run()
    world.run()
    assert [r.facts.get("breaches") for r in world.decisions(1)[-1].reasons if r.code == "taken_back"] == [1]
    assert world.rows()["000001"]["breaches"] == "1"
    with store.looking() as session:
        assert breached(session, "live") == {first: 1}
