"""The partners of a route, as it writes them: by name, type, tier, country, or fields of their own."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connector.model.partner import Partner
from connector.routing.choosing import Where
from connector.routing.conditions import AGES, BadConditions, Condition, understand_condition
from connector.routing.facts import Fact, Facts, fold
from connector.routing.settings import PoolSettings
from connector.routing.understanding import Find

Test = Callable[[Partner], bool]

OWN_FIELDS = ("id", "name", "type", "tier", "active", "max_open_leads")
"""What a condition over partners may name, besides the `fields` that the admin gives them."""

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def pool_of(
    written: PoolSettings, where: Where, partners: tuple[Partner, ...], find: Find
) -> tuple[Partner, ...]:
    """The partners that belong to a pool; every mistake goes to `find`."""
    mistakes = list(_mistakes(written, where, partners))
    for way, message, choices, wrong in mistakes:
        find(way, message, choices, wrong)
    tests = list(_tests(written, None if mistakes else _condition(written, partners)))
    pool = tuple(partner for partner in partners if all(test(partner) for test in tests))
    if mistakes:
        return partners
    if not pool:
        find((*where, "pool"), "no partner belongs to this pool")
    return pool


Mistake = tuple[Where, str, tuple[str, ...], str]


def _mistakes(written: PoolSettings, where: Where, partners: Sequence[Partner]) -> Iterator[Mistake]:
    known = tuple(partner.id for partner in partners)
    for place, wanted in enumerate(written.partners or ()):
        if wanted not in known:
            message = f"there is no partner {wanted!r}"
            yield (*where, "pool", "partners", place), message, known, wanted
    try:
        _condition(written, partners)
    except BadConditions as error:
        for fault in error.faults:
            yield (*where, "pool", "when", *fault.path), str(fault), fault.choices, fault.wrong
    yield from _ages(written.when or {}, (*where, "pool", "when"))


def _ages(written: Any, where: Where) -> Iterator[Mistake]:
    """A pool is filled when the file is read, so that nothing in it may depend on the time."""
    parts = written.items() if isinstance(written, Mapping) else enumerate(written)
    for key, value in parts:
        if key in AGES:
            message = f"a pool is filled once, so {key!r} has no moment to compare with; leave it out"
            yield (*where, key), message, (), ""
        elif isinstance(value, Mapping | list):
            yield from _ages(value, (*where, key))


def _condition(written: PoolSettings, partners: Sequence[Partner]) -> Condition:
    fields = {name for partner in partners for name in partner.fields}
    return understand_condition(written.when or {}, (*OWN_FIELDS, *sorted(fields)))


def _tests(written: PoolSettings, condition: Condition | None) -> Iterator[Test]:
    if written.partners is not None:
        yield _one_of(written.partners, lambda partner: partner.id)
    if written.type is not None:
        yield _one_of(_folded(written.type), lambda partner: (partner.type or "").casefold())
    if written.tier is not None:
        yield _one_of(_folded(written.tier), lambda partner: (partner.tier or "").casefold())
    if written.country is not None:
        countries = frozenset(written.country)
        yield lambda partner: bool(countries & partner.countries)
    if condition is not None and written.when:
        yield lambda partner: condition.holds(facts_of(partner))


def _one_of(wanted: Collection[str], read: Callable[[Partner], str]) -> Test:
    return lambda partner: read(partner) in wanted


def _folded(words: Sequence[str]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def facts_of(partner: Partner) -> Facts:
    """What a condition sees of a partner."""
    own = {name: getattr(partner, name) for name in OWN_FIELDS}
    shown: dict[str, Fact] = {n: v for n, v in {**own, **partner.fields}.items() if v not in (None, "")}
    return Facts(_ANY_TIME, shown, {name: fold(value) for name, value in shown.items()})
