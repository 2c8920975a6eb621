"""Where leads ripen that are not ready: a list or campaign of the CRM, beside the fields of the record."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from connector.sources.base import Held, SourceError, Update

NAME = "nurture"
"""Under this name of an update stands whether the record is to be among those that ripen."""

UNKNOWN = "unknown"
"""What a record holds under it: nobody asks, since putting it there twice changes nothing."""

Answers = Sequence[SourceError | None]
Keep = Callable[[Sequence[str], Sequence[str]], Answers]
"""Puts the first records in and takes the others out; an answer for each, in this order."""


def unasked(held: Held) -> Held:
    """What a record holds, and that it is not known whether it ripens."""
    return replace(held, values={**held.values, NAME: UNKNOWN})


def write_both(
    updates: Sequence[Update], write: Callable[[Sequence[Update]], Answers], keep: Keep
) -> Answers:
    """Write the fields, then put the records whose fields are written in or take them out."""
    answers = list(write([replace(update, values=_fields(update)) for update in updates]))
    places = [
        place for place, update in enumerate(updates) if NAME in update.values and answers[place] is None
    ]
    into = [place for place in places if updates[place].values[NAME]]
    out = [place for place in places if not updates[place].values[NAME]]
    if places:
        told = keep([updates[place].id for place in into], [updates[place].id for place in out])
        for place, answer in _paired(into + out, told):
            answers[place] = answer
    return answers


def _fields(update: Update) -> dict[str, str | int | float | bool | None]:
    return {name: value for name, value in update.values.items() if name != NAME}


def _paired(places: Sequence[int], answers: Answers) -> Iterator[tuple[int, SourceError | None]]:
    return iter(zip(places, answers, strict=True))
