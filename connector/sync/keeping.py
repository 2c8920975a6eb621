"""How long personal data is kept: no longer than the CRM keeps the record, or than the admin says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from connector.model.cursor import Cursor
from connector.model.lead import Lead, Ref
from connector.store import Store
from connector.store.endings import delete, merge_away
from connector.store.erasure import count_held, erase, held_ids, over
from connector.store.intake import read_cursor, write_cursor

A_ROUND = 7
"""In how many nightly looks every record that is held is asked for once."""

_FEW = 20
_AT_ONCE = 100
Read = Callable[[Sequence[str]], Mapping[str, Lead]]


@dataclass(frozen=True, slots=True)
class Keeping:
    """For how long after a lead is over, or its record deleted, what it says of a person is kept."""

    over: timedelta | None = None
    deleted: timedelta = timedelta(days=7)


def let_go(store: Store, crm: str, keeping: Keeping, now: datetime, config_hash: str) -> int:
    """Erase what need not be kept any more; how many leads."""
    erased = 0
    before = now - keeping.over if keeping.over else None
    while True:
        with store.looking() as session:
            refs = over(session, crm, now - keeping.deleted, before)
        for start in range(0, len(refs), _AT_ONCE):
            with store.transaction() as session:
                erased += erase(session, refs[start : start + _AT_ONCE], now, config_hash).leads
        if not refs:
            return erased


def look_for_vanished(store: Store, crm: str, read: Read, size: int, now: datetime, config_hash: str) -> int:
    """Ask for the next part of all records, so that a deletion for privacy is noticed; how many are gone.

    CRMs tell of such deletions nowhere that can be read: the record is just not there. Should most records
    of a batch be missing, then rather a permission is, and nothing is believed.
    """
    with store.looking() as session:
        cursor = read_cursor(session, crm, "presence")
        after = (cursor.after if cursor else None) or ""
        wanted = -(-count_held(session, crm) // A_ROUND)
    gone = looked_at = 0
    while looked_at < wanted:
        with store.looking() as session:
            ids = held_ids(session, crm, after, min(size, wanted - looked_at))
        if not ids:
            break
        gone += _end(store, crm, ids, read(ids), now, config_hash)
        looked_at, after = looked_at + len(ids), ids[-1]
    with store.transaction() as session:
        more = held_ids(session, crm, after, 1)
        write_cursor(session, crm, Cursor(now, None, after if more else None), "presence")
    return gone


def _end(
    store: Store, crm: str, ids: Sequence[str], found: Mapping[str, Lead], now: datetime, config_hash: str
) -> int:
    missing = [each for each in ids if each not in found]
    if len(missing) >= _FEW and len(missing) * 2 > len(ids):
        structlog.get_logger().warning("presence.doubtful", crm=crm, missing=len(missing), asked=len(ids))
        missing = []
    merged = [(each, found[each].ref.id) for each in ids if each in found and found[each].ref.id != each]
    with store.transaction() as session:
        ended = [delete(session, Ref(crm, each), now, config_hash) for each in missing]
        ended += [merge_away(session, Ref(crm, old), into, now, config_hash) for old, into in merged]
    return sum(ended)
