"""The whole job, shown on a pretend Salesforce and a pretend HubSpot."""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connector.commands.common import AS_JSON, CONFIG, NEEDS_A_PERSON, print_json, progress_bars

if TYPE_CHECKING:
    from connector.app import App
    from connector.config import Config
    from connector.reports.summary import Summary
    from connector.sandbox.child import SandboxProcess

LONGEST = 600
"""Seconds after which the demo stops waiting for a quiet moment."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the independent reader found."""

    written: int
    verified: int
    unaccounted: tuple[str, ...]


@click.command
@CONFIG
@AS_JSON
@click.option("--exit", "exits", is_flag=True, help="End when done instead of keeping the pages up.")
@click.option("--leads", "lead_file", type=click.Path(path_type=Path), help="A CSV file of leads.")
@click.option("--map", "mapping", multiple=True, metavar="FIELD=COLUMN", help="Repeatable.")
@click.option("--into", type=click.Choice(["salesforce", "hubspot", "both"]), default="both")
@click.option("--leads-count", default=300, show_default=True, help="Made-up leads in each CRM.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same leads.")
@click.pass_context
def demo(
    context: click.Context,
    config_path: Path,
    as_json: bool,
    exits: bool,
    lead_file: Path | None,
    mapping: tuple[str, ...],
    into: str,
    leads_count: int,
    seed: int,
) -> None:
    """Start a sandbox, distribute its leads live, and show who got what.

    The config's mode does not matter here: the demo writes, to the sandbox and nowhere else.
    """
    from connector.config import load
    from connector.sandbox.child import SandboxProcess

    config = load(config_path)
    args = ["--seed", str(seed), "--leads-count", str(leads_count), "--into", into]
    if lead_file:
        args += ["--leads", str(lead_file)]
    for pair in mapping:
        args += ["--map", pair]
    with tempfile.TemporaryDirectory() as folder, SandboxProcess(*args) as sandbox:
        fine = _show(_on_sandbox(config, sandbox, Path(folder)), sandbox, as_json=as_json)
        if not exits:
            _keep_up(sandbox, as_json=as_json)
    if not fine:
        context.exit(NEEDS_A_PERSON)


def _on_sandbox(config: "Config", sandbox: "SandboxProcess", folder: Path) -> "Config":
    """The config, live, with its CRMs at the sandbox and a store of its own."""
    from dataclasses import replace

    from connector.sources.settings import ClientCredentials, HubSpotToken
    from connector.store import StoreSettings

    os.environ |= {
        "DEMO_KEY": "sandbox-key",
        "DEMO_SECRET": "sandbox-secret",
        "DEMO_TOKEN": "pat-na1-sandbox",
    }
    salesforce = ClientCredentials(
        flow="client_credentials",
        domain="sandbox.my",
        key="env:DEMO_KEY",
        secret="env:DEMO_SECRET",  # noqa: S106
    )
    places: dict[str, dict[str, Any]] = {
        "salesforce": {"base_url": sandbox.salesforce_url, "login": salesforce},
        "hubspot": {"base_url": sandbox.hubspot_url, "login": HubSpotToken(token="env:DEMO_TOKEN")},  # noqa: S106
    }
    settings = config.settings.model_copy(
        update={
            "mode": "live",
            "store": StoreSettings(url=f"sqlite:///{folder}/demo.db"),
            "crm": {
                name: crm.model_copy(update=places[crm.kind]) for name, crm in config.settings.crm.items()
            },
        }
    )
    return replace(config, settings=settings)


def _show(config: "Config", sandbox: "SandboxProcess", *, as_json: bool) -> bool:
    """Run, prove and print; whether every lead is accounted for and every write reads back."""
    import logging

    from connector.app import App, configure_logs
    from connector.reports.summary import summarize
    from connector.store.registration_reading import states

    configure_logs(lowest=logging.ERROR)
    if not as_json:
        click.echo("Starting a pretend Salesforce and a pretend HubSpot, and going live on them.")
    began = time.monotonic()
    with progress_bars() as progress, App(config, progress=progress) as app:
        app.cycle.begin()
        pulled = _until_quiet(app)
        names = {partner.id: partner.name for partner in config.policy.partners.values()}
        with app.store.looking() as session:
            summary = summarize(session, names, "live")
            filed = states(session)
        proof = _prove(app)
        seconds = time.monotonic() - began
        if as_json:
            print_json({**_as_data(summary, proof, seconds), "registrations": filed})
        else:
            _print(app, summary, proof, pulled, sandbox, seconds)
            _print_registrations(filed, sandbox)
    return proof.verified == proof.written and not proof.unaccounted


