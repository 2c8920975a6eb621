"""The whole cycle over CSV files as CRMs, on a clock that moves when told to."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import toml_rs

from connector.model.decision import Decision
from connector.model.lead import Ref
from connector.routing.policy import CrmRules, understand_policy
from connector.routing.progress import Meaning
from connector.routing.settings import RoutingSettings
from connector.store import Store, reading
from connector.sync.cycle import Cycle, Tell
from connector.sync.daemons import Daemon
from connector.sync.means import Line
from connector.sync.report import CycleReport
from connector.sync.settings import ScheduleSettings
from connector.sync.stopping import Stop
from tests import csv_crm
from tests.conftest import Clock

TOML = """
[[partner]]
id = "anna"
name = "Anna"
owners = { file = ["user:anna@x.example"], other = ["user:anna@x.example"] }
[[partner]]
id = "bert"
name = "Bert"
owners = { file = ["user:bert@x.example"], other = ["user:bert@x.example"] }
[[route]]
name = "all"
when = { country = { present = true } }
"""


class QuickStop(Stop):
    """Pauses by moving the clock."""

    def __init__(self, clock: Clock):
        super().__init__()
        self._clock = clock

    def pause(self, seconds: float) -> None:
        self.check()
        self._clock.advance(seconds=seconds)


class CsvWorld:
    """One or two files of leads, and the connector between them and a store."""

    def __init__(
        self,
        folder: Path,
        store: Store,
        clock: Clock,
        *,
        linked: bool = False,
        two: bool = False,
        toml: str = TOML,
        tell: Tell | None = None,
        **line: Any,
    ):
        self.store, self.clock = store, clock
        self.paths: dict[str, Path] = {}
        self.sources: dict[str, Any] = {}
        lines: dict[str, Line] = {}
        for crm in ("file", "other") if linked or two else ("file",):
            place = folder / crm
            place.mkdir()
            self.sources[crm] = csv_crm.a_source(place, clock)
            self.sources[crm].crm = crm
            self.paths[crm] = place / "leads.csv"
            leader = "file" if linked and crm == "other" else None
            lines[crm] = Line(self.sources[crm], "csv", live=True, leader_crm=leader, **line)
        meaning = Meaning.of({"accepted": ["Accepted"], "declined": ["Declined"], "working": ["Working"]})
        rules = CrmRules(frozenset({"queue:intake"}), "queue:Triage", "queue:Offers", meaning)
        self.cycle = Cycle(
            policy=understand_policy(
                RoutingSettings.model_validate(toml_rs.loads(toml)), dict.fromkeys(lines, rules)
            ),
            store=store,
            lines=lines,
            schedule=ScheduleSettings(),
            config_hash="hash",
            now=clock,
            random=Random(1),
            stop=QuickStop(clock),
            host="test",
            tell=tell,
        )
        self.cycle.begin()

    def put(self, *rows: Mapping[str, Any], crm: str = "file") -> None:
        """Add rows or change them, as the CRM's people do."""
        held: dict[str, Any] = dict(csv_crm.read_rows(self.paths[crm]))
        for row in rows:
            held[row["id"]] = {**held.get(row["id"], {}), **row}
        csv_crm.write_rows(self.paths[crm], held.values())

    def lead(self, number: int, crm: str = "file", **values: Any) -> None:
        """One new or changed lead, stamped now."""
        self.put(csv_crm.a_row(number, self.clock(), **{"country": "DE", **values}), crm=crm)

    def run(self, minutes: float = 1) -> CycleReport:
        """Let time pass, then one cycle."""
        self.clock.advance(minutes=minutes)
        return self.cycle.run()

    def rows(self, crm: str = "file") -> dict[str, dict[str, str]]:
        return csv_crm.read_rows(self.paths[crm])

    def decisions(self, number: int, crm: str = "file") -> list[Decision]:
        with self.store.transaction() as session:
            return reading.decisions_of(session, Ref(crm, f"{number:06d}"))

    def outcomes(self, numbers: Iterable[int], crm: str = "file") -> list[str]:
        return [self.decisions(number, crm)[-1].outcome.value for number in numbers]

    def load(self) -> dict[str, int]:
        with self.store.transaction() as session:
            return {partner: count for (partner, _), count in reading.assigned_by(session, "live").items()}


def a_daemon(world: CsvWorld, store: Store, number: int) -> Cycle:
    """Another daemon at work on the same file."""
    source = csv_crm.a_source(world.paths["file"].parent, world.clock)
    return Cycle(
        policy=world.cycle.policy,
        store=store,
        lines={"file": Line(source, "csv", live=True)},
        schedule=ScheduleSettings(),
        config_hash="hash",
        now=world.clock,
        random=Random(number),
        stop=QuickStop(world.clock),
        host=f"host{number}",
        daemon=Daemon(f"host{number}", number + 1, "x"),
    )
