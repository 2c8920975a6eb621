"""What is wrong with a database, and what to do, as one sentence."""

from collections.abc import Mapping

REMEDIES: Mapping[str, str] = {
    "readonly": "let this user write the file and its folder",
    "read-only": "it is a standby or was set so: name the one that takes writes in [store] url",
    "is full": "make room on its disk, and work goes on by itself",
    "No space left": "make room on its disk, and work goes on by itself",
    "could not extend": "make room on its disk, and work goes on by itself",
    "is locked": "another program holds it: end whatever else has it open",
    "malformed": "the file is damaged: put a backup in its place, as docs/operations.md tells",
    "not a database": "the file is damaged or something else: put a backup in its place, or name another",
    "unable to open": "make the folder, and let this user read and write there",
    "disk I/O": "look after its disk, which fails",
    "Connection refused": "start the server, or correct the address in [store] url",
    "authentication failed": "correct user and password in [store] url",
}
"""What to do, by a part of what the database says."""


def reason_of(error: BaseException) -> str:
    """The first line of what the database itself said."""
    said = getattr(error, "orig", None) or error
    return (str(said).strip().splitlines() or [type(said).__name__])[0]


def remedy(reason: str) -> str | None:
    """What to do about it, None where nothing is known."""
    return next((what for part, what in REMEDIES.items() if part.casefold() in reason.casefold()), None)
