"""Turns that make up for absence: who was away is owed its share, up to a limit and not for ever.

By default a rotation forgives absence, see `connector.routing.rotation`. A rotation may make up for it
instead: a partner that is away gains as if it were there. Once it is back it takes its own turns as they come
round and, besides, at most every k-th of the leads that would be the others', until it is owed no more than
one. Naive entitlement would give it all the next leads in a row.

What this needs beside the credits is the number of turns that each partner has taken, which the store keeps
in the same row. Turns taken and credit together are the partner's target, so its own turn comes round when
the target passes a whole lead; all other leads are the others'.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import repeat
from operator import add

from connector.routing.rotation import LEAD, Rule, Shares, Turn, next_turn, split


@dataclass(frozen=True, slots=True)
class MakeUp:
    """The terms: whoever is owed `limit` leads gains no more; what is still owed `within` after the return
    lapses; at most every `every`-th of the others' leads goes to making up."""

    limit: int
    within: timedelta
    every: int


def next_turn_making_up(
    weights: Mapping[str, int],
    away: Mapping[str, int],
    credits: Mapping[str, int],
    turns: Mapping[str, int],
    terms: MakeUp,
    lapsed: Collection[str] = (),
) -> Turn:
    """The turn among the partners in `weights`, while those in `away` gain as well.

    `turns` counts what each partner was given by the rotation. Partners in `lapsed` lose what they are owed
    to the others that are there, but for less than two leads, which turns alone may leave open. Nobody is
    ever owed more than the limit and one lead.
    """
    written_off = _written_off(weights, credits, lapsed)
    if written_off:
        credits = {**credits, **{who: credits.get(who, 0) + units for who, units in written_off.items()}}
    if not away and all(credits.get(who, 0) <= LEAD for who in weights):
        return next_turn(weights, credits)._replace(written_off=written_off)
    parts = _gaining(weights, away, credits, terms.limit * LEAD)
    before = list(map(credits.get, parts.ids, repeat(0)))
    after = list(map(add, before, parts.gains))
    there = [place for place, who in enumerate(parts.ids) if who in weights]
    place, rule = _place(there, before, after, _others_leads(parts, after, turns), terms.every)
    return Turn(parts.ids[place], rule, parts, before, written_off)


def _others_leads(parts: Shares, after: list[int], turns: Mapping[str, int]) -> list[int]:
    """For each place, how many of the rotation's leads so far were the others'."""
    given = sum(turns.values())
    return [given - turns.get(who, 0) - credit // LEAD for who, credit in zip(parts.ids, after, strict=True)]


def _place(
    there: list[int], before: list[int], after: list[int], others_leads: list[int], every: int
) -> tuple[int, Rule]:
    """Own turns first, then the most owed if this lead is for making up, then who is owed least."""
    owed = [place for place in there if after[place] > LEAD]
    own_turn = [place for place in owed if after[place] // LEAD > before[place] // LEAD]
    others = [place for place in there if after[place] <= LEAD]
    if owed and not own_turn:
        most = max(owed, key=after.__getitem__)
        if not others or others_leads[most] % every == 0:
            return most, "made_up"
    return max(own_turn or others, key=after.__getitem__), "largest_credit"


def _gaining(
    weights: Mapping[str, int], away: Mapping[str, int], credits: Mapping[str, int], limit: int
) -> Shares:
    """Shares of all but who is owed the limit already; who is there but gains nothing comes last."""
    everyone = {**weights, **away}
    gaining = {who: weight for who, weight in everyone.items() if credits.get(who, 0) < limit}
    parts = split(gaining if any(gaining.values()) else weights)
    rest = tuple(sorted(weights.keys() - set(parts.ids)))
    return Shares(parts.ids + rest, parts.gains + (0,) * len(rest), LEAD)


def _written_off(
    weights: Mapping[str, int], credits: Mapping[str, int], lapsed: Collection[str]
) -> Mapping[str, int]:
    """What lapses of credits beyond two leads, in whole leads, shared among the others by weight."""
    moved: Counter[str] = Counter()
    for who in sorted(weights.keys() & set(lapsed)):
        whole_leads = credits.get(who, 0) // LEAD - 1
        others = {other: weight for other, weight in weights.items() if other not in lapsed}
        if whole_leads > 0 and any(others.values()):
            parts = split(others, whole_leads * LEAD)
            moved.update(dict(zip(parts.ids, parts.gains, strict=True)))
            moved[who] -= whole_leads * LEAD
    return moved
