"""The files that config.toml names: their text, and a problem at the key of each that cannot be read."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from connector.model.files import FileName
from connector.routing.policy import Where

_PASSWORD = re.compile(r"(://[^/\s:@\"']*):[^@/\s\"']+@")

Unreadable = tuple[Where, str]
"""The key that names a file, and why its text cannot be had."""

ReadFiles = tuple[dict[str, str], list[Unreadable]]
"""The text of files by name, and those that cannot be read."""


def read_files(settings: BaseModel, folder: Path) -> ReadFiles:
    """The text of every file that the settings name, by the name as written; paths start at `folder`."""
    texts: dict[str, str] = {}
    unreadable: list[Unreadable] = []
    for where, name in named_files(settings):
        try:
            texts[name] = (folder / name).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            unreadable.append((where, f"there is no file {name!r}; its path starts at the config's folder"))
        except UnicodeDecodeError:
            unreadable.append((where, f"the file {name!r} is not UTF-8 text; save it as UTF-8"))
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            unreadable.append((where, f"the file {name!r} cannot be read ({why})"))
    return texts, unreadable


def named_files(value: Any, where: Where = ()) -> Iterator[tuple[Where, str]]:
    """The way to every key of type FileName in the settings, and the name that it holds."""
    if isinstance(value, FileName):
        yield where, str(value)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from named_files(getattr(value, name), (*where, name))
    elif isinstance(value, Mapping):
        for name, inside in value.items():
            yield from named_files(inside, (*where, str(name)))
    elif isinstance(value, tuple | list):
        for place, inside in enumerate(value):
            yield from named_files(inside, (*where, place))


def config_hash(text: str, files: Mapping[str, str]) -> str:
    """What identifies the rules: config.toml and every file that it names, letter for letter."""
    whole = hashlib.sha256(text.encode())
    for name, inside in sorted(files.items()):
        whole.update(b"\0" + name.encode() + b"\0" + inside.encode())
    return whole.hexdigest()[:16]


def without_passwords(text: str) -> str:
    """The same text, but for passwords in addresses such as that of a database."""
    return _PASSWORD.sub(r"\1:***@", text)
