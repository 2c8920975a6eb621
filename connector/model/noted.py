"""A snapshot that notes what decisions read of it, so that they can be computed again."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import Field, fields
from typing import Any, get_args

from connector.model.data import plain, typed, types_of
from connector.model.decision import Decision
from connector.model.lead import Lead, Ref
from connector.model.snapshot import Snapshot

PERSONAL = {"personal": True}
"""Metadata of a Snapshot's field whose keys say something of a person; keys of type Ref always do."""


class Notes:
    """What the decisions of one batch read of a snapshot, as it was before the first of them.

    Let them read `snapshot` instead of the one given, and take their leads from `each`. What they read of
    partners and rotations is `shared` by the batch; what they read of leads and persons is each decision's
    `own`, so that it can be erased with the person.
    """

    def __init__(self, snapshot: Snapshot):
        self._read: dict[str, _Reads] = {}
        self._own: list[dict[str, set[Any]]] = []
        self.applying = False
        parts = {f.name: self._noting(f, getattr(snapshot, f.name)) for f in fields(snapshot)}
        self._whole = {
            name: plain(part)
            for name, part in parts.items()
            if name not in self._read and name not in _unread()
        }
        self.snapshot: Snapshot = _Noted(**parts)
        self.snapshot.notes = self

    def _noting(self, field: Field[Any], part: Any) -> Any:
        if not isinstance(part, Mapping):
            return part
        self._read[field.name] = noting = _noting(part)
        personal = field.name if field.name in _personal() else None
        noting.start(self, personal, found="found" in field.metadata, moves="moves" in field.metadata)
        return noting

    def each(self, leads: Iterable[Lead]) -> Iterator[Lead]:
        """The same leads; between one and the next, what is read is read for the one."""
        for lead in leads:
            self._own.append(defaultdict(set))
            yield lead

    def note_own(self, name: str, key: Any) -> None:
        """Something of a lead or a person was read for the lead under way."""
        if self._own:
            self._own[-1][name].add(key)

    @property
    def shared(self) -> dict[str, Any]:
        """What was read of partners and rotations, as JSON values by field."""
        read = {n: part.taken(part.read) for n, part in self._read.items() if n not in _personal()}
        return self._whole | {name: taken for name, taken in read.items() if taken}

    def own(self, place: int) -> dict[str, Any]:
        """What was read for the lead at this place, as JSON values by field."""
        read = {name: self._read[name].taken(keys) for name, keys in self._own[place].items()}
        return {name: taken for name, taken in read.items() if taken}


def as_noted(shared: Mapping[str, Any], own: Iterable[Mapping[str, Any]]) -> Snapshot:
    """The snapshot from before a batch, as far as it was read; `own` are the parts of all its decisions."""
    kinds = types_of(Snapshot)
    snapshot = Snapshot(typed(kinds["now"], shared["now"]))
    for name in _unread():
        setattr(snapshot, name, None)
    for part in (shared, *own):
        for name, data in part.items():
            held, value = getattr(snapshot, name), typed(kinds[name], data)
            if isinstance(held, dict):
                held.update({key: _like(held, one) for key, one in value.items()})
            else:
                setattr(snapshot, name, value)
    return snapshot


def _like(held: Any, value: Any) -> Any:
    """A value in the kind of container that the field makes for a key that is missing."""
    made = held.default_factory() if isinstance(held, defaultdict) and held.default_factory else None
    if isinstance(made, Counter) and isinstance(value, Mapping):
        return Counter(value)
    return value


def _unread() -> frozenset[str]:
    return frozenset(f.name for f in fields(Snapshot) if f.metadata.get("unread"))


def _personal() -> frozenset[str]:
    kinds = types_of(Snapshot)
    return frozenset(
        f.name
        for f in fields(Snapshot)
        if f.metadata.get("personal") or (get_args(kinds[f.name]) or (None,))[0] is Ref
    )


class _Noted(Snapshot):
    """What the store books of a decision is not read by one."""

    notes: Notes

    def apply(self, decision: Decision) -> None:
        self.notes.applying = True
        super().apply(decision)
        self.notes.applying = False


class _Reads(dict[Any, Any]):
    """A mapping that keeps each key's value from before it was first read or written, and what was read."""

    def start(self, notes: Notes, personal: str | None, *, found: bool, moves: bool) -> None:
        self.notes, self.personal, self.found, self.moves = notes, personal, found, moves
        self.first: dict[Any, Any] = {}
        self.read: set[Any] = set()

    def taken(self, keys: Iterable[Any]) -> Any:
        """The first values of these keys as JSON values, in the order of the mapping."""
        found = [key for key in keys if self.first[key] is not _ABSENT]
        if len(found) > 1:
            wanted = set(found)
            found = [key for key in dict.keys(self) if key in wanted]
        return plain({key: self.first[key] for key in found})

    def _note(self, key: Any) -> None:
        if key not in self.first:
            self.first[key] = _kept(dict.get(self, key, _ABSENT))
        if self.moves or not self.notes.applying:
            if self.personal:
                self.notes.note_own(self.personal, key)
            else:
                self.read.add(key)

    def _note_all(self) -> None:
        for key in dict.keys(self):
            self._note(key)

    def __getitem__(self, key: Any) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def get(self, key: Any, default: Any = None) -> Any:
        self._note(key)
        return dict.get(self, key, default)

    def __contains__(self, key: Any) -> bool:
        self._note(key)
        return dict.__contains__(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.found:  # what is filled in while deciding is what is read
            self.first[key] = _kept(value)
        elif key not in self.first:
            self.first[key] = _kept(dict.get(self, key, _ABSENT))
        super().__setitem__(key, value)

    def __iter__(self) -> Iterator[Any]:
        self._note_all()
        return super().__iter__()

    def __len__(self) -> int:
        self._note_all()
        return super().__len__()

    def keys(self) -> Any:
        self._note_all()
        return super().keys()

    def values(self) -> Any:
        self._note_all()
        return super().values()

    def items(self) -> Any:
        self._note_all()
        return super().items()

    def copy(self) -> Any:
        self._note_all()
        return super().copy()

    def __or__(self, other: Any) -> Any:
        self._note_all()
        return super().__or__(other)


class _ReadsCounter(_Reads, Counter[Any]):
    pass


class _ReadsDefault(_Reads, defaultdict[Any, Any]):
    pass


_ABSENT = object()


def _noting(part: Mapping[Any, Any]) -> _Reads:
    if isinstance(part, defaultdict):
        noting: _Reads = _ReadsDefault(part.default_factory)
    else:
        noting = dict.__new__(_ReadsCounter if isinstance(part, Counter) else _Reads)
    dict.update(noting, part)
    return noting


def _kept(value: Any) -> Any:
    """A value that later changes do not reach."""
    if isinstance(value, dict):
        return {key: _kept(held) for key, held in value.items()}
    return [*value] if isinstance(value, list) else value
