"""What to tell a CRM: the writes that follow from a decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.model.lead import Ref, Value


@dataclass(frozen=True, slots=True)
class WriteAssignment:
    """Set these values on one lead's record, unless a person changed its owner since `owner_before`.

    `values` is under the neutral names of a crm's `write` table: owner, partner, status, score, route,
    reason. A name that the crm does not map is not written. `note`, where there is one, is left on the record
    once. A record that `follows` another may be held by anyone: its owner is written there. The owners among
    `rivals` are no person's choice either: they came too late with a claim.
    """

    ref: Ref
    owner_before: str | None
    values: Mapping[str, Value] = field(default_factory=dict)
    note: str | None = None
    follows: bool = False
    rivals: tuple[str, ...] = ()
