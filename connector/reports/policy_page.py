"""The distribution policy in plain words, for partners to read, straight from the rules that run."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from markdown_it import MarkdownIt

from connector.model.decision import Reason
from connector.model.durations import in_words
from connector.model.snapshot import A_LEAD
from connector.reports.limits_page import asked_of_partners, most_new, most_open, presence, territory
from connector.reports.registration_page import registration_rules
from connector.routing.policy import Policy, Route
from connector.routing.ready_screens import READY, stage_of, words_of
from connector.routing.reasons import say
from connector.routing.settings import RoutingSettings, ScoreSettings, ScreenSettings
from connector.routing.sla import Terms
from connector.routing.standing import KINDS

_ENDS = {"reject": "is turned away", "nurture": "is left to ripen", "hold": "is held for a person"}
_COMPARED: Mapping[str, str] = {
    "is": "is",
    "not": "is not",
    "above": "is above",
    "below": "is below",
    "at_least": "is at least",
    "at_most": "is at most",
    "older_than": "is older than",
    "newer_than": "is newer than",
}
_JOINED = {"all": "all of these hold: ", "any": "one of these holds: ", "none": "none of these holds: "}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#])")
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.3rem .6rem;text-align:left}"
)


def markdown(policy: Policy, settings: RoutingSettings) -> str:
    """The policy, with its conditions as `settings` writes them, as a Markdown page."""
    return "\n".join(_lines(policy, settings)) + "\n"


def html(policy: Policy, settings: RoutingSettings) -> str:
    """The same as an HTML page of its own, without anything from elsewhere."""
    body = MarkdownIt("js-default").render(markdown(policy, settings))
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return (
        f'<!doctype html><html lang="en"><head>{head}<title>How leads are distributed</title>'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def _lines(policy: Policy, settings: RoutingSettings) -> Iterator[str]:
    yield "# How leads are distributed"
    yield ""
    yield "Every lead goes through the steps below, in this order; the first that decides ends it."
    yield from _screens("Before anything else", [s for s in settings.screen if stage_of(s) == "legal"])
    yield from _standing(policy)
    yield from _screens("Then", [s for s in settings.screen if stage_of(s) == "quality"])
    yield from _score(settings.score)
    if policy.deal_registration:
        yield from registration_rules(policy.deal_registration)
    yield from ("", "## Who gets a lead", "", "The first route that covers a lead decides.")
    for number, route in enumerate(policy.routes, 1):
        yield from ("", f"### {number}. {_text(route.name)}", "")
        yield from _route(route, settings.route[number - 1].when)
    yield from _order(policy, settings)
    yield from _partners(policy)
    yield from presence(policy.partners.values(), policy.attendance)
    yield from territory(
        policy.territories, {partner.id: partner.name for partner in policy.partners.values()}
    )


def _screens(title: str, screens: Sequence[ScreenSettings]) -> Iterator[str]:
    if screens:
        yield from ("", f"## {title}", "")
    for screen in screens:
        link = "when" if screen.require is None else "unless"
        ends = _ENDS[screen.then if screen.require is None else screen.otherwise or "reject"]
        again = f", and is looked at again after {_span(screen.look_again_after)}" * bool(
            screen.look_again_after
        )
        most = f", for {_span(screen.hold_for)} at most" * bool(screen.hold_for)
        yield f"- **{_text(screen.name)}**: a lead {ends} {link} {_screened(screen)}{again}{most}."


def _screened(screen: ScreenSettings) -> str:
    if screen.use is not None:
        ready = READY[screen.use]
        words = f" ({', '.join(map(_text, words_of(screen, ready)))})" if ready.takes else ""
        return f"this is found: {say(Reason(ready.code, {'screen': screen.name}))}{words}"
    return _said(screen.when or screen.require or {})


def _standing(policy: Policy) -> Iterator[str]:
    rules = policy.standing
    if not rules.order:
        return
    yield from ("", "## A partner's existing right", "")
    yield "Before any turn, a lead goes to the first of these, unless it is suspended or declined this lead:"
    yield ""
    for number, kind in enumerate(rules.order, 1):
        yield f"{number}. {_text(KINDS[kind].rule(rules))}"
    turn = "It takes a turn" if rules.takes_turn else "It takes no turn"
    yield from ("", f"{turn}, it is no matter how many leads the partner has, and it counts as one of them.")
    if rules.if_they_disagree == "hold":
        yield from ("", "Where two of these name different partners, a person decides.")


def _score(settings: ScoreSettings) -> Iterator[str]:
    groups = [(name, group) for name, group in (("fit", settings.fit), ("engagement", settings.engagement))]
    groups = [(name, group) for name, group in groups if group.points]
    if not groups:
        return
    yield from ("", "## What a lead scores", "", "| for | when | points |", "|---|---|---:|")
    for name, group in groups:
        for number, rule in enumerate(group.points, 1):
            title = _text(rule.name or f"{name} {number}")
            yield f"| {name}: {title} | {_said(rule.when)} | {rule.points:+d} |"
    for name, group in groups:
        yield from ("", f"All points for {name} together count for at most {group.most}.")


def _order(policy: Policy, settings: RoutingSettings) -> Iterator[str]:
    if not policy.order.overtakes:
        return
    yield from ("", "## Which leads come first", "")
    if settings.order.urgent:
        yield f"Leads where {_said(settings.order.urgent)} go before all others."
    best = {"oldest": "the oldest", "newest": "the newest", "score": "that with the highest score"}
    yield f"Of leads that wait at the same time, {best[policy.order.by]} comes first."


def _route(route: Route, when: Mapping[str, Any]) -> Iterator[str]:
    yield f"Leads where {_said(when)}." if when else "All leads that are left."
    if route.shadow:
        yield from ("", "This route is only tried: what it decides is recorded, and nobody gets these leads.")
    yield from ("", *_shares(route))
    for sentence in asked_of_partners(route.limits.needs):
        yield from ("", _text(sentence))
    if route.prefer:
        yield from (
            "",
            f"Preferred are, in this order, the best by {_and(_name(p.name) for p in route.prefer)}.",
        )
    if route.method.offers:
        yield from ("", "The lead is offered to all who are left, and whoever claims it first has it.")
    else:
        yield from ("", f"Among those who are left the lead goes by: {_name(route.pick)}.")
    held = f"is held for {_span(route.hold)} and then " if route.hold else ""
    last = "goes on to the next route" if route.then == "next_route" else "goes to the fallback owner"
    yield from ("", f"A lead that no partner can take {held}{last}.")
    yield from ("", *_afterwards(route.terms))


def _afterwards(terms: Terms) -> Iterator[str]:
    within = f"A partner has {terms.within} to accept. " if terms.within else ""
    late = "is declined or not accepted in time" if terms.within else "is declined"
    yield (
        f"{within}A lead that {late} goes to the next partner, never to one that had it; "
        f"after {terms.try_partners} it goes to the fallback owner."
    )
    back = terms.turn_back
    if back:
        times = f"{back.most_per_month} times a month at most"
        yield f"Whoever declines within {back.within} has its turn back, {times}."


def _shares(route: Route) -> Iterator[str]:
    weights = [route.rotation.weight(partner) for partner in route.pool]
    if not route.method.uses_rotation:
        yield f"Partners: {_and(_text(partner.name) for partner in route.pool)}."
        return
    yield from ("| partner | share of the turns |", "|---|---:|")
    for partner, weight in zip(route.pool, weights, strict=True):
        yield f"| {_text(partner.name)} | {weight} of {sum(weights)} |"
    yield from ("", f"Turns are kept in the rotation “{_text(route.rotation.name)}”.")


def _partners(policy: Policy) -> Iterator[str]:
    yield from ("", "## The partners", "")
    yield "| partner | type | tier | countries | most open leads | most new leads |"
    yield "|---|---|---|---|---:|---|"
    for partner in policy.partners.values():
        name = _text(partner.name) + " (suspended)" * (not partner.active)
        countries = ", ".join(sorted(partner.countries)) or "all"
        kind, tier = _text(partner.type or "-"), _text(partner.tier or "-")
        yield f"| {name} | {kind} | {tier} | {countries} | {most_open(partner)} | {most_new(partner)} |"
    weight = policy.recall.deal_weight / A_LEAD
    if weight:
        yield from ("", f"An open deal from a lead that a partner converted counts as {weight:g} open leads.")
    yield from ("", "Where several people of a partner hold its leads in a CRM, they take turns.")


def _said(written: Mapping[str, Any]) -> str:
    """A condition in words; its entries are joined by "and"."""
    return " and ".join(_entry(key, value) for key, value in written.items()) or "anything is so"


def _entry(key: str, value: Any) -> str:
    if key in _JOINED:
        return _JOINED[key] + "; ".join(f"({_said(part)})" for part in value)
    compared = value.items() if isinstance(value, Mapping) else [("is", value)]
    return " and ".join(_clause(_name(key), operator, operand) for operator, operand in compared)


def _clause(name: str, operator: str, operand: Any) -> str:
    if operator in ("missing", "present"):
        return f"{name} is {'known' if (operator == 'present') == operand else 'missing'}"
    return f"{name} {_COMPARED.get(operator, _name(operator))} {_operand(operand)}"


def _operand(operand: Any) -> str:
    if isinstance(operand, list):
        return _joined([_operand(part) for part in operand], " or ")
    return ("yes" if operand else "no") if isinstance(operand, bool) else _text(str(operand))


def _and(words: Iterable[str]) -> str:
    return _joined(list(words), " and ")


def _joined(words: Sequence[str], last: str) -> str:
    return last.join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _name(word: str) -> str:
    return _text(word.replace("_", " "))


def _text(words: str) -> str:
    """Words of the admin's, which Markdown shall not read."""
    return _SPECIAL.sub(r"\\\1", " ".join(words.split()))


def _span(span: timedelta | None) -> str:
    return in_words(span or timedelta())
