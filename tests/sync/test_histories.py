"""Whatever happens in whatever order: every lead ends somewhere, once, and a person wins."""

import os
import signal
import tempfile
from collections import defaultdict
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import or_, select
from sqlmodel import col

from connector.model.lead import Ref
from connector.sources.base import SourceBusy
from connector.store import Store, StoreSettings, reading
from connector.store.decisions import ledger_balance
from connector.store.tables import AssignmentRow
from connector.sync import steps
from connector.sync.cycle import Cycle, Line
from connector.sync.settings import ScheduleSettings
from tests.conftest import Clock
from tests.sync.world import CsvWorld, QuickStop

PERSON = "user:rep@x.example"
PARTNERS = {"user:anna@x.example": "Anna", "user:bert@x.example": "Bert"}


_REACHED = col(AssignmentRow.ended_because).not_in(("changed_by_person", "gone", "dropped"))


class PowerCut(BaseException):
    """The process is gone from one moment to the next."""


class Histories(RuleBasedStateMachine):
    """A CRM, its people, and a connector that is killed and started again; what the CRM remembers is the
    model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="history-")
        self.clock = Clock()
        self.store = Store.open(StoreSettings(url="sqlite:///:memory:"), Path())
        self.world = CsvWorld(Path(self.folder.name), self.store, self.clock)
        self.source = self.world.sources["file"]
        self.count = 0
        self.taken_over: set[str] = set()
        self.ended: set[str] = set()
        self.owners_written: defaultdict[str, set[str]] = defaultdict(set)
        self.busy: list[tuple[str, bool]] = []
        self.meanwhile: tuple[str, int] | None = None
        self._watch()

    def _watch(self) -> None:
        """See which owners are written, and let the CRM be busy before or after it did what was asked."""
        for method in ("read_changed", "read_back", "write"):
            setattr(self.source, method, self._troubled(method, getattr(self.source, method)))

    def _troubled(self, method: str, ask: Any) -> Any:
        def answer(*args: Any) -> Any:
            trouble = self.busy.pop(0) if self.busy and self.busy[0][0] == method else None
            if trouble and not trouble[1]:
                raise SourceBusy("busy", retry_after=timedelta(minutes=2))
            found = ask(*args)
            if method == "write":
                for update, error in zip(args[0], found, strict=True):
                    if error is None and "owner" in update.values:
                        self.owners_written[update.id].add(str(update.values["owner"]))
            if self.meanwhile and self.meanwhile[0] == method:
                (_, pick), self.meanwhile = self.meanwhile, None
                self.a_person_takes_a_lead(pick)
            if trouble:
                raise SourceBusy("the connection broke", retry_after=timedelta(minutes=2))
            return found

        return answer

    def _change(self, lead: str, **values: Any) -> None:
        self.world.put({"id": lead, **values, "changed_at": self.clock().isoformat()})

    def _some(self, pick: int) -> str | None:
        alive = [lead for lead in self.world.rows() if lead not in self.ended]
        return alive[pick % len(alive)] if alive else None

    @rule(covered=st.sampled_from([True, True, True, False]))
    def a_lead_arrives(self, covered: bool = True) -> None:
        self.count += 1
        mail = f"lead{self.count}@company{self.count}.example"
        self.world.lead(self.count, country="DE" if covered else "", email=mail)

    @rule(pick=st.integers(0, 99), country=st.sampled_from(["", "DE", "FR"]))
    def somebody_edits_a_field(self, pick: int, country: str) -> None:
        if lead := self._some(pick):
            self._change(lead, country=country)

    @rule(pick=st.integers(0, 99))
    def a_person_takes_a_lead(self, pick: int) -> None:
        if lead := self._some(pick):
            self._change(lead, owner=PERSON)
            self.taken_over.add(lead)

    @rule(
        method=st.sampled_from(["read_changed", "read_back", "write"]),
        pick=st.integers(0, 99),
        minutes=st.sampled_from([1, 3]),
    )
    def a_person_takes_a_lead_while_a_cycle_runs(self, method: str, pick: int, minutes: int) -> None:
        """Right after the CRM has answered."""
        self.meanwhile = (method, pick)
        self.a_lead_arrives(covered=True)
        self.world.run(minutes)
        self.meanwhile = None

    @rule(pick=st.integers(0, 99))
    def a_lead_is_deleted(self, pick: int) -> None:
        if lead := self._some(pick):
            self._change(lead, deleted="yes")
            self.ended.add(lead)

    @rule(pick=st.integers(0, 99), other=st.integers(0, 99))
    def a_lead_is_merged_into_another(self, pick: int, other: int) -> None:
        winner, loser = self._some(pick), self._some(other)
        if winner and loser and winner != loser:
            self._change(loser, deleted="yes", merged_into=winner)
            self._change(winner)
            self.ended.add(loser)

    @rule(
        method=st.sampled_from(["read_changed", "read_back", "write"]),
        done=st.booleans(),
        times=st.integers(1, 8),
    )
    def the_crm_will_be_busy(self, method: str, done: bool, times: int) -> None:
        self.busy = [(method, done)] * times

    @rule(minutes=st.sampled_from([1, 3, 16, 61]))
    def a_cycle_runs(self, minutes: int) -> None:
        self.world.run(minutes)

    @rule(step=st.sampled_from(steps.STEPS), times=st.integers(1, 3))
    def the_power_fails_at(self, step: str, times: int) -> None:
        steps._seen.clear()
        kill = os.kill

        def cut(pid: int, number: int) -> None:
            if number == signal.SIGKILL:
                raise PowerCut
            kill(pid, number)

        self.clock.advance(minutes=1)
        with (
            mock.patch.dict(os.environ, {"CONNECTOR_KILL_AT": f"{step}:{times}"}),
            mock.patch.object(os, "kill", cut),
            suppress(PowerCut),
        ):
            self.world.cycle.run()
        self._start_again()

    def _start_again(self) -> None:
        self.world.cycle = Cycle(
            policy=self.world.cycle.policy,
            store=self.store,
            lines={"file": Line(self.source, "csv", live=True)},
            schedule=ScheduleSettings(),
            config_hash="hash",
            now=self.clock,
            random=Random(1),
            stop=QuickStop(self.clock),
            host="test",
        )
        self.world.cycle.begin()

    def teardown(self) -> None:
        self.busy = []
        for minutes in (2, 20, 20, 20, 65, 1500, 20, 2):
            self.world.run(minutes)
        self._every_lead_ended_well()
        self._nothing_is_left_over()
        self.store.close()
        self.folder.cleanup()

    def _every_lead_ended_well(self) -> None:
        for lead, row in self.world.rows().items():
            assert len(self.owners_written[lead] & PARTNERS.keys()) <= 1, "a lead was given to two partners"
            if lead in self.ended:
                continue
            if lead in self.taken_over:
                assert row["owner"] == PERSON, "a person's choice was overwritten"
                continue
            assert row["owner"] in {*PARTNERS, "queue:Triage"}, "a lead has no outcome in the CRM"
            assert row["partner"] == PARTNERS.get(row["owner"], ""), "the partner is not the owner's"

    def _nothing_is_left_over(self) -> None:
        with self.store.looking() as session:
            assert {state for (_, state, _, _) in reading.leads_by_state(session)} <= {"decided"}
            assert set(ledger_balance(session).values()) <= {0}
            assert {state for _, state in reading.outbox_by_state(session)} <= {"settled", "superseded"}
            held = {
                ref: decisions[-1].partner
                for lead in self.world.rows()
                if (decisions := reading.decisions_of(session, ref := Ref("file", lead)))
                and decisions[-1].outcome.value == "assigned"
            }
            load = sum(reading.assigned_by(session, "live").values())
            turns = sum(line.turns for line in reading.credits(session, "live"))
            reached = or_(col(AssignmentRow.ended_because).is_(None), _REACHED)
            kept = session.scalars(select(AssignmentRow).where(reached)).all()
        with_partners = {
            Ref("file", lead): row["partner"].lower()
            for lead, row in self.world.rows().items()
            if lead not in self.ended and row["owner"] in PARTNERS
        }
        assert held == with_partners, "the store and the CRM tell different partners"
        assert load == len(with_partners), "the load is not what partners have"
        assert turns == sum(len(row.turns) for row in kept), "a turn was kept for a lead that never arrived"


@pytest.mark.parametrize("histories", [12, pytest.param(2_000, marks=pytest.mark.chaos)])
def test_any_history_ends_well(histories: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=histories,
            stateful_step_count=25,
            deadline=None,
            derandomize=histories < 1000,
            suppress_health_check=checks,
        ),
    )
