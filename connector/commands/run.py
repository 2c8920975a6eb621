"""The daemon."""

import signal
from pathlib import Path
from types import FrameType

import click

from connector.commands.common import CONFIG


@click.command
@CONFIG
def run(config_path: Path) -> None:
    """Run cycles on the configured schedule until SIGTERM or Ctrl-C."""
    from connector.app import App, configure_logs
    from connector.config import load
    from connector.sync.schedule import run_until_stopped

    config = load(config_path)
    configure_logs()
    with App(config) as app:

        def ask(number: int, frame: FrameType | None) -> None:
            app.stop.ask()

        signal.signal(signal.SIGTERM, ask)
        signal.signal(signal.SIGINT, ask)
        app.cycle.begin()
        run_until_stopped(app.cycle.run, config.settings.schedule.pull, app.stop)
