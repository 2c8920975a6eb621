"""Why a lead ended where it did: a stored decision in words, with nothing computed again."""

from collections.abc import Iterator, Mapping, Sequence

from connector.model.decision import Choice, Decision, Outcome, Turn
from connector.routing.reasons import REFUSALS, say
from connector.routing.rotation import LEAD

_HEADLINES = {
    Outcome.ASSIGNED: "assigned to {partner} (owner {owner})",
    Outcome.OFFERED: "offered to {offered} (held by {owner} meanwhile)",
    Outcome.HELD: "held",
    Outcome.NURTURE: "left to ripen",
    Outcome.REJECTED: "rejected",
    Outcome.FALLBACK: "given to the fallback owner {owner}",
    Outcome.LEFT_ALONE: "left alone",
    Outcome.FOLLOWS: "given with the record that it follows",
    Outcome.GONE: "gone from the CRM",
}


def explained(decision: Decision, names: Mapping[str, str]) -> str:
    """A decision as a few lines of text; `names` are partner names by id."""
    return "\n".join(_lines(decision, names))


def _lines(decision: Decision, names: Mapping[str, str]) -> Iterator[str]:
    partner = names.get(decision.partner or "", decision.partner)
    offered = ", ".join(names.get(each, each) for each in decision.offered_to)
    headline = _HEADLINES[decision.outcome].format(partner=partner, owner=decision.owner, offered=offered)
    yield f"{decision.ref}  {decision.at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"  {headline}"
    for reason in decision.reasons:
        yield f"  - {say(reason)}"
        yield from _clauses(reason.facts.get("clauses", ()))
        if reason.code == "deals_weigh":
            yield from _deals(reason.facts["partners"], names)
    if decision.score.points:
        groups = ", ".join(f"{group} {points}" for group, points in decision.score.by_group.items())
        grade = f", grade {decision.score.grade}" if decision.score.grade else ""
        yield f"  score {decision.score.total}{grade} ({groups})"
        for point in decision.score.points:
            yield f"      {point.points:+d}  {point.rule}"
    for choice in decision.choices:
        yield from _choice(choice, decision.turns, names)
    for turn in decision.turns:
        if turn.of == "owners":
            yield f"  owners of {partner}, in turn"
            yield from (f"    {_mark(turn, owner)} {owner}{_credit(turn, owner)}" for owner in turn.gain)
    if decision.accept_by:
        yield f"  to be accepted by {decision.accept_by:%Y-%m-%d %H:%M} UTC"
    if decision.look_again_at:
        yield f"  looked at again {decision.look_again_at:%Y-%m-%d %H:%M} UTC"


def _deals(partners: Mapping[str, Mapping[str, float]], names: Mapping[str, str]) -> Iterator[str]:
    for who, has in partners.items():
        leads, deals, most = has["open_leads"], has["deals_weigh"], has["most"]
        yield f"      {names.get(who, who)}: {leads} open leads and deals that weigh {deals:g}, of {most}"


def _clauses(clauses: Sequence[Mapping[str, object]]) -> Iterator[str]:
    for clause in clauses:
        mark = "yes" if clause["holds"] else "no "
        yield (
            f"      {mark} {clause['field']} {clause['operator']} {_shown(clause['operand'])}"
            f"  (is {_shown(clause['value'])})"
        )


def _shown(value: object) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _choice(choice: Choice, turns: Sequence[Turn], names: Mapping[str, str]) -> Iterator[str]:
    turn = next((turn for turn in turns if turn.of == "partners" and turn.picked == choice.picked), None)
    yield f"  {len(choice.eligible)} of {choice.pool} partners of route {choice.route!r} fit"
    for partner in choice.eligible:
        mark = "*" if partner == choice.picked else " "
        whom = [names.get(absent, absent) for absent in choice.stands_in.get(partner, ())]
        instead = f" for {' and '.join(whom)}" if whom else ""
        yield f"    {mark} {names.get(partner, partner)}{instead}{_credit(turn, partner)}"
    for code, partners in choice.refused.items():
        who = ", ".join(_absent(choice, partner, names) for partner in partners)
        yield f"      {REFUSALS.get(code, code)}: {who}"


def _absent(choice: Choice, partner: str, names: Mapping[str, str]) -> str:
    until = choice.until.get(partner)
    return names.get(partner, partner) + (f" (until {until[:16].replace('T', ' ')})" if until else "")


def _mark(turn: Turn, member: str) -> str:
    return "*" if member == turn.picked else " "


def _credit(turn: Turn | None, member: str) -> str:
    """What a member was owed, its share of the lead, and what it is owed now, in leads."""
    if turn is None or member not in turn.before:
        return ""
    before, gain = turn.before[member] / LEAD, turn.gain[member] / LEAD
    after = (turn.before[member] + turn.entry[member]) / LEAD
    return f"  credit {before:+.3f}, gains {gain:.3f}, now {after:+.3f}"
