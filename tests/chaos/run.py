"""A programme under fire: real processes, a faulty sandbox, kills, and the oracle at the end."""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from connector.sandbox.faults import Fault
from connector.sandbox.server import Sandbox
from tests.chaos.nursery import ROOT, Nursery
from tests.chaos.oracle import Findings, HubSpotEye, SalesforceEye, judge
from tests.chaos.tally import Tally

EXAMPLES = ROOT / "examples/sandbox"
FAULTS = (
    Fault("429", every=17),
    Fault("503", every=13),
    Fault("500", every=23, params={"when": "after"}),
    Fault("502", every=29),
    Fault("504", every=43),
    Fault("524", every=47),
    Fault("reset_before", every=19),
    Fault("reset_after", every=11),
    Fault("truncated", every=31),
    Fault("malformed_json", every=37),
    Fault("slow", every=53, params={"seconds": "0.05"}),
    Fault("401", crm="salesforce", nth=25, times=1),
    Fault("403", crm="salesforce", every=59, params={"reason": "concurrent"}),
    Fault("423", every=61),
    Fault("477", crm="hubspot", every=67),
    Fault("row_lock", crm="salesforce", every=41),
    Fault("batch_lock", crm="salesforce", every=2),
    Fault("row_fail", crm="hubspot", every=71, params={"category": "CONFLICT"}),
    Fault("index_lag", crm="hubspot", every=9),
    Fault("late_rows", crm="hubspot", every=14, params={"seconds": "90"}),
    Fault("clock_skew", crm="hubspot", params={"seconds": "-20"}),
    Fault("clock_skew", crm="salesforce", params={"seconds": "20"}),
    Fault("human_edit", every=73),
)
"""Every kind that ends by itself and leaves owners to us; the others have tests of their own."""

SOON = frozenset({"429", "503", "500", "reset_before", "reset_after", "clock_skew"})
"""The kinds that a short proof meets as well."""

WEIGHTS = {"a": 3, "b": 2, "c": 1, "d": 1}
WHOLE = sum(WEIGHTS.values())
"""How the programme's leads are shared."""

BOUND = 1 - 1 / (2 * 4 - 2)
"""The most that one of four partners can ever be from its share of the leads, by Tijdeman's theorem."""


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
        self._store_url = store_url
        self.ahead = 0.0

    def bad_day(self) -> None:
        """Both CRMs fail in every way that ends by itself."""
        for fault in FAULTS:
            self.sandbox.run(self.sandbox.board.add, fault)

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
        """Kill one of these processes, by dice, as soon as so many more calls were answered; which.

        One that ends by itself before that is no kill.
        """
        pid = self.dice.choice(pids)
        until, end = self.sandbox.board.calls.total() + calls, time.monotonic() + 20
        while self.sandbox.board.calls.total() < until and self.nursery.alive(pid) and time.monotonic() < end:
            time.sleep(0.002)
        os.kill(pid, signal.SIGKILL)  # until it is waited for, there is something to kill
        code = self.nursery.wait(pid)
        assert code in (0, 1, -signal.SIGKILL), self.log()
        self.tally.kills["any call"] += code == -signal.SIGKILL
        return pid

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

    def _fired(self) -> Counter[str]:
        board = self.sandbox.board
        kinds = {str(fault["id"]): str(fault["kind"]) for fault in self.sandbox.run(board.listing)}
        fired: Counter[str] = Counter()
        for number, times in board.fired.items():
            if number in kinds:
                fired[kinds[number]] += times
        return +fired

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
        self.tally.found += 1
        self.tally.leads += found.leads
        self.tally.violations += found.violations
        return found

    def proven(self) -> Findings:
        """What the oracle says, and that it is well; at every moment turns were within their bound."""
        found = self.judged()
        self.tally.furthest = max(found.furthest, self._furthest())
        assert found.violations == []
        assert found.leads == self._numbers > 0
        assert found.statuses.keys() == {"Assigned", "Held"}
        assert self.tally.furthest <= BOUND + 1e-9
        return found

    def _furthest(self) -> float:
        """The most that any partner ever was from its share of the leads until then."""
        engine = create_engine(self._store_url)
        with engine.connect() as connection:
            rows = connection.execution_options(yield_per=1000).execute(
                text("SELECT data FROM decision WHERE outcome = 'assigned' ORDER BY id")
            )
            most = _most_off(json.loads(data) if isinstance(data, str) else data for (data,) in rows)
        engine.dispose()
        return most

    def log(self) -> str:
        """The end of what the processes said."""
        path = self.folder / "connector.log"
        return path.read_text(encoding="utf-8")[-3000:] if path.exists() else ""


def _most_off(decisions: Iterable[Mapping[str, Any]]) -> float:
    """The most that any partner was from its share after any of the decisions."""
    counts: Counter[str] = Counter()
    most = 0.0
    for number, decision in enumerate(decisions, start=1):
        counts[decision["partner"]] += 1
        most = max(most, *(abs(counts[who] - number * part / WHOLE) for who, part in WEIGHTS.items()))
    return most


def eventually(happened: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something to happen."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)
