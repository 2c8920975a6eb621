"""Work in pieces as large as HubSpot takes them, and in smaller ones where it refuses a whole piece."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from connector.sources.base import SourceBusy, SourceError, SourceRefused
from connector.sources.hubspot.errors import row_error

Item = TypeVar("Item")
Answers = list[SourceError | None]

BATCH = 100


def pieces(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """The items in order, at most `size` at a time."""
    piece: list[Item] = []
    for item in items:
        piece.append(item)
        if len(piece) == size:
            yield piece
            piece = []
    if piece:
        yield piece


def in_halves(items: Sequence[Item], send: Callable[[Sequence[Item]], Answers]) -> Answers:
    """Send a batch; where HubSpot refuses all of it, find the rows at fault by halving."""
    try:
        return send(items)
    except SourceRefused as error:
        if len(items) == 1:
            return [error]
    half = len(items) // 2
    return one_after_another((items[:half], items[half:]), lambda part: in_halves(part, send))


def one_after_another(parts: Iterable[Sequence[Item]], send: Callable[[Sequence[Item]], Answers]) -> Answers:
    """The answers of several calls; when HubSpot is busy on the way, what was done stays told as done."""
    answers: Answers = []
    busy: SourceBusy | None = None
    for part in parts:
        try:
            answers += send(part) if busy is None else [busy] * len(part)
        except SourceBusy as error:
            if not answers:
                raise
            busy = error
            answers += [error] * len(part)
    return answers


def rows(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The results of an answer; SourceBusy when it has none to tell."""
    found = answer.get("results")
    if not isinstance(found, list):
        raise SourceBusy("HubSpot gave an answer without results")
    return found


def next_page(answer: Mapping[str, Any]) -> str | None:
    """Where the next page begins; only its absence marks the end, never a short or an empty page."""
    following = ((answer.get("paging") or {}).get("next") or {}).get("after")
    return None if following is None else str(following)


def errors_by_key(answer: Mapping[str, Any]) -> dict[str, SourceError]:
    """Errors of an answer by the ids and trace ids that they name.

    Asked of every answer: later API versions tell of partial failures under the status of a success.
    """
    found: dict[str, SourceError] = {}
    for entry in answer.get("errors") or ():
        context = entry.get("context") or {}
        for key in (*context.get("ids", ()), *context.get("objectWriteTraceId", ())):
            found[str(key)] = row_error(entry)
    return found
