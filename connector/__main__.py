"""python -m connector"""

import sys
from importlib import import_module

import click

COMMANDS = {
    "check": "check config.toml, the secrets and the CRMs",
    "sync": "one cycle: pull, decide, deliver",
    "run": "the daemon",
    "accept": "a partner takes a lead that it was given",
    "decline": "a partner does not take a lead; the next one gets it",
    "explain": "why a lead ended where it did",
    "assign": "a partner for one lead, by hand",
    "report": "who got what",
    "status": "mode, pauses, limits, backlog, troubles, in short",
    "registrations": "deal registrations: which, why, and what they come to",
    "partners": "what partners have; retire one that leaves",
    "outbox": "writes that are not through: list, retry, drop",
    "notices": "what partners and channel managers were told",
    "pause": "let a crm, a partner or a route stand still",
    "resume": "let what is paused go on",
    "release": "let writes go that a safety limit keeps back",
    "policy": "the rules in plain words, for partners to read",
    "quality": "what of the leads' values can be understood",
    "simulate": "who would get what: the rules on a file of leads",
    "replay": "recorded decisions, computed again: do they come out the same",
    "history": "who changed the rules, what and when",
    "backup": "a consistent copy of the database, while everything runs",
    "restore": "load a backup into an empty database",
    "erase": "remove a person's data for good",
    "migrate": "bring the database to this version",
    "demo": "the whole job, on a pretend Salesforce and HubSpot",
    "sandbox": "a pretend Salesforce and HubSpot to try things on",
}


class _Lazy(click.Group):
    """Imports a command only when it is used, so that help and completion are quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"connector.commands.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="partner-lead-connector", prog_name="connector")
def cli() -> None:
    """Distributes Salesforce and HubSpot leads to channel partners.

    Exit codes: 0 done, 1 something needs a person, 2 the config or the usage is wrong.
    """


def main() -> None:
    """Run the command line."""
    from connector.commands.common import reported

    sys.exit(reported(cli))


if __name__ == "__main__":
    main()
