"""The daemon and a sandbox in one story, on one clock that moves when told to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from connector.app import App
from connector.config import Config, load
from connector.model.lead import Ref
from connector.sandbox.clock import SandboxClock
from connector.sandbox.server import Sandbox
from connector.store import reading
from connector.sync.means import Progress, quietly
from connector.sync.report import CycleReport
from connector.sync.stopping import Stop
from tests.builders import ROOT


class QuickStop(Stop):
    """Pauses by moving the clock instead of sleeping."""

    def __init__(self, clock: SandboxClock):
        super().__init__()
        self._clock = clock
        self.paused: list[float] = []

    def pause(self, seconds: float) -> None:
        self.check()
        self.paused.append(seconds)
        self._clock.advance(seconds)


def write_config(
    sandbox: Sandbox, folder: Path, change: Callable[[str], str] = str, mode: str = "live"
) -> Path:
    """The shipped config.toml, pointed at a sandbox, with a store of its own in `folder`."""
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    text = text.replace("http://127.0.0.1:8801", sandbox.salesforce_url)
    text = text.replace("http://127.0.0.1:8802", sandbox.hubspot_url)
    text = text.replace("file:examples/", f"file:{ROOT}/examples/")
    text = text.replace('mode = "shadow"', f'mode = "{mode}"')
    path = folder / "config.toml"
    path.write_text(change(text), encoding="utf-8")
    return path


@contextmanager
def opened(sandbox: Sandbox, config: Config, progress: Progress = quietly) -> Iterator[App]:
    """The connector, on the sandbox's clock."""
    stop = QuickStop(sandbox.clock)
    with App(config, now=sandbox.clock, random=Random(1), stop=stop, progress=progress) as app:
        app.cycle.begin()
        yield app


class World:
    """One sandbox and one config; cycles are run in it."""

    def __init__(self, sandbox: Sandbox, folder: Path, change: Callable[[str], str] = str):
        self.sandbox = sandbox
        self.folder = folder
        self.change = change

    def config(self, change: Callable[[str], str] | None = None, mode: str = "live") -> Config:
        return load(write_config(self.sandbox, self.folder, change or self.change, mode))

    def run(self, cycles: int = 1, progress: Progress = quietly, mode: str = "live") -> list[CycleReport]:
        """Cycles of a freshly opened connector, a minute apart."""
        with opened(self.sandbox, self.config(mode=mode), progress) as app:
            reports = []
            for _ in range(cycles):
                reports.append(app.cycle.run())
                self.sandbox.clock.advance(60)
            return reports

    def outcomes(self) -> dict[str, int]:
        """Leads by outcome; "waiting" for those without one."""
        counts: dict[str, int] = {}
        with opened(self.sandbox, self.config()) as app, app.store.transaction() as session:
            for (_, state, outcome, _), count in reading.leads_by_state(session).items():
                name = str(outcome) if state == "decided" else "waiting"
                counts[name] = counts.get(name, 0) + count
        return counts

    def first(self, outcome: str, crm: str) -> Ref:
        """The oldest lead of a CRM that ended in an outcome."""
        with opened(self.sandbox, self.config()) as app, app.store.transaction() as session:
            return next(ref for ref in reading.sample_refs(session, outcome, 1000) if ref.crm == crm)

    def on_crm(self, work: Callable[..., object], *args: object) -> object:
        """Do something in a CRM, as one of its people would."""
        return self.sandbox.run(work, *args)
