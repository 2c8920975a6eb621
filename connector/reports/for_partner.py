"""A decision as one partner may read it: its own part in it, and of the others only how many they were."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from connector.model.decision import Choice, Decision, Outcome, Turn
from connector.routing.reasons import REFUSALS
from connector.routing.rotation import LEAD

_UNSAID = "a route"
_ENDS = {
    Outcome.HELD: "nobody has it yet; it is held",
    Outcome.NURTURE: "nobody has it yet; it is left to ripen",
    Outcome.REJECTED: "it is not shared with partners",
    Outcome.FALLBACK: "no partner could take it",
    Outcome.LEFT_ALONE: "it was not ours to share",
    Outcome.FOLLOWS: "it goes with another record of the same person",
    Outcome.GONE: "the record is gone",
}
_WITHOUT_A_TURN = {"standing": "by an existing right", "by_hand": "by hand"}


@dataclass(frozen=True, slots=True)
class Part:
    """A partner's part in one route: how many of the pool fit, whether it did, and its credit in leads.

    `because` is the code of its refusal; no credit is told where it took no part in the turn.
    """

    route: str
    pool: int
    fit: int
    in_pool: bool
    fits: bool
    because: str | None = None
    turn: str | None = None
    credit: float | None = None
    gain: float | None = None
    credit_after: float | None = None


@dataclass(frozen=True, slots=True)
class View:
    """One decision for one partner; `yours` also where it may claim the lead."""

    ref: str
    at: str
    yours: bool
    outcome: str
    parts: tuple[Part, ...]

    def as_data(self) -> dict[str, Any]:
        """The view as JSON values."""
        return asdict(self)

    def text(self) -> str:
        """The view as a few lines."""
        return "\n".join([f"{self.ref}  {self.at}", f"  {self.outcome}", *map(_said, self.parts)])


def seen_by(decision: Decision, partner: str, names: Mapping[str, str]) -> View:
    """What a partner may know of a decision; `names` are all partners' names by id.

    Nothing of the lead but its address is told, and no other partner: a route that bears another's name is
    told without it.
    """
    others = _others(decision, partner, names)
    return View(
        ref=str(decision.ref),
        at=f"{decision.at:%Y-%m-%d %H:%M} UTC",
        yours=partner == decision.partner or partner in decision.offered_to,
        outcome=_outcome(decision, partner),
        parts=tuple(_part(choice, decision.turns, partner, others) for choice in decision.choices),
    )


def _others(decision: Decision, partner: str, names: Mapping[str, str]) -> frozenset[str]:
    """Every word that names somebody else, of today's partners and of those that were asked then."""
    asked = {who for choice in decision.choices for who in _asked(choice)}
    ids = {*names, *asked, *decision.offered_to, *({decision.partner} - {None})} - {partner}
    return frozenset(str(word).casefold() for who in ids for word in (who, names.get(str(who), who)))


def _asked(choice: Choice) -> Iterator[str]:
    yield from choice.eligible
    for refused in choice.refused.values():
        yield from refused


def _outcome(decision: Decision, partner: str) -> str:
    how = next((_WITHOUT_A_TURN[r.code] for r in decision.reasons if r.code in _WITHOUT_A_TURN), "")
    if decision.outcome is Outcome.ASSIGNED:
        whose = "it is yours" if decision.partner == partner else "it went to another partner"
        return f"{whose} {how}".rstrip()
    if decision.outcome is Outcome.OFFERED:
        among = len(decision.offered_to)
        return f"it is on offer to {among} partners{', you among them' * (partner in decision.offered_to)}"
    return _ENDS[decision.outcome]


def _part(choice: Choice, turns: Collection[Turn], partner: str, others: Collection[str]) -> Part:
    because = next((code for code, who in choice.refused.items() if partner in who), None)
    turn = next((t for t in turns if t.of == "partners" and t.picked == choice.picked), None)
    took_part = turn is not None and partner in turn.before
    told = choice.route.casefold()
    return Part(
        route=_UNSAID if any(word in told for word in others) else f"route {choice.route!r}",
        pool=choice.pool,
        fit=len(choice.eligible),
        in_pool=because is not None or partner in choice.eligible,
        fits=partner in choice.eligible,
        because=because,
        turn=_whose(choice, turn, partner, took_part=took_part),
        **(_credits(turn, partner) if turn and took_part else {}),
    )


def _whose(choice: Choice, turn: Turn | None, partner: str, *, took_part: bool) -> str | None:
    if choice.picked is None or turn is None:
        return None
    if choice.picked == partner:
        return "yours"
    if partner in choice.eligible and not took_part:
        return "preferred"
    return "anothers"


def _credits(turn: Turn, partner: str) -> dict[str, float]:
    before, gain = turn.before[partner], turn.gain[partner]
    leads = {"credit": before, "gain": gain, "credit_after": before + turn.entry[partner]}
    return {name: round(units / LEAD, 3) for name, units in leads.items()}


_TURNS = {
    "yours": "the turn was yours",
    "anothers": "it was another partner's turn",
    "preferred": "the route prefers others for such a lead",
}


def _said(part: Part) -> str:
    told = [f"{part.fit} of {part.pool} fit"]
    if not part.in_pool:
        told.append("you are not among its partners")
    elif part.because:
        told.append(f"you did not: {REFUSALS.get(part.because, part.because.replace('_', ' '))}")
    if part.turn and part.fits:
        told.append(_TURNS[part.turn])
    text = f"  {part.route}: {'; '.join(told)}"
    if part.credit is None:
        return text
    return f"{text}: your credit {part.credit:+.2f}, {part.gain:.2f} gained, now {part.credit_after:+.2f}"
