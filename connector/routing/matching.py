"""Who may have a lead: hard limits, each refusal with a code."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import inf
from typing import NamedTuple

from connector.model.partner import Cap, Partner
from connector.model.snapshot import A_LEAD, Snapshot
from connector.routing.capacity import Room
from connector.routing.facts import Fact, Facts
from connector.routing.normal.products import products
from connector.routing.presence import Presence
from connector.routing.territories import NO_TERRITORIES, Found, Territories

_ELSE = object()
"""A value that no partner's list holds."""

_NOTHING_SAID = frozenset([_ELSE])

_KEPT = 4096

_ABSENCES = ("away", "outside_working_hours")

_LISTS: Mapping[str, str] = {
    "country": "countries",
    "industry": "industries",
    "product": "products",
    "lead_source": "lead_sources",
    "language": "languages",
}
"""What of a lead a partner serves, and the list that says so."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route asks of its partners: lists and territories to cover, a tier, certifications, presence.

    `tier` is the place of the lowest tier that is good enough among the programme's `tiers`, best first.
    A certification may be named by a `field` of the lead, translated by `names`.
    """

    must_cover: tuple[str, ...] = ()
    tier: int | None = None
    tiers: tuple[str, ...] = ()
    certifications: frozenset[str] = frozenset()
    field: str | None = None
    names: Mapping[str, str] | None = None
    hours_required: bool = False
    caps: tuple[Cap, ...] = ()
    backups: bool = False


