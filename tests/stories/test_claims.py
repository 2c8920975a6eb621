"""Claims in the CRMs themselves: in one second, by nobody's user, on a lead that is gone."""

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from random import Random
from threading import Thread

import pytest

from connector.app import App
from connector.model.decision import Outcome
from connector.model.lead import Ref
from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import Sandbox
from connector.store import StoreSettings, reading
from tests.conftest import NOW
from tests.stories.test_following_up import CLAIM, OFFERS, OWNER, on_offer
from tests.stories.test_main_job import CRMS, state
from tests.stories.test_nothing_lost import add
from tests.stories.world import QuickStop, World, opened

ANKE, JONAS = "anke.petersen@nordwind-it.example", "jonas.weber@rheintal-cloud.example"
NAMES = {ANKE: "Nordwind IT GmbH", JONAS: "Rheintal Cloud AG"}
EACH = 8


def owner_id(app: App, crm: str, mail: str) -> str:
    return str(app.sources[crm]._owners.get(f"user:{mail}").id)  # type: ignore[attr-defined]


def offered(app: App, crm: str) -> list[Ref]:
    with app.store.looking() as session:
        return [ref for ref in reading.sample_refs(session, "offered", 100) if ref.crm == crm]


def test_of_two_claims_in_one_second_one_wins_whichever_of_four_daemons_reads_them(
    tmp_path: Path, postgres: StoreSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One partner fills in the field of each lead, another takes it over, while the clock stands still."""

    def change(text: str) -> str:
        return on_offer(text).replace("sqlite:///connector.db", postgres.url)

    with Sandbox([], [], clock=SandboxClock(NOW)) as sandbox, ExitStack() as opened_apps:
        world = World(sandbox, tmp_path, change)
        for number, crm in enumerate(CRMS):
            add(world, crm, EACH, start=100 * number)
        config = world.config()
        apps = []
        for number in range(4):
            monkeypatch.setattr("connector.app.host_name", lambda number=number: f"host{number}")
            app = App(config, now=sandbox.clock, random=Random(number), stop=QuickStop(sandbox.clock))
            apps.append(opened_apps.enter_context(app))
            app.cycle.begin()
        for _ in range(2):
            apps[0].cycle.run()
            sandbox.clock.advance(1200)
        refs = [ref for crm in CRMS for ref in offered(apps[0], crm)]
        assert len(refs) == 2 * EACH
        apps[0].cycle.leave()
        expected: dict[Ref, str] = {}
        for number, ref in enumerate(refs):
            by_field, by_owner = (ANKE, JONAS) if number % 2 else (JONAS, ANKE)
            expected[ref] = by_field
            edit = state(world, ref.crm).edit
            world.on_crm(edit, ref.id, {CLAIM[ref.crm]: NAMES[by_field]}, by_field)
            taken = {OWNER[ref.crm]: owner_id(apps[0], ref.crm, by_owner)}
            world.on_crm(edit, ref.id, taken, by_owner)
        sandbox.clock.advance(1)
        for _ in range(6):
            threads = [Thread(target=app.cycle.run) for app in apps]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            sandbox.clock.advance(60)
        for ref, winner in expected.items():
            held = apps[0].sources[ref.crm].read_back([ref.id])[ref.id].values
            assert held["owner"] == f"user:{winner}"
            assert held["partner"] == held["claimed_by"] == NAMES[winner]
            assert "took it over as well" in str(held["reason"])
            with apps[0].store.looking() as session:
                given = [d for d in reading.decisions_of(session, ref) if d.outcome is Outcome.ASSIGNED]
            assert len(given) == 1
        with apps[0].store.looking() as session:
            load = Counter(dict(reading.assigned_by(session, "live")))
        assert load.total() == 2 * EACH


@pytest.mark.parametrize("crm", CRMS)
def test_claims_by_nobodys_users_and_on_what_is_gone_each_have_an_outcome(tmp_path: Path, crm: str) -> None:
    with Sandbox([], [], clock=SandboxClock(NOW)) as sandbox:
        world = World(sandbox, tmp_path, on_offer)
        add(world, crm, 4)
        with opened(sandbox, world.config()) as app:
            for _ in range(2):
                app.cycle.run()
                sandbox.clock.advance(1200)
            by_left, by_stranger, taken, gone = offered(app, crm)
            edit, sam = state(world, crm).edit, "sam.selling@acme.example"
            world.on_crm(edit, by_left.id, {CLAIM[crm]: "former.rep@acme.example"}, sam)
            world.on_crm(edit, by_stranger.id, {CLAIM[crm]: "Nobody & Sons"}, sam)
            world.on_crm(edit, taken.id, {OWNER[crm]: owner_id(app, crm, sam)}, sam)
            world.on_crm(edit, gone.id, {CLAIM[crm]: "nordwind"}, ANKE)
            world.on_crm(state(world, crm).delete, gone.id)
            sandbox.clock.advance(60)
            for _ in range(4):
                app.cycle.run()
                sandbox.clock.advance(60)
            for _ in range(8):  # HubSpot shows nobody what was deleted; it is missed within a week
                sandbox.clock.advance(86400)
                app.cycle.run()
            for ref, who in ((by_left, "former.rep@acme.example"), (by_stranger, "Nobody & Sons")):
                held = app.sources[crm].read_back([ref.id])[ref.id].values
                assert held["owner"] == OFFERS[crm]
                assert not held["claimed_by"]
                assert f"the claim of {who} does not count: {who} is no partner here" in str(
                    held["reason"]
                ).replace("The claim", "the claim")
            held = app.sources[crm].read_back([taken.id])[taken.id].values
            assert held["owner"] == f"user:{sam}"
            with app.store.looking() as session:
                assert reading.decisions_of(session, taken)[-1].outcome is Outcome.LEFT_ALONE
                assert reading.decisions_of(session, gone)[-1].outcome is Outcome.GONE
                assert reading.assigned_by(session, "live") == {}
                assert reading.parked(session) == []
