"""Brings up real connector processes fast: a parent that has imported everything, and forks."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parent.parent.parent


class Nursery:
    """Starts `connector` commands as processes of their own; a context manager that ends them all."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self._ended: dict[int, int] = {}

    @property
    def pid(self) -> int:
        """The process whose children the commands are."""
        return self._parent.pid

    def start(self, *args: str, log: Path, **env: str) -> int:
        """Run `connector ARGS`; its process id. What it says on standard error goes to `log`."""
        self._say({"args": args, "env": env, "log": str(log)})
        return int(self._hear("born")["born"])

    def wait(self, pid: int) -> int:
        """How a child ended: its exit code, or minus the signal that ended it."""
        while pid not in self._ended:
            self._say({"wait": pid})
            self._hear("ended")
        return self._ended.pop(pid)

    def alive(self, pid: int) -> bool:
        """Whether a child has not ended yet."""
        self._say({"alive": pid})
        return bool(self._hear("alive")["alive"])

    def _say(self, words: Mapping[str, object]) -> None:
        assert self._parent.stdin
        self._parent.stdin.write(json.dumps(words) + "\n")
        self._parent.stdin.flush()

    def _hear(self, key: str) -> dict[str, int]:
        assert self._parent.stdout
        heard: dict[str, int] = json.loads(self._parent.stdout.readline())
        assert key in heard, heard
        if key == "ended":
            self._ended[heard["ended"]] = heard["code"]
        return heard

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._parent.stdin
        self._parent.stdin.close()
        self._parent.wait(timeout=30)
        assert self._parent.stdout
        self._parent.stdout.close()


def _child(args: list[str], env: Mapping[str, str], log: str) -> None:
    os.environ.update(env)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.argv = ["connector", *args]
    if "CHAOS_LARGEST_FILE" in env:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        largest = int(env["CHAOS_LARGEST_FILE"])
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    _set_clock(
        env.get("CHAOS_AHEAD", "0"),
        float(env.get("CHAOS_HASTE", "1")),
        float(env.get("CHAOS_LEASE", "30")),
    )
    _let_go_after(env.get("CHAOS_IDLE", "30"))
    if "CHAOS_ONLY_READING" in env:
        _let_files_only_be_read()
    from connector.__main__ import main

    try:
        main()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended.code if isinstance(ended.code, int) else 1)


def _set_clock(ahead: str, haste: float, lease: float) -> None:
    """Let this process believe that it is later by so many seconds, or by those that a file says, pause so
    many times shorter, and take leases for so many seconds."""
    from connector.app import App
    from connector.sync.leases import Leases
    from connector.sync.stopping import Stop

    pause = Stop.pause

    def shorter(stop: Stop, seconds: float) -> None:
        pause(stop, seconds / haste)

    leases: Any = Leases.__init__
    leases.__defaults__ = (lease,)
    defaults: Any = App.__init__.__kwdefaults__
    defaults["now"] = lambda: datetime.now(UTC) + timedelta(seconds=_seconds(ahead))
    setattr(Stop, "pause", shorter)  # noqa: B010  # only in this child


def _seconds(ahead: str) -> float:
    return float(Path(ahead).read_text(encoding="utf-8") if "/" in ahead else ahead)


def _let_go_after(idle: str) -> None:
    """Let PostgreSQL wait so long for a process that was stopped inside a transaction."""
    from connector.store import engine

    setattr(engine, "LONGEST_PAUSE", timedelta(seconds=float(idle)))  # noqa: B010  # only in this child


def _let_files_only_be_read() -> None:
    """As if the database file were write-protected, for root as well."""
    from connector.store import engine

    pragmas = engine._sqlite_pragmas

    def protected(connection: Any, record: Any) -> None:
        pragmas(connection, record)
        connection.execute("PRAGMA query_only=ON").close()

    setattr(engine, "_sqlite_pragmas", protected)  # noqa: B010  # only in this child


def _tell(**words: int) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def _serve() -> None:
    import connector.app
    import connector.commands.run
    import connector.commands.sync
    import connector.config
    import connector.reports.summary
    import connector.sources.hubspot
    import connector.sources.salesforce  # noqa: F401

    children: set[int] = set()
    for line in sys.stdin:
        asked = json.loads(line)
        if "alive" in asked:
            gone = os.waitid(os.P_PID, asked["alive"], os.WEXITED | os.WNOHANG | os.WNOWAIT)
            _tell(alive=gone is None)
            continue
        if "wait" in asked:
            pid, status = os.waitpid(asked["wait"], 0)
            children.discard(pid)
            _tell(ended=pid, code=os.waitstatus_to_exitcode(status))
            continue
        pid = os.fork()
        if pid == 0:
            _child(asked["args"], asked["env"], asked["log"])
            os._exit(1)
        children.add(pid)
        _tell(born=pid)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    _serve()
