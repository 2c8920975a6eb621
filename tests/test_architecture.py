"""The rooms may only look where the house plan lets them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "connector"

ROOMS = {
    "model": set(),
    "routing": {"model"},
    "sources": {"model"},
    "store": {"model"},
    "notices": {"model", "store"},
    "sync": {"model", "routing", "sources", "store"},
    "config": {"model", "routing", "sources", "store", "sync", "notices"},
    "reports": {"model", "routing", "store"},
    "sandbox": set(),
}
"""Each room, and the rooms that it may import besides itself."""

IMPURE = {
    "sqlmodel",
    "sqlalchemy",
    "requests",
    "urllib3",
    "hubspot",
    "simple_salesforce",
    "os",
    "time",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "pathlib",
}
SQL = {"sqlalchemy", "sqlmodel", "sqlite3", "psycopg", "alembic"}
SESSION = "sqlalchemy.orm"


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write absolute imports"
            yield node.module or ""


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_its_neighbours(room: str) -> None:
    allowed = {room, *ROOMS[room]}
    found = modules(room)
    assert found
    for path in found:
        for name in imports(path):
            if name.startswith("connector."):
                assert name.split(".")[1] in allowed, f"{path.relative_to(ROOT)} may not import {name}"


def test_every_room_is_on_the_plan() -> None:
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms == {*ROOMS, "commands"}


@pytest.mark.parametrize("room", ["model", "routing"])
def test_nouns_and_verbs_touch_nothing(room: str) -> None:
    for path in modules(room):
        used = {name.split(".")[0] for name in imports(path)}
        assert not used & IMPURE, f"{path.relative_to(ROOT)} imports {used & IMPURE}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today"):
                target = ast.unparse(node.value)
                assert target not in ("datetime", "date", "datetime.datetime"), f"{path}: time is an argument"


def test_only_the_store_speaks_sql() -> None:
    for room in ROOMS.keys() - {"store", "sandbox"}:
        for path in modules(room):
            foreign = {name for name in imports(path) if name.split(".")[0] in SQL and name != SESSION}
            assert not foreign, f"{path.relative_to(ROOT)} imports {foreign}"


@pytest.mark.parametrize("oracle", ["eyes.py", "chaos/oracle.py", "stories/week/oracle.py"])
def test_an_oracle_shares_no_code_with_what_it_judges(oracle: str) -> None:
    own = {
        name
        for name in imports(ROOT.parent / "tests" / oracle)
        if name.split(".")[0] in ("connector", "tests")
    }
    assert own <= {"tests.eyes"}


def test_no_module_is_a_placeholder() -> None:
    for path in ROOT.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), f"{path.relative_to(ROOT)} has no caption"
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and node.exc is not None:
                assert "NotImplementedError" not in ast.unparse(node.exc), f"{path}: a placeholder"