def _until_quiet(app: "App") -> Counter[str]:
    """Cycles until nothing happens any more; how many records were pulled."""
    from connector.store import reading

    pulled: Counter[str] = Counter()
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        report = app.cycle.run()
        pulled += report.pulled
        with app.store.looking() as session:
            due = reading.next_due(session)
        if report.quiet and not report.troubles and due is None:
            break
        if report.quiet or report.troubles:
            time.sleep(1)
    return pulled


def _prove(app: "App") -> Proof:
    """Read every written record back, and look for leads of the CRMs that have no outcome here."""
    from connector.store import reading

    with app.store.looking() as session:
        wanted = {settled.ref: settled.values for settled in reading.settled(session)}
        decided = {str(ref) for ref in reading.decided_refs(session)}
    verified, unaccounted = 0, []
    for crm, settings in app.config.settings.crm.items():
        reader, compare = _reader(settings)
        fields = {str(name): own for name, own in settings.write.items()}
        held = reader.values(fields)
        mapped = {"owner", *fields}
        for ref, values in wanted.items():
            if ref.crm == crm:
                expected = {name: value for name, value in values.items() if name in mapped}
                verified += compare(expected, held.get(ref.id))
        ids = reader.ids(getattr(settings, "record_types", ()))
        unaccounted += [f"{crm}:{i}" for i in sorted(ids) if f"{crm}:{i}" not in decided]
    return Proof(len(wanted), verified, tuple(unaccounted))


def _reader(settings: Any) -> tuple[Any, Callable[..., bool]]:
    from connector.commands.readback import HubSpotReader, SalesforceReader, reads_back

    if settings.kind == "salesforce":
        return SalesforceReader(settings.base_url, "sandbox-key", "sandbox-secret"), reads_back
    return HubSpotReader(settings.base_url, "pat-na1-sandbox"), reads_back


def _as_data(summary: "Summary", proof: Proof, seconds: float) -> dict[str, Any]:
    data = summary.as_data()
    outcomes = data["outcomes"]
    return {
        "leads": data["leads"],
        "decided": data["leads"] - data["waiting"],
        **outcomes,
        "written": proof.written,
        "verified": proof.verified,
        "unaccounted": len(proof.unaccounted),
        "by_partner": data["by_partner"],
        "by_route": data["by_route"],
        "api_calls": data["api_calls"],
        "outbox": data["outbox"],
        "parked": data["parked"],
        "seconds": round(seconds, 2),
    }


def _print(
    app: "App",
    summary: "Summary",
    proof: Proof,
    pulled: Counter[str],
    sandbox: "SandboxProcess",
    seconds: float,
) -> None:
    from rich.console import Console

    from connector.model.decision import Outcome
    from connector.reports.explain import explained
    from connector.reports.tables import summary_tables
    from connector.store import reading

    Console().print(summary_tables(summary))
    click.echo(f"\n{pulled['new']} leads pulled, screened and routed in {seconds:.1f} s.")
    click.echo(f"{proof.written} records written, {proof.verified} read back equal by an independent client.")
    click.echo(f"{len(proof.unaccounted)} leads unaccounted for.")
    names = {partner.id: partner.name for partner in app.config.policy.partners.values()}
    click.echo("\nThree explanations:")
    with app.store.looking() as session:
        for outcome in (Outcome.ASSIGNED, Outcome.NURTURE, Outcome.FALLBACK):
            for ref in reading.sample_refs(session, outcome.value, 1):
                click.echo("\n" + explained(reading.decisions_of(session, ref)[-1], names))
    click.echo(f"\nThe pipeline pages: {sandbox.salesforce_url}/pipeline and {sandbox.hubspot_url}/pipeline")


def _print_registrations(filed: Mapping[str, int], sandbox: "SandboxProcess") -> None:
    """What became of the deal registrations, and where to see them."""
    told = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in filed.items())
    if told:
        click.echo(f"\nDeal registrations: {told}.")
        click.echo(
            f"Their boards: {sandbox.salesforce_url}/pipeline?object=Opportunity and "
            f"{sandbox.hubspot_url}/pipeline?object=deals"
        )


def _keep_up(sandbox: "SandboxProcess", *, as_json: bool) -> None:
    import signal
    import threading

    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    click.echo("They stay up until Ctrl-C.", err=as_json)
    over.wait()
