"""Secrets by reference: `env:NAME` or `file:PATH`."""

import os
from pathlib import Path


class MissingSecret(Exception):
    """A referenced secret is not there; the message names the reference, never a value."""


def secret(reference: str, folder: Path) -> str:
    """The secret that a reference points to; relative paths start at `folder`."""
    kind, _, name = reference.partition(":")
    if kind == "env":
        value = os.environ.get(name, "")
        missing = f"the environment variable {name} is not set"
    else:
        value, missing = _read(folder / name)
    if not value:
        raise MissingSecret(f"{missing}; set it or point {reference!r} elsewhere")
    return value


def _read(path: Path) -> tuple[str, str]:
    try:
        return path.read_text(encoding="utf-8").strip(), f"the secret file {path} is empty"
    except OSError as error:
        return "", f"the secret file {path} cannot be read ({error.strerror})"
