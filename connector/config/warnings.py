"""What is allowed but hardly meant: hidden routes, partners without a pool, leads without an end."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from connector.config.limit_warnings import limit_doubts
from connector.config.settings import Settings
from connector.routing.policy import Policy, Route, Where
from connector.routing.settings import RouteSettings

Warned = tuple[Where, str]


def doubts(settings: Settings, policy: Policy, now: datetime | None = None) -> Iterator[Warned]:
    """Everything in the file that works but that an admin should look at."""
    yield from _hidden_routes(settings)
    yield from _partners_without_pool(settings, policy)
    yield from _rotations_that_never_meet(settings, policy)
    yield from limit_doubts(settings, policy, now)
    for name, crm in settings.crm.items():
        if crm.fallback_owner is None:
            yield (
                ("crm", name),
                f"crm {name!r} has no fallback_owner, so what nobody can take is held until a person acts",
            )


def _hidden_routes(settings: Settings) -> Iterator[Warned]:
    for index, route in enumerate(settings.route):
        first = next((other for other in settings.route[:index] if _hides(other, route)), None)
        if first:
            yield (
                ("route", index, "name"),
                f"route {route.name!r} can never match, because route {first.name!r} before it covers all "
                'its leads; move it up, or give the other if_nobody_fits = { then = "next_route" }',
            )


def _hides(earlier: RouteSettings, later: RouteSettings) -> bool:
    """Whether the earlier route surely covers all that the later one does, and keeps it."""
    if earlier.if_nobody_fits.then == "next_route":
        return False
    return all(key in later.when and _covers(value, later.when[key]) for key, value in earlier.when.items())


def _covers(wide: Any, narrow: Any) -> bool:
    if wide == narrow:
        return True
    if isinstance(wide, Mapping) or isinstance(narrow, Mapping):
        return False
    wanted = narrow if isinstance(narrow, list) else [narrow]
    # Conditions hold lists of conditions under any, all and none, which only equality can compare.
    plain = all(isinstance(value, str | int | float) for value in wanted)
    return plain and all(value in (wide if isinstance(wide, list) else [wide]) for value in wanted)


def _partners_without_pool(settings: Settings, policy: Policy) -> Iterator[Warned]:
    pooled = {partner.id for route in policy.routes for partner in route.pool}
    for index, partner in enumerate(settings.partner):
        if partner.active and partner.id not in pooled:
            yield (
                ("partner", index, "id"),
                f"no route's pool contains partner {partner.id!r} with a weight above zero, so it gets leads "
                "by standing only",
            )


def _rotations_that_never_meet(settings: Settings, policy: Policy) -> Iterator[Warned]:
    """A rotation is shared so that turns on one route count on another, which needs partners in both."""
    first: dict[str, Route] = {}
    for index, route in enumerate(policy.routes):
        if settings.route[index].rotation is None or not route.method.uses_rotation:
            continue
        other = first.setdefault(route.rotation.name, route)
        if other is not route and not {p.id for p in other.pool} & {p.id for p in route.pool}:
            yield (
                ("route", index, "rotation"),
                f"routes {other.name!r} and {route.name!r} share rotation {route.rotation.name!r} but no "
                "partner, so nothing is shared; give one of them a rotation of its own",
            )
