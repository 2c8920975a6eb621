"""The same person's lead is or was with a partner, in whichever CRM."""

from collections.abc import Iterable

from connector.model.durations import in_words
from connector.model.identity import Holding
from connector.routing.standing.base import Kind, Seen, Standing


def _find(seen: Seen) -> Standing | None:
    for by, found in (("email", _by_email(seen)), ("phone", _by_phone(seen))):
        best = max(_counted(seen, found), key=lambda holding: holding.rank, default=None)
        if best is not None:
            told = {"by": by, "record": str(best.ref), "since": best.since.isoformat(), "open": best.open}
            leader = best.ref if best.open else None
            return Standing("same_person", best.partner, told, best.open, leader=leader, owner=best.owner)
    return None


def _by_email(seen: Seen) -> Iterable[Holding]:
    return seen.snapshot.holdings.by_email.get(seen.identity.email or "", ())


def _by_phone(seen: Seen) -> Iterable[Holding]:
    """A telephone may be a whole company's, so the family name has to agree."""
    who = seen.identity
    found = seen.snapshot.holdings.by_phone.get(who.phone or "", ())
    return [each for each in found if who.last_name and each.identity.last_name == who.last_name]


def _counted(seen: Seen, found: Iterable[Holding]) -> list[Holding]:
    since = seen.facts.now - seen.rules.person_within
    own = seen.ref
    return [
        each
        for each in found
        if each.ref != own and (each.open or each.since >= since) and seen.rules.knows(each.partner)
    ]


_BY = {"email": "e-mail address", "phone": "telephone and family name"}

SAME_PERSON = Kind(
    find=_find,
    said=lambda e: f"the same person as {e['record']}, by {_BY[e['by']]}",
    rule=lambda rules: (
        "the partner that has a lead of the same person, or was given one in the last "
        f"{in_words(rules.person_within)}"
    ),
    recognises=True,
)
