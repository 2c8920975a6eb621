"""What a daemon is called, and whether one of that name can still be at work."""

import os
from dataclasses import dataclass
from typing import Self
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Daemon:
    """One run of the connector: its host, its process id there, and a token that no other run has."""

    host: str
    pid: int
    token: str

    @classmethod
    def here(cls, host: str) -> Self:
        """This run."""
        return cls(host, os.getpid(), uuid4().hex[:8])

    def __str__(self) -> str:
        return f"{self.host}/{self.pid}/{self.token}"

    def knows_ended(self, name: str) -> bool:
        """Whether another run is surely over: one of this host whose process is no more, or is ours now.

        What runs elsewhere is only known by its silence.
        """
        host, _, rest = name.rpartition("/")[0].rpartition("/")
        if name == str(self) or host != self.host or not rest.isdecimal():
            return False
        return int(rest) == self.pid or not _is_alive(int(rest))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
