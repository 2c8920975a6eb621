"""`connector sandbox`: a pretend Salesforce and a pretend HubSpot on this machine."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from connector.sandbox import leadfile
from connector.sandbox.clock import SandboxClock
from connector.sandbox.control import BadRequestError, change
from connector.sandbox.faults import CRMS, FaultError, parse
from connector.sandbox.people import Lead
from connector.sandbox.seeding import unwatched
from connector.sandbox.server import PortTakenError, Sandbox

MANY = 5000
PORT = click.IntRange(0, 65535)
SALESFORCE_LOGIN = {"key": "sandbox-key", "secret": "sandbox-secret"}
HUBSPOT_LOGIN = {"token": "pat-na1-sandbox"}


@click.command(short_help="Start a pretend Salesforce and a pretend HubSpot.")
@click.option(
    "--salesforce-port",
    default=8801,
    type=PORT,
    metavar="N",
    show_default=True,
    help="Salesforce's port; 0 is any free.",
)
@click.option(
    "--hubspot-port",
    default=8802,
    type=PORT,
    metavar="N",
    show_default=True,
    help="HubSpot's port; 0 is any free.",
)
@click.option(
    "--seed",
    default=1,
    type=click.IntRange(min=0),
    metavar="N",
    show_default=True,
    help="The same seed gives the same data.",
)
@click.option(
    "--leads-count",
    default=300,
    type=click.IntRange(min=0),
    metavar="N",
    show_default=True,
    help="How many leads each CRM begins with.",
)
@click.option(
    "--duplicates",
    default=10.0,
    type=click.FloatRange(0, 100),
    metavar="PCT",
    show_default=True,
    help="How many of HubSpot's people are in Salesforce too, in percent.",
)
@click.option(
    "--registrations",
    default=12,
    type=click.IntRange(min=0),
    metavar="N",
    show_default=True,
    help="How many deal registrations partners have filed, in the two CRMs in turn.",
)
@click.option("--leads", "lead_file", metavar="FILE.csv", help="Begin with the leads of a file instead.")
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="The column that holds a field; repeatable.",
)
@click.option(
    "--into",
    type=click.Choice(("both", *CRMS)),
    default="both",
    show_default=True,
    help="Where the rows of the file go; both: in turn.",
)
@click.option(
    "--fault", "faults", multiple=True, metavar="FAULT", help="Like kind=429,crm=hubspot,nth=3; repeatable."
)
@click.option(
    "--set", "settings", multiple=True, metavar="CRM.NAME=VALUE", help="How a CRM behaves; repeatable."
)
@click.option("--index-lag", type=float, metavar="S", help="How far HubSpot's search is behind, in seconds.")
@click.option("--start-at", metavar="TIME", help="Let time stand still here; the control endpoint moves it.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
@click.option("--with-parent", is_flag=True, hidden=True)
def sandbox(
    salesforce_port: int,
    hubspot_port: int,
    seed: int,
    leads_count: int,
    duplicates: float,
    registrations: int,
    lead_file: str | None,
    mapping: tuple[str, ...],
    into: str,
    faults: tuple[str, ...],
    settings: tuple[str, ...],
    index_lag: float | None,
    start_at: str | None,
    as_json: bool,
    with_parent: bool,
) -> None:
    """Start a pretend Salesforce and a pretend HubSpot, and keep them up until Ctrl-C.

    Both answer on 127.0.0.1 only. Point any client of theirs at the printed addresses; /pipeline on each
    shows what a user of the CRM sees, and /__sandbox__ makes things go wrong.
    """
    try:
        for_salesforce, for_hubspot = _leads(lead_file, mapping, into)
        running = Sandbox(
            for_salesforce,
            for_hubspot,
            seed=seed,
            leads=leads_count,
            duplicates=duplicates / 100,
            registrations=registrations,
            clock=SandboxClock(_moment(start_at)),
            ports=(salesforce_port, hubspot_port),
            faults=[parse(text) for text in faults],
            watched=_bar if leads_count >= MANY and sys.stderr.isatty() else unwatched,
        )
        _settle(running, settings, index_lag)
    except (leadfile.LeadFileError, FaultError, BadRequestError) as error:
        raise click.UsageError(str(error)) from None
    try:
        _keep_up(running, as_json, with_parent)
    except PortTakenError as error:
        raise click.ClickException(str(error)) from None


def _leads(
    lead_file: str | None, mapping: tuple[str, ...], into: str
) -> tuple[leadfile.Leads | None, leadfile.Leads | None]:
    pairs = leadfile.parse_mapping(mapping)
    if lead_file is None:
        if pairs:
            raise leadfile.LeadFileError("--map says where a file's columns go; name the file with --leads.")
        return None, None
    return leadfile.split(Path(lead_file), pairs, into)


def _bar(leads: Iterator[Lead], label: str, count: int) -> Iterator[Lead]:
    with click.progressbar(leads, count, label, file=sys.stderr, update_min_steps=1000) as bar:
        yield from bar


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequestError(f'--start-at needs a time like 2026-11-02T09:00Z, not "{text}".') from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def _settle(running: Sandbox, settings: tuple[str, ...], index_lag: float | None) -> None:
    """Make the CRMs behave as asked, before anyone looks."""
    given = [*settings, *([] if index_lag is None else [f"hubspot.index_delay={index_lag}"])]
    for text in given:
        target, equals, value = text.partition("=")
        crm, dot, name = target.partition(".")
        if not equals or not dot or crm not in CRMS:
            raise BadRequestError(
                f'"{text}" is not CRM.NAME=VALUE; write for example hubspot.index_delay=30.'
            )
        change((running.org if crm == "salesforce" else running.portal).settings, {name: value})


def _keep_up(running: Sandbox, as_json: bool, with_parent: bool) -> None:
    """Serve until a signal comes, or the parent goes."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    if with_parent:
        threading.Thread(target=_until_parent_goes, args=(over,), daemon=True).start()
    with running:
        click.echo(_as_json(running) if as_json else _as_text(running))
        over.wait()


def _until_parent_goes(over: threading.Event) -> None:
    """A parent that ends, however it ends, closes our standard input."""
    while os.read(0, 1024):
        pass
    over.set()


def _as_json(running: Sandbox) -> str:
    return orjson.dumps(
        {
            "salesforce": {"url": running.salesforce_url, **SALESFORCE_LOGIN},
            "hubspot": {"url": running.hubspot_url, **HUBSPOT_LOGIN},
            "pid": os.getpid(),
        }
    ).decode()


def _as_text(running: Sandbox) -> str:
    return f"""\
The sandbox is up. Nothing leaves this machine.

  Salesforce  {running.salesforce_url}
              client credentials: key {SALESFORCE_LOGIN["key"]}, secret {SALESFORCE_LOGIN["secret"]}
              pipeline page: {running.salesforce_url}/pipeline
  HubSpot     {running.hubspot_url}
              access token: {HUBSPOT_LOGIN["token"]}
              pipeline page: {running.hubspot_url}/pipeline

Faults, calls, clock: /__sandbox__ on either port. Ctrl-C stops it."""


if __name__ == "__main__":
    sandbox()
