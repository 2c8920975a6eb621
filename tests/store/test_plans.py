"""No step of a cycle takes longer because a database has grown: SQLite finds every row by an index."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from connector.store import Store, StoreSettings
from tests.conftest import Clock
from tests.sync.world import CsvWorld

GOING_LIVE = "UPDATE lead SET state=?, ledger=?"
"""Asked once, when a daemon starts."""
GROWING = "lead|outbox|assignment|assignment_event|decision|decision_input|identity|progress|alias"


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Any, str]]:
    """Every statement of a few days of cycles, with its values and a step of its plan."""
    folder, clock = tmp_path_factory.mktemp("plans"), Clock()
    store = Store.open(StoreSettings(url="sqlite:///plans.db"), folder)
    asked: dict[str, tuple[str, Any]] = {}

    @event.listens_for(store.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, text: str, values: Any, _context: Any, many: bool) -> None:
        if text.split()[0] in ("SELECT", "UPDATE", "DELETE"):
            shape = re.sub(r"\(\?(, \?)*\)", "(?)", text)
            asked.setdefault(shape, (text, values[0] if many else values))

    world = CsvWorld(folder, store, clock)
    _a_few_days(world)
    store.close()
    return list(_explained(folder / "plans.db", asked.values()))


def _a_few_days(world: CsvWorld) -> None:
    for number in range(1, 6):
        world.lead(number)
    for _ in range(20):
        world.run()
    for number in range(6, 9):
        world.lead(number)
    world.lead(1, owner="queue:Intake")
    for _ in range(3):
        world.run(20)
    world.run(60 * 25)


def _explained(path: Path, asked: Any) -> Iterator[tuple[str, Any, str]]:
    with sqlite3.connect(path) as connection:
        for text, values in asked:
            for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values):
                yield " ".join(text.split()), values, row[3]
    connection.close()


def test_no_growing_table_is_looked_through(plans: list[tuple[str, Any, str]]) -> None:
    assert len({text for text, _, _ in plans}) > 50
    assert [(text, step) for text, _, step in plans if re.match(rf"SCAN ({GROWING})\b", step)] == []


def test_no_index_is_chosen_by_what_is_true_of_nearly_all(plans: list[tuple[str, Any, str]]) -> None:
    wrong = [
        (text, step)
        for text, values, step in plans
        if ("lead_waiting" in step and "decided" in values and not text.startswith(GOING_LIVE))
        or ("outbox_due" in step and {"settled", "superseded"}.intersection(map(str, values)))
        or step.endswith("assignment_under_way (crm=? AND ledger=?)")
        or ("assignment_load" in step and "GROUP BY" not in text)
    ]
    assert wrong == []


def test_what_is_to_be_sent_is_found_in_its_order(plans: list[tuple[str, Any, str]]) -> None:
    """However much waits: a backfill has decided all of its leads before the first is written."""
    takes = {text for text, _, _ in plans if "FROM outbox WHERE" in text and "ORDER BY outbox.id" in text}
    steps = [(text, step) for text, _, step in plans if text in takes and "outbox_to_send" in step]
    assert steps
    sorting = [text for text, _, step in plans if text in dict(steps) and step.startswith("USE TEMP B-TREE")]
    assert sorting == []
