"""A decision as data for a machine: its path in words, and every candidate with codes and credits."""

from collections.abc import Iterator, Mapping
from typing import Any

from connector.model.decision import Choice, Decision, Turn
from connector.routing.reasons import REFUSALS, say
from connector.routing.rotation import LEAD


def explained_data(decision: Decision, names: Mapping[str, str]) -> dict[str, Any]:
    """The stored decision, with its path said and its candidates one by one; credits are in leads."""
    return {
        **decision.as_data(),
        "path": [say(reason) for reason in decision.reasons],
        "candidates": [
            candidate
            for choice in decision.choices
            for candidate in _candidates(choice, _turn_of(choice, decision), names)
        ],
    }


def _turn_of(choice: Choice, decision: Decision) -> Turn | None:
    return next((t for t in decision.turns if t.of == "partners" and t.picked == choice.picked), None)


def _candidates(choice: Choice, turn: Turn | None, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for partner in choice.eligible:
        yield _candidate(choice, partner, names, None) | _credits(turn, partner)
    for code, partners in choice.refused.items():
        for partner in partners:
            yield _candidate(choice, partner, names, code) | _credits(turn, partner)


def _candidate(choice: Choice, partner: str, names: Mapping[str, str], code: str | None) -> dict[str, Any]:
    return {
        "route": choice.route,
        "partner": partner,
        "name": names.get(partner, partner),
        "fits": code is None,
        "picked": partner == choice.picked,
        "because": code,
        "says": REFUSALS.get(code, code) if code else None,
        "until": choice.until.get(partner),
        "stands_in_for": list(choice.stands_in.get(partner, ())),
    }


def _credits(turn: Turn | None, partner: str) -> dict[str, Any]:
    if turn is None or partner not in turn.before:
        return {}
    before, gain = turn.before[partner], turn.gain[partner]
    after = before + turn.entry[partner]
    return {
        "credit_before": before / LEAD,
        "gain": gain / LEAD,
        "credit_after": after / LEAD,
    }
