"""Speed to lead, told: median and 90th percentile of each step."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from connector.model.performance import Followed
from connector.routing.pace import STEPS, speed


def speed_data(followed: Sequence[Followed], names: Mapping[str, str]) -> dict[str, Any]:
    """Speed to lead in minutes: median and 90th percentile of each step, in all, by partner and by route."""
    ways = {
        "in_all": lambda one: "in all",
        "by_partner": lambda one: names.get(one.partner, one.partner),
        "by_route": lambda one: one.route or "(standing)",
    }
    return {
        name: {
            key: {step: asdict(took) for step, took in steps.items()} for key, steps in sorted(found.items())
        }
        for name, by in ways.items()
        for found in [speed(followed, by)]
    }


def speed_tables(data: Mapping[str, Any], days: int) -> RenderableType:
    """The same for a terminal."""
    parts: list[RenderableType] = []
    for name, lines in data.items():
        table = _table(
            f"Speed to lead of {days} days, {name.replace('_', ' ')}: median / 90th percentile (count)",
            "",
            *(step.replace("_", " ") for step in STEPS),
        )
        for key, steps in lines.items():
            table.add_row(key, *(_took(steps[step]) for step in STEPS))
        parts += [table, Text()]
    return Group(*parts)


def _took(took: Mapping[str, Any]) -> str:
    return f"{_time(took['median'])} / {_time(took['p90'])} ({took['count']})" if took["count"] else "-"


def _time(minutes: float | None) -> str:
    if minutes is None:
        return "-"
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h" if minutes < 2880 else f"{minutes / 1440:.1f} d"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right")
    return table