NOTHING = Needs()


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who takes what an absent partner of the pool would have got."""

    partner: str
    instead_of: str
    until: datetime | None


@dataclass(slots=True)
class Matched:
    """Who of a pool may have the lead, and the others by the code of the refusal.

    `eligible` holds the partners that stand in for absent ones as well, `of_themselves` those that may have
    the lead without. `until` says, where it is known, when absent partners will be there again.
    """

    eligible: list[Partner]
    refused: dict[str, tuple[str, ...]]
    territory: Found | None = None
    until: Mapping[str, datetime] = field(default_factory=dict)
    stand_ins: tuple[StandIn, ...] = ()
    of_themselves: frozenset[str] = frozenset()


class Asked(NamedTuple):
    """One lead at one moment: what it is, what partners can take, who is there, and who had it before.

    `day` is the admin's; `earlier` holds the refusal codes of partners that had the lead before, `paused` the
    ids of those that get nothing new for a while, `retiring` of those that leave.
    """

    crm: str
    facts: Facts
    day: date
    room: Room
    presence: Presence
    earlier: Mapping[str, str]
    paused: frozenset[str] = frozenset()
    retiring: frozenset[str] = frozenset()


class Fit(NamedTuple):
    """The partners of a pool that a lead fits by what it is, and the others' ids by code.

    `places` are the partners' places by id; `limits` those of the limited ones, with their ids and the least
    open and given leads at which each may be at a limit.
    """

    partners: tuple[Partner, ...]
    places: Mapping[str, int]
    limits: tuple[tuple[int, str, float, float], ...]
    refused: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Limits:
    """The hard limits of one route on its pool.

    What depends on the lead's values alone is worked out once for each combination of those that some
    partner's list tells apart; the rest is asked for each lead.
    """

    route: str
    pool: tuple[Partner, ...]
    needs: Needs
    partners: Mapping[str, Partner]
    territories: Territories = NO_TERRITORIES
    _served: Mapping[str, frozenset[Fact]] = field(init=False)
    _certified: frozenset[str] = field(init=False)
    _expiring: bool = field(init=False)
    _fits: dict[tuple[object, ...], Fit] = field(default_factory=dict, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        listed = [name for name in self.needs.must_cover if name in _LISTS]
        served = {name: frozenset(v for p in self.pool for v in getattr(p, _LISTS[name])) for name in listed}
        held = [
            certification
            for partner in self.partners.values()
            for certification in partner.certifications.items()
        ]
        object.__setattr__(self, "_served", served)
        object.__setattr__(self, "_certified", frozenset(name for name, _ in held))
        object.__setattr__(self, "_expiring", any(until for _, until in held))

    def matched(self, asked: Asked) -> Matched:
        """Who may have the lead now, and why the others may not."""
        found = self._territory(asked)
        fit = self._fit(asked, found)
        full = asked.room.route_refusal(self.route, self.needs.caps) if self.needs.caps else None
        if full:
            whole = tuple(fit.places)
            return Matched([], {**fit.refused, full: whole} if whole else dict(fit.refused), found)
        eligible, refused = self._there_and_free(asked, fit)
        gone = [who for code in _ABSENCES for who in refused.get(code, ())]
        until = {who: moment for who in gone if (moment := asked.presence.until(who))}
        matched = Matched(eligible, {**fit.refused, **_tuples(refused)}, found, until)
        if "away" in refused:
            self._stand_in(matched, asked)
        return matched

    def _there_and_free(self, asked: Asked, fit: Fit) -> tuple[list[Partner], dict[str, list[str]]]:
        """Of those that fit, who is there and can take one more; this is asked for each lead."""
        absent, earlier = asked.presence.absent(self.needs.hours_required), asked.earlier
        if asked.paused or asked.retiring:
            stopped = dict.fromkeys(asked.paused, "paused") | dict.fromkeys(asked.retiring, "retiring")
            absent = {**absent, **stopped}
        stopped = {**absent, **earlier}
        places = {*_perhaps_full(fit, asked.room.snapshot)}
        places.update(fit.places[who] for who in fit.places.keys() & stopped.keys())
        refused: dict[str, list[str]] = {}
        for place in sorted(places):
            partner = fit.partners[place]
            code = stopped.get(partner.id) or asked.room.refusal(partner, asked.crm)
            if code is None:
                places.discard(place)
            else:
                refused.setdefault(code, []).append(partner.id)
        if not places:
            return [*fit.partners], refused
        return [partner for place, partner in enumerate(fit.partners) if place not in places], refused

    def _territory(self, asked: Asked) -> Found | None:
        if "territory" not in self.needs.must_cover:
            return None
        country, code = (str(asked.facts.shown.get(name) or "") for name in ("country", "postal_code"))
        return self.territories.find(country, code, asked.day)

    def _fit(self, asked: Asked, found: Found | None) -> Fit:
        values = {name: _wanted(name, asked.facts, known) for name, known in self._served.items()}
        certifications = self._needed(asked.facts)
        key = (
            asked.crm,
            *values.values(),
            found.partners if found else None,
            certifications,
            asked.day if certifications and self._expiring else None,
        )
        fit = self._fits.get(key)
        if fit is None:
            if len(self._fits) >= _KEPT:
                self._fits.clear()
            fit = self._fits[key] = self._worked_out(asked, values, found, certifications)
        return fit

    def _needed(self, facts: Facts) -> frozenset[str]:
        """The certifications that this lead's partner must hold; one that nobody holds is the empty word."""
        needs = self.needs
        named = facts.folded.get(needs.field) if needs.field else None
        if named is None:
            return needs.certifications
        name = str(named) if needs.names is None else needs.names.get(str(named))
        if name is None:
            return needs.certifications
        return needs.certifications | {name if name in self._certified else ""}

    def _worked_out(
        self,
        asked: Asked,
        values: Mapping[str, frozenset[object]],
        found: Found | None,
        certifications: frozenset[str],
    ) -> Fit:
        fits: list[Partner] = []
        refused: dict[str, list[str]] = {}
        owners = found.partners if found else frozenset()
        for partner in self.pool:
            code = able(partner, asked.crm) or self._uncovered(partner, values, owners)
            code = code or self._unqualified(partner, certifications, asked.day)
            if code is None:
                fits.append(partner)
            else:
                refused.setdefault(code, []).append(partner.id)
        return Fit(
            partners=tuple(fits),
            places={partner.id: place for place, partner in enumerate(fits)},
            limits=tuple(limit for place, p in enumerate(fits) if (limit := _limit(place, p))),
            refused=_tuples(refused),
        )

    def _uncovered(
        self, partner: Partner, values: Mapping[str, frozenset[object]], owners: frozenset[str]
    ) -> str | None:
        for name in self.needs.must_cover:
            if name == "territory":
                if partner.id not in owners:
                    return "outside_territory"
            elif (served := getattr(partner, _LISTS[name])) and not values[name] <= served:
                return f"outside_{name}"
        return None

    def _unqualified(self, partner: Partner, certifications: frozenset[str], day: date) -> str | None:
        if self.needs.tier is not None and _rank(partner, self.needs.tiers) > self.needs.tier:
            return "below_tier"
        for name in certifications:
            until = partner.certifications.get(name, date.min)
            if until is not None and until < day:
                return "without_certification"
        return None

    def _stand_in(self, matched: Matched, asked: Asked) -> None:
        """Let backups of absent partners in: they need not serve what those serve, but all else holds."""
        matched.of_themselves = frozenset(partner.id for partner in matched.eligible)
        pool = None if self.needs.backups else {partner.id for partner in self.pool}
        away = asked.presence.away
        found: list[StandIn] = []
        for absent in matched.refused["away"]:
            backup = self._backup(absent, away)
            if backup is None or (pool is not None and backup.id not in pool):
                continue
            if backup.id in matched.of_themselves or self._can_stand_in(backup, asked):
                found.append(StandIn(backup.id, absent, away[absent]))
        matched.stand_ins = tuple(found)
        for one in dict.fromkeys(stand_in.partner for stand_in in found):
            if one not in matched.of_themselves:
                matched.eligible.append(self.partners[one])
                matched.refused = _without(matched.refused, one)

    def _can_stand_in(self, backup: Partner, asked: Asked) -> bool:
        absent = asked.presence.absent(self.needs.hours_required)
        return not (
            able(backup, asked.crm)
            or self._unqualified(backup, self._needed(asked.facts), asked.day)
            or backup.id in asked.earlier
            or backup.id in absent
            or backup.id in asked.paused
            or backup.id in asked.retiring
            or asked.room.refusal(backup, asked.crm)
        )

    def _backup(self, absent: str, away: Mapping[str, object]) -> Partner | None:
        """The first of the backups, each of the one before, who is there."""
        passed: set[str] = set()
        while absent in away and absent not in passed:
            passed.add(absent)
            absent = self.partners[absent].backup or absent
        return None if absent in passed else self.partners[absent]


