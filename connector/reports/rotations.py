"""How even each rotation has been: turns, who is owed what, and how far anybody ever was from its share."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from rich.table import Table
from rich.text import Text

from connector.routing.case import Rotation
from connector.routing.fairness import Situation, by_value, making_up, varying
from connector.routing.rotation import LEAD
from connector.store.reading import CreditLine


@dataclass(frozen=True, slots=True)
class RotationLine:
    """One rotation; `farthest` is the observed maximum, and `bound` the proven one, in leads."""

    name: str
    turns: int
    members: int
    farthest: float
    farthest_member: str
    bound: float
    promise: str

    def as_data(self) -> dict[str, Any]:
        """The line as JSON values."""
        return {**asdict(self), "farthest": round(self.farthest, 3), "bound": round(self.bound, 3)}


def rotation_lines(
    credits: Sequence[CreditLine], terms: Mapping[str, Rotation], names: Mapping[str, str]
) -> tuple[RotationLine, ...]:
    """Every rotation that anybody took a turn in; `terms` are those of the routes, `names` partners'."""
    by_rotation: defaultdict[str, list[CreditLine]] = defaultdict(list)
    for line in credits:
        by_rotation[line.rotation].append(line)
    return tuple(_line(name, lines, terms.get(name), names) for name, lines in by_rotation.items())


def _line(
    name: str, lines: Sequence[CreditLine], terms: Rotation | None, names: Mapping[str, str]
) -> RotationLine:
    most = max(lines, key=lambda line: (line.farthest, line.partner))
    promised = _promised(terms, len(lines))
    return RotationLine(
        name=name,
        turns=sum(line.turns for line in lines),
        members=len(lines),
        farthest=most.farthest / LEAD,
        farthest_member=names.get(most.partner, most.partner),
        bound=float(promised.bound),
        promise=promised.promise,
    )


def _promised(terms: Rotation | None, members: int) -> Situation:
    if terms and terms.make_up:
        return making_up(terms.make_up.limit)
    if terms and terms.by_value:
        return by_value(members, Fraction(terms.by_value.most))
    return varying(members)


def rotation_table(lines: Sequence[RotationLine]) -> Table:
    """The rotations for a person."""
    title = "Rotations: how far anybody ever was from its share, in leads"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, column in enumerate(("rotation", "turns", "among", "observed", "proven")):
        table.add_column(column, justify="right" if place else "left")
    for line in lines:
        observed, proven = f"{line.farthest:.2f}", f"{line.bound:g}"
        table.add_row(Text(line.name), str(line.turns), str(line.members), observed, proven)
    return table
