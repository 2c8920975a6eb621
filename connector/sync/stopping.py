"""Stopping between two steps, never inside one."""

import threading

_LOOKS_UP_EVERY = 1.0


class Stopped(Exception):
    """The daemon was asked to stop; what was under way is safe to take up again."""


class Stop:
    """A request to stop, and pauses that end with it."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        """Ask for a stop; may be called from a signal handler."""
        self._asked.set()

    @property
    def asked(self) -> bool:
        """Whether a stop was asked for."""
        return self._asked.is_set()

    def check(self) -> None:
        """Stopped, if a stop was asked for."""
        if self.asked:
            raise Stopped

    def pause(self, seconds: float) -> None:
        """Wait; Stopped as soon as a stop is asked for."""
        if self._asked.wait(seconds):
            raise Stopped

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until a stop is asked for, at most `seconds`; whether it was."""
        if seconds is not None:
            return self._asked.wait(seconds)
        # A signal that another thread takes, as happens right after a SIGCONT, does not wake a wait without
        # end, and its handler runs in this thread only.
        while not self._asked.wait(_LOOKS_UP_EVERY):
            pass
        return True
