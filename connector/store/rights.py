"""Whose customer somebody is, kept so that only what shares a key is ever compared."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.model.lead import Lead, Ref
from connector.model.registration import CLAIMING, Right, State
from connector.store.among import among, unindexed
from connector.store.intake import as_lead
from connector.store.tables import AssignmentRow, LeadRow, RightKeyRow, RightRow

Keys = Callable[[Right], Sequence[str]]
"""Under which keys a right is looked up."""

_AT_ONCE = 500
Item = TypeVar("Item")


def keep(
    session: Session, rights: Iterable[Right], keys: Keys, numbers: Mapping[str, int] = MappingProxyType({})
) -> None:
    """Store rights, or what became of them; `numbers` are those of leads' assignments, by the right's ref."""
    by_ref = {right.ref: right for right in rights}
    if not by_ref:
        return
    forget(session, list(by_ref))
    session.execute(insert(RightRow), [_row(right, numbers.get(right.ref, 0)) for right in by_ref.values()])
    found = [
        {"key": key, "ref": right.ref} for right in by_ref.values() for key in dict.fromkeys(keys(right))
    ]
    if found:
        session.execute(insert(RightKeyRow), found)


def forget(session: Session, refs: Sequence[str]) -> None:
    """Let rights go."""
    for some in _some(refs):
        session.execute(delete(RightRow).where(col(RightRow.ref).in_(some)))
        session.execute(delete(RightKeyRow).where(col(RightKeyRow.ref).in_(some)))


def _row(right: Right, number: int) -> dict[str, Any]:
    return {
        "ref": right.ref,
        "kind": right.kind,
        "number": number,
        "partner": right.partner,
        "company": right.company,
        "domain": right.domain,
        "country": right.country,
        "email": right.email,
        "products": sorted(right.products),
        "at": right.at,
        "ended_at": right.ended_at,
        "state": right.state.value if right.state else None,
        "tier": right.tier,
    }


def sharing(session: Session, keys: Iterable[str], kind: str | None = None) -> list[Right]:
    """Every right, or those of a kind, that has one of these keys; leads only while somebody has them."""
    refs: set[str] = set()
    for some in _some(list(dict.fromkeys(keys))):
        refs.update(session.scalars(select(col(RightKeyRow.ref)).where(col(RightKeyRow.key).in_(some))))
    return _by_ref(session, sorted(refs), kind)


def any_claiming(session: Session) -> bool:
    """Whether there is any registration that a lead could belong to."""
    statement = select(col(RightRow.ref)).where(
        col(RightRow.kind) == "registration", col(RightRow.state).in_([state.value for state in CLAIMING])
    )
    return session.scalars(statement.limit(1)).first() is not None


def of_leads(session: Session, leads: Sequence[str]) -> list[Right]:
    """The rights of these leads, by their addresses."""
    return _by_ref(session, [f"lead {lead}" for lead in leads])


_COLUMNS = (
    "kind",
    "ref",
    "partner",
    "company",
    "domain",
    "country",
    "email",
    "products",
    "at",
    "ended_at",
    "state",
    "tier",
)


def _by_ref(session: Session, refs: Sequence[str], kind: str | None = None) -> list[Right]:
    columns = [getattr(RightRow, name) for name in _COLUMNS]
    found: list[Right] = []
    for some in _some(refs):
        statement = select(*columns).where(col(RightRow.ref).in_(some))
        rows = session.execute(statement.where(col(RightRow.kind) == kind) if kind else statement)
        found += [_right(row) for row in rows]
    return _still_assigned(session, found)


def _right(row: Any) -> Right:
    told = dict(zip(_COLUMNS, row, strict=True))
    told |= {
        "products": frozenset(told["products"]),
        "state": State(told["state"]) if told["state"] else None,
    }
    return Right(**told)


def _still_assigned(session: Session, found: Sequence[Right]) -> list[Right]:
    """Leads that ended since, or went to somebody else, are nobody's right any more."""
    leads = [Ref.parse(right.ref.removeprefix("lead ")) for right in found if right.kind == "lead"]
    held: dict[str, str] = {}
    for some in _some(leads):
        rows = session.execute(
            select(col(AssignmentRow.crm), col(AssignmentRow.lead_id), col(AssignmentRow.partner)).where(
                among(col(AssignmentRow.crm), col(AssignmentRow.lead_id), some),
                col(AssignmentRow.open).is_(True),
                unindexed(col(AssignmentRow.ledger)) == "live",
            )
        )
        held |= {f"lead {crm}:{lead_id}": partner for crm, lead_id, partner in rows}
    return [right for right in found if right.kind != "lead" or held.get(right.ref) == right.partner]


def let_go(session: Session, refs: Sequence[str]) -> list[str]:
    """Those of these leads' rights that nobody has any more."""
    held = {right.ref for right in _by_ref(session, refs)}
    return [ref for ref in refs if ref not in held]


def newly_assigned(session: Session, limit: int = 1000) -> list[tuple[int, Lead, str, Any]]:
    """Leads assigned since the last ones that were kept as rights: number, lead, partner and since when."""
    last = session.scalars(select(func.max(col(RightRow.number)))).one() or 0
    rows = session.execute(
        select(AssignmentRow, LeadRow)
        .join(
            LeadRow,
            (col(LeadRow.crm) == col(AssignmentRow.crm)) & (col(LeadRow.id) == col(AssignmentRow.lead_id)),
        )
        .where(col(AssignmentRow.id) > last, col(AssignmentRow.ledger) == "live")
        .order_by(col(AssignmentRow.id))
        .limit(limit)
    )
    return [(each.id, as_lead(lead), each.partner, each.since) for each, lead in rows]


def _some(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """As many as one statement takes well."""
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
