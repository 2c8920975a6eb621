"""Leads a second, API calls a thousand leads, and peak memory."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connector.config import load
from connector.model.lead import Lead, Ref
from connector.sandbox.child import SandboxProcess
from connector.sandbox.people import salesforce_leads
from connector.store import Store, StoreSettings
from connector.store.intake import take_in
from connector.sync.decide import decide_waiting
from tests.builders import ROOT

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
LEAST = {"salesforce": {"pull": 1, "write": 5}, "hubspot": {"pull": 5, "write": 10}}
"""The fewest calls that batch limits allow for 1,000 leads; the compare before a write comes on top."""


def main(*, short: bool = False) -> None:
    """Print every figure of the main job."""
    count = 2_000 if short else 20_000
    print(f"decided and recorded (SQLite): {decided_a_second(count):,.0f} leads a second, {count:,} leads")
    for leads in (200,) if short else (1_000, 50_000):
        figures = end_to_end(leads)
        print(
            f"end to end, {leads:,} leads in two CRMs: {leads / figures['seconds']:,.0f} leads a second, "
            f"peak memory {figures['peak_mb']:.0f} MB"
        )
    thousand = 200 if short else 1_000
    for crm in ("salesforce", "hubspot"):
        print(_calls_line(crm, thousand))


def decided_a_second(count: int) -> float:
    """Leads decided and recorded a second by one process, from leads that wait in the store."""
    policy = load(ROOT / "config.toml").policy
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(StoreSettings(url="sqlite:///bench.db"), Path(folder))
        taken = leads_of(0, count)
        with store.transaction() as session:
            take_in(session, "salesforce", taken, NOW)
        began = time.perf_counter()
        decide_waiting(policy, store, ["salesforce"], "live", "bench", lambda: NOW, lambda done: None)
        seconds = time.perf_counter() - began
        store.close()
    return count / seconds


def leads_of(start: int, count: int) -> list[Lead]:
    """Made-up leads that wait in the intake; their ids count up from `start`."""
    made = enumerate(salesforce_leads(1 + start, count, NOW), start)
    return [
        Lead(
            Ref("salesforce", f"{number:09d}"),
            "queue:Web_Intake",
            NOW,
            NOW,
            {name: held for name, held in values.items() if held is not None and name != "created_at"},
        )
        for number, values in made
    ]


def end_to_end(leads: int, only: str | None = None) -> dict[str, Any]:
    """One `connector sync` over a sandbox in a process of its own: seconds, peak memory, API calls.

    `leads` are spread over both CRMs, or all in the one that is named.
    """
    count = leads if only else leads // 2
    with _sandbox(count) as sandbox, tempfile.TemporaryDirectory() as folder:
        config = _config(sandbox, Path(folder), only)
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "connector", "sync", "--json", "--config", str(config)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        assert process.stdout is not None
        told = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, told
        report = subprocess.run(
            [sys.executable, "-m", "connector", "report", "--json", "--config", str(config)],
            capture_output=True,
            check=True,
            cwd=ROOT,
        )
    data = json.loads(report.stdout)
    return {
        "seconds": seconds,
        "peak_mb": usage.ru_maxrss / 1024,
        "calls": data["api_calls"],
        "leads": data["leads"],
        "written": data["outbox"].get("settled", 0),
    }


@contextmanager
def _sandbox(count: int) -> Iterator[SandboxProcess]:
    with SandboxProcess("--leads-count", str(count), "--seed", "1", "--registrations", "0") as sandbox:
        yield sandbox


def _config(sandbox: SandboxProcess, folder: Path, only: str | None) -> Path:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    text = text.replace("http://127.0.0.1:8801", sandbox.salesforce_url)
    text = text.replace("http://127.0.0.1:8802", sandbox.hubspot_url)
    text = text.replace("file:examples/", f"file:{ROOT}/examples/").replace('"shadow"', '"live"')
    if only:
        other = "hubspot" if only == "salesforce" else "salesforce"
        start = text.index(f"[crm.{other}]")
        end = text.index("[crm.hubspot]") if other == "salesforce" else text.index("# ---- screens")
        text = text[:start] + text[end:]
        text = "\n".join(line for line in text.splitlines() if not line.startswith(f"owners.{other}"))
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _calls_line(crm: str, leads: int) -> str:
    figures = end_to_end(leads, only=crm)
    parts = []
    for purpose, least in LEAST[crm].items():
        per_thousand = figures["calls"][crm][purpose] * 1000 / figures["leads"]
        parts.append(f"{purpose} {per_thousand:.1f} (least {least})")
    compare = figures["calls"][crm]["compare"] * 1000 / figures["leads"]
    fixed = sum(figures["calls"][crm].get(purpose, 0) for purpose in ("directory", "metadata"))
    return (
        f"{crm}: calls a 1,000 leads: {', '.join(parts)}, compare {compare:.1f}; "
        f"{fixed} to learn owners and fields; {figures['written']} of {figures['leads']} records written"
    )
