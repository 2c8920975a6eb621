"""Notices told: what went to whom, and what became of it."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from connector.store.notices import Told


def as_data(notice: Told) -> dict[str, Any]:
    """One notice as JSON values."""
    return {
        "id": notice.id,
        "at": notice.at.isoformat(),
        "kind": notice.kind,
        "lead": str(notice.ref),
        "partner": notice.partner,
        "role": notice.receiver,
        "state": notice.state,
        "tries": notice.attempts,
        "ended_at": notice.ended_at.isoformat() if notice.ended_at else None,
        "because": notice.error,
    }


def table(notices: Sequence[Told]) -> Table:
    """Notices for a terminal."""
    shown = Table(title="Notices", title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("id", "at", "kind", "lead", "partner", "role", "state", "tries", "because"):
        shown.add_column(column)
    for one in notices:
        words = (one.kind.replace("_", " "), str(one.ref), one.partner, one.receiver, one.state)
        shown.add_row(str(one.id), f"{one.at:%Y-%m-%d %H:%M} UTC", *words, str(one.attempts), one.error or "")
    return shown
