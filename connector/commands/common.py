"""What every command shares: where the config is, exit codes, errors as sentences, progress."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

NEEDS_A_PERSON = 1
WRONG_USAGE = 2

CONFIG = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    default=Path("config.toml"),
    show_default=True,
    help="The config file.",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for a machine.")


def reported(command: Callable[..., Any]) -> int:
    """Run a command; foreseen errors become one sentence each on standard error, and an exit code."""
    try:
        ended = command(standalone_mode=False)
    except click.Abort:
        return NEEDS_A_PERSON
    except click.ClickException as error:
        error.show()
        return WRONG_USAGE
    except Exception as error:
        code = _told(error)
        if code is None:
            raise
        return code
    return ended if isinstance(ended, int) else 0


def _told(error: Exception) -> int | None:
    from connector.config import BadConfig
    from connector.sources.base import SourceError
    from connector.sources.secrets import MissingSecret
    from connector.store.engine import StoreTrouble, StoreUnusable
    from connector.sync.stopping import Stopped

    if isinstance(error, BadConfig):
        for problem in error.problems:
            click.echo(str(problem), err=True)
        return WRONG_USAGE
    if isinstance(error, MissingSecret | StoreUnusable):
        click.echo(str(error), err=True)
        return WRONG_USAGE
    if isinstance(error, SourceError | StoreTrouble):
        click.echo(str(error), err=True)
        return NEEDS_A_PERSON
    return 0 if isinstance(error, Stopped) else None


def print_json(data: Any) -> None:
    """Print one JSON object."""
    import orjson

    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


@contextmanager
def progress_bars() -> Iterator[Callable[[str, str, int], None]]:
    """Shows how many records each step has done, when a person watches; nothing when piped."""
    if not sys.stderr.isatty():
        yield lambda step, crm, count: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def advance(step: str, crm: str, count: int) -> None:
            name = f"{step} {crm}".strip()
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=None)
            bars.advance(tasks[name], count)

        yield advance
