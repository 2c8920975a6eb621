"""The same person's lead is or was with a partner, in whichever CRM."""

from connector.model.durations import in_words
from connector.routing.standing.base import Kind, Seen, Standing, told_of


def _find(seen: Seen) -> Standing | None:
    other = seen.relatives.person
    if other is None:
        return None
    leader = other.ref if other.open else None
    told = told_of(other)
    return Standing("same_person", other.partner, told, firm=other.open, leader=leader, owner=other.owner)


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
