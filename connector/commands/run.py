"""The daemon."""

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from connector.commands.common import CONFIG

if TYPE_CHECKING:
    from connector.app import App


@click.command
@CONFIG
def run(config_path: Path) -> None:
    """Run cycles on the configured schedule until SIGTERM or Ctrl-C."""
    from connector.app import App, configure_logs
    from connector.config import load
    from connector.sync.schedule import Pulse, run_until_stopped

    config = load(config_path)
    configure_logs()
    with App(config, unhurried=False) as app:

        def ask(number: int, frame: FrameType | None) -> None:
            app.stop.ask()

        signal.signal(signal.SIGTERM, ask)
        signal.signal(signal.SIGINT, ask)
        pulse = Pulse(app.cycle.give_sign, app.cycle.sign_every)
        every = config.settings.schedule.pull
        run_until_stopped(_beginning(app), every, app.stop, partial(_abandon, app), pulse)


def _beginning(app: "App") -> Callable[[], object]:
    """Cycles, of which the first that can takes up what an earlier run left."""
    begun = False

    def cycle() -> object:
        nonlocal begun
        if not begun:
            app.cycle.begin()
            begun = True
        return app.cycle.run()

    return cycle


def _abandon(app: "App") -> None:
    """End at once, outside any transaction: a call to a CRM may be cut off, since it can be repeated."""
    with app.store.between_transactions():
        os._exit(0)
