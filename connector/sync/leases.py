"""What this daemon does alone: its leases, and the fence that each transaction passes."""

from collections.abc import Callable
from contextlib import suppress

from sqlalchemy.orm import Session

from connector.store import Store
from connector.store.leases import Lease, LeaseLost, fence, give_up, note_alive, take
from connector.sync.daemons import Daemon

SECONDS = 30.0
"""How long a daemon may be silent before another takes its work over; each transaction renews it."""

Fence = Callable[[Session], None]
"""Passed first in a transaction that rests on a lease; LeaseLost when another daemon has taken over."""


class Leases:
    """The leases of one daemon."""

    def __init__(self, store: Store, daemon: Daemon, seconds: float = SECONDS):
        self._store = store
        self._daemon = daemon
        self._seconds = seconds
        self._held: dict[str, Lease] = {}

    def take(self, name: str) -> Fence | None:
        """The fence of a lease, or None while another daemon has it."""
        with self._store.aside() as session:
            lease = take(session, name, str(self._daemon), self._seconds, self._daemon.knows_ended)
        if lease is None:
            self._held.pop(name, None)
            return None
        self._held[name] = lease
        return lambda session: fence(session, lease)

    def check(self, session: Session, name: str) -> None:
        """Pass the fence of a lease, if it was ever taken: before each call to a CRM."""
        lease = self._held.get(name)
        if lease is not None:
            fence(session, lease)

    @property
    def sign_every(self) -> float:
        """Seconds between two signs of life."""
        return self._seconds / 3

    def give_sign(self, config_hash: str) -> None:
        """A sign of life: what is done alone goes on so, also while nothing is to be done."""
        with self._store.aside() as session:
            note_alive(session, str(self._daemon), config_hash)
            for lease in sorted(self._held.values(), key=lambda lease: lease.name):
                with suppress(LeaseLost):  # whoever rests on it will notice
                    fence(session, lease)

    def give_up(self) -> None:
        """Let others take over at once."""
        self._held.clear()
        with self._store.aside() as session:
            give_up(session, str(self._daemon))
