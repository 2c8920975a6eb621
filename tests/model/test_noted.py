"""Whatever a decision reads of a snapshot is noted, as it was before the batch."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest

from connector.model.data import plain, typed
from connector.model.decision import Decision, Outcome, Turn
from connector.model.lead import Lead, Ref
from connector.model.noted import Notes, as_noted
from connector.model.snapshot import Leader, Snapshot
from tests.builders import leads
from tests.conftest import NOW

ONE, TWO = Ref("salesforce", "000001"), Ref("salesforce", "000002")


def a_snapshot() -> Snapshot:
    snapshot = Snapshot(NOW, held_since={ONE: NOW, TWO: NOW}, inherited={TWO: "bert"})
    snapshot.load.update(anna=3, bert=1, cora=9)
    snapshot.credits["r"].update(anna=5, bert=-5)
    snapshot.given["anna"].append(NOW)
    return snapshot


def given_to(partner: str, ref: Ref) -> Decision:
    turn = Turn("r", partner, {"anna": -7, "bert": 7})
    return Decision(ref, NOW, Outcome.ASSIGNED, partner=partner, turns=(turn,))


def read_back(notes: Notes, *places: int) -> Snapshot:
    shared, own = orjson.loads(orjson.dumps([notes.shared, [notes.own(place) for place in places]]))
    return as_noted(shared, own)


def test_values_are_those_from_before_the_batch() -> None:
    notes = Notes(a_snapshot())
    snapshot = notes.snapshot
    for lead in notes.each(leads(2)):
        snapshot.load.get("anna")
        snapshot.credits["r"].get("bert")
        snapshot.given.get("anna")
        snapshot.apply(given_to("anna", lead.ref))
    assert snapshot.load["anna"] == 5
    before = read_back(notes, 0, 1)
    assert before.load == Counter(anna=3)
    assert before.credits == {"r": {"anna": 5, "bert": -5}}
    assert before.given == {"anna": [NOW]}
    before.apply(given_to("anna", ONE))
    before.apply(given_to("anna", TWO))
    assert before.load["anna"] == 5
    assert before.credits["r"] == snapshot.credits["r"]


def test_what_is_only_booked_is_not_read() -> None:
    notes = Notes(a_snapshot())
    for lead in notes.each(leads(1)):
        notes.snapshot.apply(given_to("anna", lead.ref))
        notes.snapshot.load.get("bert")
    before = read_back(notes, 0)
    assert before.load == Counter(bert=1)
    assert before.credits == {}
    assert before.turns == {}


def test_what_says_something_of_a_lead_is_kept_with_its_own_decision() -> None:
    notes = Notes(a_snapshot())
    for lead in notes.each(leads(2)):
        notes.snapshot.held_since.get(lead.ref)
        notes.snapshot.inherited.get(lead.ref)
    assert "held_since" not in notes.shared
    assert notes.own(0) == {"held_since": {str(ONE): NOW.isoformat()}}
    assert read_back(notes, 1).inherited == {TWO: "bert"}
    assert read_back(notes, 0).inherited == {}


@pytest.mark.parametrize(
    "looks_at_all", [list, dict, len, bool, lambda m: m | {}, lambda m: m.copy(), sorted]
)
def test_who_looks_at_all_reads_all(looks_at_all: Any) -> None:
    notes = Notes(a_snapshot())
    looks_at_all(notes.snapshot.load)
    assert read_back(notes).load == a_snapshot().load
    assert list(read_back(notes).load) == ["anna", "bert", "cora"]


def test_a_missing_key_stays_missing() -> None:
    notes = Notes(a_snapshot())
    assert notes.snapshot.load["nobody"] == 0
    assert "nobody" not in notes.snapshot.performance
    assert notes.snapshot.given["nobody"] == []
    assert read_back(notes).load == {}
    assert read_back(notes).given == {}


@dataclass(frozen=True)
class Everything:
    """One of each type that the model is made of."""

    when: datetime = NOW
    day: date | None = None
    took: timedelta | None = None
    outcome: Outcome = Outcome.HELD
    refs: frozenset[Ref] = frozenset()
    leader: Leader | None = None
    pairs: Mapping[tuple[str, str], tuple[datetime, ...]] = field(default_factory=dict)
    fields: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    fixed: tuple[str, int] = ("", 0)


def test_every_type_of_the_model_comes_back_as_it_was() -> None:
    whole = Everything(
        datetime(2027, 1, 1, 12, tzinfo=UTC),
        date(2027, 1, 1),
        timedelta(days=3, microseconds=1),
        Outcome.OFFERED,
        frozenset({ONE, TWO}),
        Leader(ONE, Outcome.ASSIGNED),
        {("a", "b"): (NOW, NOW)},
        {"a": 1, "b": None, "c": 0.5, "d": True, "e": "x"},
        ("x", 1),
    )
    assert typed(Everything, orjson.loads(orjson.dumps(plain(whole)))) == whole
    assert plain(Everything()) == {}
    lead = leads(1, company="X", employees=3)[0]
    assert typed(Lead, orjson.loads(orjson.dumps(plain(lead)))) == lead


def test_what_has_no_form_as_data_is_no_silent_loss() -> None:
    with pytest.raises(TypeError, match="object has no form as data yet"):
        plain(object())


def test_a_place_that_a_decision_frees_is_free_again_when_it_is_replayed() -> None:
    snapshot = a_snapshot()
    snapshot.holding = {ONE: ("anna", "user:anna")}
    snapshot.load_of_owner["anna", "user:anna"] = 3
    snapshot.given_to_owner["anna", "user:anna"].append(NOW)
    notes = Notes(snapshot)
    for lead in notes.each(leads(2)):
        owners = notes.snapshot.load_of_owner.get(("anna", "user:anna"))
        notes.snapshot.given_to_owner.get(("anna", "user:anna"))
        notes.snapshot.load.get("anna")
        assert owners == (3 if lead.ref == ONE else 2)
        notes.snapshot.apply(given_to("bert", lead.ref))
    before = read_back(notes, 0, 1)
    assert before.holding == {ONE: ("anna", "user:anna")}
    before.apply(given_to("bert", ONE))
    assert before.load["anna"] == 2
    assert before.load_of_owner["anna", "user:anna"] == 2
    assert before.given_to_owner == {("anna", "user:anna"): [NOW]} | {("bert", ""): [NOW]}
