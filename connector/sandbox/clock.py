"""The sandbox's time: the system's, moved as asked, or standing still until it is moved."""

from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Callable as a clock. Started at a time, it stands still there; else it runs with the system's."""

    def __init__(self, at: datetime | None = None) -> None:
        self._at = at
        self._moved = timedelta()
        self._skews: dict[str, timedelta] = {}

    def __call__(self) -> datetime:
        return (self._at or datetime.now(UTC)) + self._moved

    def advance(self, seconds: float) -> datetime:
        """Move on by some seconds; returns the new time."""
        self._moved += timedelta(seconds=seconds)
        return self()

    def skew(self, crm: str, seconds: float) -> None:
        """Let one CRM's clock go before (or, below 0, after) the other's."""
        self._skews[crm] = timedelta(seconds=seconds)

    def of(self, crm: str) -> datetime:
        """The time as one CRM has it."""
        return self() + self._skews.get(crm, timedelta())
