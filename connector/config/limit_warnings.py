"""Limits that are allowed but hardly meant: hours that never come, caps below what is expected, idle rows."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from connector.config.settings import Settings
from connector.model.partner import Cap, Partner
from connector.routing.partner_settings import CapSettings
from connector.routing.partners import understand_caps
from connector.routing.policy import Policy, Route, Where
from connector.routing.presence import absent_for_good

Warned = tuple[Where, str]

_DAY = timedelta(days=1)
_PERIODS = {"hour": _DAY / 24, "day": _DAY, "week": 7 * _DAY, "month": 30 * _DAY}
MOST_OF_A_FILE = 20
"""Doubts of one file that are told one by one."""


def limit_doubts(settings: Settings, policy: Policy, now: datetime | None) -> Iterator[Warned]:
    """Everything about limits that an admin should look at; what depends on the time only with `now`."""
    yield from _nothing_allowed(settings)
    yield from _idle_backups(settings, policy)
    yield from _territories(settings, policy)
    for index, route in enumerate(policy.routes):
        yield from _nobody_ranks(route, ("route", index, "minimum_tier"))
        yield from _too_little(settings, route, index)
    if now is not None:
        yield from _hours_that_never_come(settings, policy, now)


def _nothing_allowed(settings: Settings) -> Iterator[Warned]:
    for index, partner in enumerate(settings.partner):
        if partner.active and partner.max_open_leads == 0:
            where: Where = ("partner", index, "max_open_leads")
            yield (
                where,
                f"partner {partner.id!r} may hold no lead at all; write active = false if that is meant",
            )
        for place, cap in enumerate(partner.max_new_leads):
            if partner.active and cap.leads == 0:
                where = ("partner", index, "max_new_leads", place, "leads")
                yield where, f"partner {partner.id!r} may get no new lead at all, but by standing"


def _idle_backups(settings: Settings, policy: Policy) -> Iterator[Warned]:
    for index, partner in enumerate(settings.partner):
        pools = [route for route in policy.routes if any(p.id == partner.id for p in route.pool)]
        if partner.backup and pools and not any(_lets_in(route, partner.backup) for route in pools):
            message = (
                f"{partner.backup!r} is in none of the pools of {partner.id!r}, so it never stands in; "
                "write backups = true in a pool to let it in"
            )
            yield ("partner", index, "backup"), message


def _lets_in(route: Route, backup: str) -> bool:
    return route.limits.needs.backups or any(partner.id == backup for partner in route.pool)


def _territories(settings: Settings, policy: Policy) -> Iterator[Warned]:
    if settings.territories is None:
        return
    using = [(i, route) for i, route in enumerate(policy.routes) if _by_territory(route)]
    if not using:
        message = 'no route asks for territories; write must_cover = ["territory"] in those that should'
        yield ("territories",), message
    named = policy.territories.partners
    for index, route in using:
        idle = [partner.id for partner in route.pool if partner.id not in named]
        if idle:
            told = f"{', '.join(idle[:5])}{', …' if len(idle) > 5 else ''}"
            message = (
                f"no row of {settings.territories} names {told}, so route {route.name!r} passes them over"
            )
            yield ("route", index, "must_cover"), message


def _by_territory(route: Route) -> bool:
    return "territory" in route.limits.needs.must_cover


def _nobody_ranks(route: Route, where: Where) -> Iterator[Warned]:
    needs = route.limits.needs
    if needs.tier is not None:
        enough = needs.tiers[: needs.tier + 1]
        if not any((partner.tier or "").casefold() in enough for partner in route.pool):
            yield where, f"nobody in the pool of route {route.name!r} is of that tier or a better one"


def _too_little(settings: Settings, route: Route, index: int) -> Iterator[Warned]:
    """Caps that together let through less than the route is expected to bring."""
    expected = settings.route[index].expected_leads
    if expected is None:
        return
    wanted = _a_day(_one(expected))
    possible = min(_least(route.limits.needs.caps), sum(_most_a_day(partner) for partner in route.pool))
    if possible < wanted:
        message = (
            f"route {route.name!r} expects {wanted:g} leads a day, and the caps of its pool let through "
            f"{possible:g}; raise caps, or widen the pool"
        )
        yield ("route", index, "expected_leads"), message


def _one(written: CapSettings) -> Cap:
    return understand_caps([written])[0]


def _most_a_day(partner: Partner) -> float:
    if not partner.active:
        return 0
    owners = len({owner.casefold() for owners in partner.owners.values() for owner in owners})
    return min(_least(partner.max_new_leads), owners * _least(partner.max_new_leads_per_owner))


def _least(caps: tuple[Cap, ...]) -> float:
    return min(map(_a_day, caps), default=float("inf"))


def _a_day(cap: Cap) -> float:
    return cap.leads * (_DAY / (cap.window or _PERIODS[cap.per]))


def _hours_that_never_come(settings: Settings, policy: Policy, now: datetime) -> Iterator[Warned]:
    places = {partner.id: index for index, partner in enumerate(settings.partner)}
    for who in absent_for_good(list(policy.partners.values()), policy.attendance, now):
        if who in places:
            key = "working_hours" if settings.partner[places[who]].working_hours else "holidays"
            message = f"the working hours of {who!r} never come: holidays or absences take all of them"
            yield ("partner", places[who], key), message
