"""Named moments between two steps, at which a proof may end the process as a power cut would."""

import os
import signal
from collections import Counter

STEPS = (
    "pull.read",
    "pull.taken",
    "decide.decided",
    "decide.recorded",
    "deliver.taken",
    "deliver.compared",
    "deliver.written",
    "deliver.settled",
)
"""Before and after each transaction, and each call to a CRM that changes something."""

OF_REGISTRATIONS = (
    "registrations.taken",
    "registrations.ruled",
    "answers.taken",
    "answers.compared",
    "answers.written",
    "answers.settled",
)
"""The same on the way of a deal registration."""

_seen: Counter[str] = Counter()


def passed(step: str) -> None:
    """A moment has come; nothing happens, unless CONNECTOR_KILL_AT names it as `step:times`."""
    at, _, times = os.environ.get("CONNECTOR_KILL_AT", "").partition(":")
    if step == at:
        _seen[step] += 1
        if _seen[step] == int(times or 1):
            os.kill(os.getpid(), signal.SIGKILL)
