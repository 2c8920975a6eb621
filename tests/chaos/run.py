"""A programme under fire: real processes, a faulty sandbox, kills, and the oracle at the end."""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.sandbox.faults import Fault
from connector.sandbox.server import Sandbox
from tests.chaos.nursery import ROOT, Nursery
from tests.chaos.oracle import Findings, HubSpotEye, SalesforceEye, judge

EXAMPLES = ROOT / "examples/sandbox"
FAULTS = (
    Fault("429", every=17),
    Fault("503", every=13),
    Fault("500", every=23, params={"when": "after"}),
    Fault("502", every=29),
    Fault("reset_before", every=19),
    Fault("reset_after", every=11),
    Fault("truncated", every=31),
    Fault("malformed_json", every=37),
    Fault("401", crm="salesforce", nth=25, times=1),
    Fault("row_lock", crm="salesforce", every=41),
)


@dataclass(slots=True)
class Tally:
    """What happened: kills by what they hit, faults by kind, and what the oracle found."""

    runs: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    leads: int = 0
    violations: list[str] = field(default_factory=list)
    furthest: float = 0.0

    def told(self) -> str:
        """The totals in one line."""
        kills = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        faults = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        return (
            f"{self.runs} runs, {self.kills.total()} kills ({kills}), "
            f"{self.faults.total()} faults ({faults}), "
            f"{self.leads} leads, furthest from its share {self.furthest:.3f}, "
            f"{len(self.violations)} violations"
        )


class Fire:
    """One sandbox, one store, one config, and the processes in it."""

    def __init__(self, folder: Path, nursery: Nursery, sandbox: Sandbox, store_url: str, tally: Tally):
        self.folder, self.nursery, self.sandbox, self.tally = folder, nursery, sandbox, tally
        self.dice = random.Random(5)
        self.config = folder / "config.toml"
        text = (Path(__file__).parent / "programme.toml").read_text(encoding="utf-8")
        for word, value in {
            "STORE": store_url,
            "SALESFORCE": sandbox.salesforce_url,
            "HUBSPOT": sandbox.hubspot_url,
            "EXAMPLES": str(EXAMPLES),
        }.items():
            text = text.replace(word, value)
        self.config.write_text(text, encoding="utf-8")
        self._numbers = 0
        self.ahead = 0.0

    def arrive(self, count: int) -> None:
        """New leads come in, in both CRMs; one in eight may not be shared."""
        for state in (self.sandbox.org, self.sandbox.portal):
            made = [self._lead() for _ in range(count)]
            self.sandbox.run(lambda: state.add_leads(made, owners="intake"))  # noqa: B023

    def _lead(self) -> dict[str, Any]:
        self._numbers += 1
        n = self._numbers
        consent = n % 8 != 0
        mail, firm = f"lead{n}@company{n}.example", f"Company {n}"
        return {"last_name": f"Lead {n}", "email": mail, "company": firm, "sharing_consent": consent}

    def start(self, command: str = "sync", **env: str) -> int:
        """A connector process, on a clock as far ahead as the sandbox's, whose pauses are short."""
        clock = {"CHAOS_AHEAD": str(self.ahead), "CHAOS_HASTE": "100", **env}
        return self.nursery.start(
            command, "--config", str(self.config), log=self.folder / "connector.log", **clock
        )

    def later(self, seconds: float) -> None:
        """Time passes, for the CRMs and for processes that are started from now on."""
        self.ahead += seconds
        self.sandbox.clock.advance(seconds)

    def killed_at(self, step: str, times: int) -> bool:
        """One `connector sync` that dies at a step; whether it did."""
        code = self.nursery.wait(self.start(CONNECTOR_KILL_AT=f"{step}:{times}"))
        if code == -signal.SIGKILL:
            self.tally.kills[step] += 1
            return True
        assert code in (0, 1), self.log()
        return False

    def killed_after(self, calls: int, *pids: int) -> int:
        """Kill one of these processes, by dice, as soon as so many more calls were answered; which."""
        pid = self.dice.choice(pids)
        done = threading.Event()
        with self._counting(calls, done):
            done.wait(timeout=20)
            with suppressed():
                os.kill(pid, signal.SIGKILL)
        self.tally.kills["any call"] += 1
        return pid

    @contextmanager
    def _counting(self, calls: int, done: threading.Event) -> Iterator[None]:
        until = self.sandbox.board.calls.total() + calls

        def watch() -> None:
            while not done.is_set() and self.sandbox.board.calls.total() < until:
                time.sleep(0.002)
            done.set()

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        yield
        done.set()
        watching.join()

    def until(self, moment: str) -> None:
        """Time passes until a moment, in ISO 8601."""
        self.later((datetime.fromisoformat(moment) - self.sandbox.clock()).total_seconds())

    def quiet(self, most: int = 12) -> None:
        """No more faults: run cycles until nothing is left to do."""
        for kind, count in self._fired().items():
            self.tally.faults[kind] += count
        self.sandbox.run(self.sandbox.board.clear)
        for _ in range(most):
            self.later(1200)
            assert self.nursery.wait(self.start()) in (0, 1), self.log()
        self.tally.runs += 1

    def _fired(self) -> Counter[str]:
        board = self.sandbox.board
        kinds = {str(fault["id"]): str(fault["kind"]) for fault in self.sandbox.run(board.listing)}
        return Counter({kinds[i]: n for i, n in board.fired.items() if n and i in kinds})

    def judged(self) -> Findings:
        """What the oracle says."""
        key = (EXAMPLES / "salesforce_key").read_text().strip()
        secret = (EXAMPLES / "salesforce_secret").read_text().strip()
        token = (EXAMPLES / "hubspot_token").read_text().strip()
        seen = {
            "salesforce": SalesforceEye(self.sandbox.salesforce_url, key, secret).records(),
            "hubspot": HubSpotEye(self.sandbox.hubspot_url, token).records(),
        }
        found = judge(self.config, seen)
        self.tally.leads += found.leads
        self.tally.violations += found.violations
        self.tally.furthest = max(self.tally.furthest, found.furthest)
        return found

    def log(self) -> str:
        """The end of what the processes said."""
        path = self.folder / "connector.log"
        return path.read_text(encoding="utf-8")[-3000:] if path.exists() else ""


@contextmanager
def suppressed() -> Iterator[None]:
    """A process that ended by itself cannot be killed any more."""
    try:
        yield
    except ProcessLookupError:
        return
