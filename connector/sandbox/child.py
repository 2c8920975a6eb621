"""Runs the sandbox in a process of its own, so that it shares no interpreter lock with its client."""

import json
import subprocess
import sys
from types import TracebackType
from typing import Self


class SandboxProcess:
    """`connector sandbox` as a child process; a context manager. Takes the command's own arguments.

    The child ends by itself when this process does, however that ends: it watches its standard input.
    """

    def __init__(self, *args: str) -> None:
        anywhere = ("--salesforce-port", "0", "--hubspot-port", "0")
        own = ("--json", "--with-parent")
        self._command = [sys.executable, "-m", "connector.commands.sandbox", *anywhere, *args, *own]
        self._process: subprocess.Popen[str] | None = None
        self.salesforce_url = ""
        self.hubspot_url = ""

    @property
    def pid(self) -> int:
        """The child's process id; raises RuntimeError when it is not running."""
        if self._process is None:
            raise RuntimeError("The sandbox is not running.")
        return self._process.pid

    def start(self) -> None:
        """Start, and wait until both CRMs answer; raises RuntimeError with what the child said."""
        self._process = subprocess.Popen(  # noqa: S603
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            self._process.communicate()
            raise RuntimeError(f"The sandbox did not start (exit code {self._process.returncode}).")
        ready = json.loads(line)
        self.salesforce_url = ready["salesforce"]["url"]
        self.hubspot_url = ready["hubspot"]["url"]

    def stop(self) -> None:
        """End the child, and wait for it."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.communicate(timeout=20)
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
