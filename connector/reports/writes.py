"""Writes on their way to the CRMs, as data and as a table."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from connector.store.stuck import OutboxWrite


def as_data(write: OutboxWrite) -> dict[str, Any]:
    """One write as JSON values; what is written is told by the names of its fields only."""
    return {
        "id": write.id,
        "ref": str(write.ref),
        "state": write.state,
        "partner": write.partner,
        "route": write.route,
        "fields": sorted(write.values),
        "attempts": write.attempts,
        "created_at": write.created_at.isoformat(),
        "next_at": write.next_at.isoformat() if write.state == "postponed" else None,
        "sending_by": write.sending_by,
        "error": write.error,
        "code": write.code,
        "fix": write.fix,
    }


def table(writes: Sequence[OutboxWrite]) -> Table:
    """Writes for a person, with what went wrong and what to do."""
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("id", "lead", "state", "partner", "since (UTC)", "tries", "what went wrong, and the fix"):
        shown.add_column(column, overflow="fold")
    for write in writes:
        shown.add_row(
            str(write.id),
            str(write.ref),
            write.state,
            write.partner or "-",
            f"{write.created_at:%Y-%m-%d %H:%M}",
            str(write.attempts),
            trouble(write.error, write.fix),
        )
    return shown


def trouble(error: str | None, fix: str | None) -> str:
    """What went wrong and the fix, in one cell."""
    return "\n".join(part for part in (error, f"Fix: {fix}" if fix else None) if part)