def _limit(place: int, partner: Partner) -> tuple[int, str, float, float] | None:
    busy = inf if partner.max_open_leads is None else partner.max_open_leads
    given = min((cap.leads for cap in partner.max_new_leads), default=inf)
    if partner.limits_owners:
        given = 0  # owners' limits are counted by owner, so that they are always asked for
    return None if busy == given == inf else (place, partner.id, busy, given)


def _perhaps_full(fit: Fit, snapshot: Snapshot) -> list[int]:
    """The places of those that have as many open or given leads as one of their limits speaks of."""
    given = snapshot.given.get
    if snapshot.deals:
        busy = snapshot.busy
        return [at for at, who, b, g in fit.limits if busy(who) >= A_LEAD * b or len(given(who, ())) >= g]
    load = snapshot.load.get
    return [at for at, who, b, g in fit.limits if load(who, 0) >= b or len(given(who, ())) >= g]


def able(partner: Partner, crm: str) -> str | None:
    """Why the partner may not have any lead of a CRM, by code; None if it may."""
    if not partner.active:
        return "suspended"
    return None if partner.owners.get(crm) else "no_owner_in_crm"


def may_stand(
    partner: Partner, crm: str, earlier: Mapping[str, str], *, taken_back: bool = False
) -> str | None:
    """Why a standing does not count, by code: it overrides all but a suspension and an earlier "no".

    A lead that was just taken back from its partner goes to none that had it, else it would go in circles.
    """
    had = earlier.get(partner.id)
    return able(partner, crm) or (had if taken_back or had == "declined_before" else None)


def _said(name: str, facts: Facts) -> Iterable[Fact]:
    """What the lead says of a list's subject: products one by one, else one value, or none."""
    value = facts.shown.get(name) if name == "country" else facts.folded.get(name)
    if value is None:
        return ()
    return products(str(value)) if name == "product" else (value,)


def _wanted(name: str, facts: Facts, served: frozenset[Fact]) -> frozenset[object]:
    """The same, with everything that nobody serves made one; a lead that says nothing wants that."""
    wanted = frozenset(value if value in served else _ELSE for value in _said(name, facts))
    return wanted or _NOTHING_SAID


def _rank(partner: Partner, tiers: Sequence[str]) -> int:
    tier = (partner.tier or "").casefold()
    return tiers.index(tier) if tier in tiers else len(tiers)


def _tuples(refused: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {code: tuple(who) for code, who in refused.items()}


def _without(refused: Mapping[str, tuple[str, ...]], partner: str) -> dict[str, tuple[str, ...]]:
    left = {code: tuple(who for who in whose if who != partner) for code, whose in refused.items()}
    return {code: whose for code, whose in left.items() if whose}
