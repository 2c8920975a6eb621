"""The rules once understood: conditions compiled, pools filled, names resolved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta, tzinfo
from types import MappingProxyType
from typing import Any

from connector.model.decision import Outcome
from connector.model.durations import Span
from connector.model.lead import DERIVED_FIELDS, STANDARD_FIELDS
from connector.model.partner import Partner
from connector.model.recall import NOTHING, Recall
from connector.model.snapshot import A_LEAD
from connector.routing.capacity import recall_of
from connector.routing.case import Rotation
from connector.routing.choosing import ChoosingReader
from connector.routing.choosing import Where as Where
from connector.routing.claim_settings import ClaimOptions
from connector.routing.conditions import ALWAYS, BadConditions, Condition, understand_condition
from connector.routing.facts import Facts
from connector.routing.matching import Limits
from connector.routing.merits import RECORDS
from connector.routing.methods import Method
from connector.routing.needs import check_backups, read_needs
from connector.routing.normal import Normal
from connector.routing.partner_settings import PartnerSettings
from connector.routing.partners import names, understand_partner
from connector.routing.pools import OWN_FIELDS, pool_of
from connector.routing.preferences import Preference
from connector.routing.presence import NOBODY_ABSENT, Attendance, read_attendance
from connector.routing.progress import NO_MEANING, Meaning
from connector.routing.ready_screens import READY, misplaced, stage_of, words_of
from connector.routing.registration.settings import DealRegistrationSettings
from connector.routing.route_index import RouteIndex
from connector.routing.settings import (
    NotClaimedSettings,
    OrderSettings,
    PointsSettings,
    RoutingSettings,
    ScoreGroupSettings,
    ScoreSettings,
    ScreenSettings,
)
from connector.routing.shapes import Written
from connector.routing.sla import NO_TERMS, Recycle, Terms, read_terms
from connector.routing.standing import StandingRules
from connector.routing.standing_rules import DUPLICATE, recognises, understand_standing
from connector.routing.territories import NO_TERRITORIES, Territories, read_territories
from connector.routing.understanding import understand_normal

_SCREEN_OUTCOMES = {"reject": Outcome.REJECTED, "nurture": Outcome.NURTURE, "hold": Outcome.HELD}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in the rules: where it is, what it is, and the words that would have been right.

    With `file` it is in a line of a file that config.toml names.
    """

    where: Where
    message: str
    choices: tuple[str, ...] = ()
    wrong: str = ""
    file: str | None = None
    line: int = 1


@dataclass(frozen=True, slots=True)
class Nurture:
    """Where leads of one CRM ripen: in a `place` of the CRM, under a lead status, or both."""

    place: bool = False
    status: str | None = None


@dataclass(frozen=True, slots=True)
class CrmRules:
    """From whom leads of one CRM may be taken, and who holds what nobody can take, or what is on offer.

    `take_from` holds case-folded owner names; `nobody` among them stands for unowned leads. `meaning` is what
    the CRM's values say of partners' work, `nurture` where leads ripen.
    """

    take_from: frozenset[str]
    fallback_owner: str | None
    offer_to: str | None = None
    meaning: Meaning = NO_MEANING
    nurture: Nurture = Nurture()

    def may_take_from(self, owner: str | None) -> bool:
        """Whether a lead with this owner is ours to distribute."""
        return (owner or "nobody").casefold() in self.take_from


@dataclass(frozen=True, slots=True)
class Screen:
    """Turns a lead away when `condition` holds, or, if `required`, when it does not.

    One that holds leads lets them pass after `hold_for`, where that is given.
    """

    name: str
    condition: Condition
    required: bool
    outcome: Outcome
    look_again_after: timedelta | None
    code: str = "screened"
    text: str | None = None
    hold_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PointRule:
    """Points for leads that meet a condition, halved whenever `halve_every` has passed since a date."""

    name: str
    condition: Condition
    points: int
    halve_every: timedelta | None = None
    since: str = "created_at"


@dataclass(frozen=True, slots=True)
class ScoreGroup:
    """Rules whose points add up to at most `most`, and never to less than zero."""

    name: str
    most: int
    rules: tuple[PointRule, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """The order of work: leads that are `urgent` before all others, then `by` oldest, newest or score."""

    urgent: Condition | None = None
    by: str = "oldest"

    @property
    def overtakes(self) -> bool:
        """Whether a lead that comes later may go first."""
        return self.urgent is not None or self.by != "oldest"

    @property
    def ranks(self) -> bool:
        """Whether the order depends on more than when leads were created."""
        return self.urgent is not None or self.by == "score"


Borders = tuple[int, int, int]
"""The least points for the first three of four steps, descending."""


@dataclass(frozen=True, slots=True)
class Route:
    """Which leads, which partners, how to choose; `pick` is the method's name."""

    name: str
    condition: Condition
    pool: tuple[Partner, ...]
    limits: Limits
    prefer: tuple[Preference, ...]
    pick: str
    method: Method[Any]
    rotation: Rotation
    hold: timedelta | None
    then: str
    terms: Terms = NO_TERMS
    unclaimed_after: Span | None = None
    unclaimed: Method[Any] | None = None
    """How a lead that nobody claims in time is given."""
    shadow: bool = False
    """Whether what it decides is only recorded, and never sent."""

    @property
    def judges(self) -> bool:
        """Whether partners' records make a difference to who gets a lead."""
        methods = (self.method, self.unclaimed) if self.unclaimed else (self.method,)
        names = {preference.name for preference in self.prefer}.union(*(each.weighs() for each in methods))
        return not names.isdisjoint(RECORDS)


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that a decision follows."""

    crms: Mapping[str, CrmRules]
    partners: Mapping[str, Partner]
    legal_screens: tuple[Screen, ...]
    quality_screens: tuple[Screen, ...]
    score: tuple[ScoreGroup, ...]
    standing: StandingRules
    routes: tuple[Route, ...]
    missing_words: frozenset[str]
    retry_held_every: timedelta
    decision_link: str | None = None
    tiers: tuple[str, ...] = ()
    seed: int = 0
    zone: tzinfo = UTC
    grades: tuple[Borders, Borders] | None = None
    """Borders of fit and of engagement."""
    normal: Normal = field(default_factory=Normal)
    deal_registration: DealRegistrationSettings | None = None
    partner_ids: Mapping[str, str] = field(default_factory=dict)
    """Partner id by case-folded id or name."""
    territories: Territories = NO_TERRITORIES
    attendance: Attendance = NOBODY_ABSENT
    recall: Recall = NOTHING
    recycles: tuple[Recycle, ...] = ()
    finds_duplicates: bool = False
    order: Order = Order()
    recognises: bool = False
    """Whether it matters who leads are: the same people and companies across time and CRMs."""
    _index: RouteIndex = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", RouteIndex([route.condition for route in self.routes]))

    def covering(self, facts: Facts) -> Iterator[Route]:
        """The routes that cover a lead, in order."""
        for place in self._index.places(facts):
            route = self.routes[place]
            if route.condition.holds(facts):
                yield route

    def terms_of(self, route: str | None) -> Terms:
        """What a route says of the time after the assignment; who got a lead by standing is not hurried."""
        return next((known.terms for known in self.routes if known.name == route), NO_TERMS)

    @property
    def claims(self) -> Mapping[str, ClaimOptions]:
        """The limits on claims by the name of the route that offers."""
        return {r.name: r.method.options for r in self.routes if isinstance(r.method.options, ClaimOptions)}

    @property
    def shadow_routes(self) -> frozenset[str]:
        """The names of the routes that are only tried: what they decide is recorded and never sent."""
        return frozenset(route.name for route in self.routes if route.shadow)

    @property
    def rotations(self) -> Mapping[str, Rotation]:
        """The rotations of the routes by name; routes that share one agree on its terms."""
        return {route.rotation.name: route.rotation for route in self.routes}

    @property
    def offers(self) -> bool:
        """Whether any route offers leads."""
        return any(route.method.offers for route in self.routes)


class BadPolicy(ValueError):
    """Rules that cannot be understood, with every finding at once."""

    def __init__(self, findings: Sequence[Finding]):
        super().__init__("; ".join(finding.message for finding in findings))
        self.findings = tuple(findings)


def understand_policy(
    settings: RoutingSettings,
    crms: Mapping[str, CrmRules],
    custom_fields: Sequence[str] = (),
    retry_held_every: timedelta = timedelta(minutes=5),
    zone: tzinfo = UTC,
    files: Mapping[str, str] = MappingProxyType({}),
) -> Policy:
    """Compile the rules; BadPolicy lists everything in them that cannot be understood.

    `files` holds the text of every file that the settings name, under its name as written; one that is
    absent could not be read, which its reader has reported.
    """
    ungraded = () if settings.score.grades else ("grade",)
    reader = _Reader(frozenset({*STANDARD_FIELDS, *DERIVED_FIELDS, *custom_fields}.difference(ungraded)))
    normal = understand_normal(settings, True, reader.find)
    reader.partner_fields(settings.partner)
    partners = {p.id: understand_partner(p, normal) for p in settings.partner}
    reader.choosing.partners = partners
    partner_ids = names(partners)
    check_backups(settings.partner, reader.find)
    territories = _territories(settings, files, partner_ids, reader)
    routes = reader.routes(settings, partners, territories, crms)
    standing = understand_standing(settings.standing, files, partner_ids, zone, reader.find, reader.find_in)
    policy = Policy(
        crms=crms,
        partners=partners,
        legal_screens=reader.screens(settings.screen, "legal"),
        quality_screens=reader.screens(settings.screen, "quality"),
        score=(
            reader.group("fit", settings.score.fit),
            reader.group("engagement", settings.score.engagement),
        ),
        standing=standing,
        routes=routes,
        missing_words=frozenset(word.strip().casefold() for word in settings.missing_words),
        retry_held_every=retry_held_every,
        decision_link=settings.decision_link,
        tiers=settings.tiers,
        seed=settings.seed,
        zone=zone,
        grades=reader.grades(settings.score),
        normal=replace(normal, phones=recognises(standing, reader.used) or "phone" in reader.used),
        partner_ids=partner_ids,
        territories=territories,
        attendance=read_attendance(
            settings.partner, zone, files, reader.find, reader.find_in, _bound_to_hours(routes)
        ),
        recycles=tuple(
            Recycle(
                rule.name,
                rule.no_progress_for,
                frozenset(rule.states),
                reader.condition(rule.when, "recycle", number, "when"),
            )
            for number, rule in enumerate(settings.recycle)
        ),
        recall=replace(
            recall_of(partners.values(), {r.name: r.limits.needs.caps for r in routes}),
            deal_weight=round(A_LEAD * settings.open_deal_weight),
            judged=settings.performance.within if any(route.judges for route in routes) else None,
        ),
        deal_registration=settings.deal_registration,
        order=reader.order(settings.order),
        finds_duplicates=DUPLICATE in reader.used,
        recognises=recognises(standing, reader.used),
    )
    if reader.findings:
        raise BadPolicy(reader.findings)
    return policy


def _territories(
    settings: RoutingSettings, files: Mapping[str, str], partners: Mapping[str, str], reader: "_Reader"
) -> Territories:
    name = settings.territories
    if name is None or name not in files:
        return NO_TERRITORIES
    return read_territories(name, files[name], partners, reader.find_in)


def _bound_to_hours(routes: Sequence[Route]) -> frozenset[str]:
    strict = (route for route in routes if route.limits.needs.hours_required)
    return frozenset(partner.id for route in strict for partner in route.pool)


class _Reader:
    """Compiles parts of the rules and keeps a finding for each that it cannot."""

    def __init__(self, fields: frozenset[str]):
        self.fields = fields
        self.findings: list[Finding] = []
        self.used: set[str] = set()
        self.choosing = ChoosingReader(fields, self.find)

    def condition(self, written: Written, *where: str | int) -> Condition:
        try:
            condition = understand_condition(written, self.fields)
            self.used |= condition.fields()
            return condition
        except BadConditions as error:
            for fault in error.faults:
                self.find((*where, *fault.path), str(fault), fault.choices, fault.wrong)
            return ALWAYS

    def partner_fields(self, settings: Sequence[PartnerSettings]) -> None:
        for index, partner in enumerate(settings):
            for name in partner.fields:
                if name in OWN_FIELDS:
                    self.find(
                        ("partner", index, "fields", name),
                        f"every partner has {name!r} already; give this field another name",
                    )

    def screens(self, settings: Sequence[ScreenSettings], stage: str) -> tuple[Screen, ...]:
        return tuple(self._screen(s, i) for i, s in enumerate(settings) if stage_of(s) == stage)

    def _screen(self, settings: ScreenSettings, index: int) -> Screen:
        where = ("screen", index)
        if [settings.use, settings.when, settings.require].count(None) != 2:
            self.find(where, f"screen {settings.name!r} needs one of 'use', 'when' and 'require'")
        ready = READY.get(settings.use or "")
        wrong = misplaced(settings)
        if wrong:
            self.find(where, wrong)
        required = settings.require is not None
        if required and "then" in settings.model_fields_set:
            self.find((*where, "then"), "with 'require' write 'otherwise', since 'then' goes with 'when'")
        if not required and settings.otherwise is not None:
            self.find(
                (*where, "otherwise"), "with 'when' write 'then', since 'otherwise' goes with 'require'"
            )
        outcome = _SCREEN_OUTCOMES[(settings.otherwise or "reject") if required else settings.then]
        if settings.hold_for and outcome is not Outcome.HELD:
            self.find(
                (*where, "hold_for"),
                "'hold_for' goes with a screen that holds; write \"hold\" or leave it out",
            )
        written = settings.require if settings.require is not None else settings.when or {}
        written = ready.turns_away(words_of(settings, ready)) if ready else written
        return Screen(
            name=settings.name,
            condition=self.condition(written, *where, "require" if required else "when"),
            required=required,
            outcome=outcome,
            look_again_after=settings.look_again_after,
            code=ready.code if ready else "screened",
            text=settings.text,
            hold_for=settings.hold_for,
        )

    def order(self, settings: OrderSettings) -> Order:
        urgent = settings.urgent
        return Order(self.condition(urgent, "order", "urgent") if urgent else None, settings.by)

    def group(self, name: str, settings: ScoreGroupSettings) -> ScoreGroup:
        rules = (self._points(points, name, index) for index, points in enumerate(settings.points))
        return ScoreGroup(name, settings.most, tuple(rules))

    def _points(self, settings: PointsSettings, group: str, index: int) -> PointRule:
        where: Where = ("score", group, "points", index)
        if settings.since not in self.fields:
            message = f"there is no field {settings.since!r}"
            self.find((*where, "since"), message, sorted(self.fields), settings.since)
        return PointRule(
            settings.name or f"{group} {index + 1}",
            self.condition(settings.when, *where, "when"),
            settings.points,
            settings.halve_every,
            settings.since,
        )

    def grades(self, settings: ScoreSettings) -> tuple[Borders, Borders] | None:
        written = settings.grades
        if written is None:
            return None
        for name, borders, most in (
            ("fit", written.fit, settings.fit.most),
            ("engagement", written.engagement, settings.engagement.most),
        ):
            where: Where = ("score", "grades", name)
            if not borders[0] > borders[1] > borders[2]:
                self.find(where, "borders go down, such as [45, 30, 15]")
            elif borders[0] > most:
                self.find(where, f"nobody can reach {borders[0]}, since {name} counts for {most} at most")
        return written.fit, written.engagement

    def routes(
        self,
        rules: RoutingSettings,
        partners: Mapping[str, Partner],
        territories: Territories,
        crms: Mapping[str, CrmRules],
    ) -> tuple[Route, ...]:
        indexes = range(len(rules.route))
        found = tuple(self._route(rules, index, partners, territories) for index in indexes)
        for index, route in enumerate(found):
            self._offers(route, ("route", index, "pick"), crms)
        return found

    def _offers(self, route: Route, where: Where, crms: Mapping[str, CrmRules]) -> None:
        for crm, rules in crms.items():
            reached = any(partner.owners.get(crm) for partner in route.pool)
            if route.method.offers and reached and rules.offer_to is None:
                self.find(where, f"to offer leads of crm {crm!r} it needs offer_to, who holds them meanwhile")

    def _route(
        self, rules: RoutingSettings, index: int, partners: Mapping[str, Partner], territories: Territories
    ) -> Route:
        settings, where = rules.route[index], ("route", index)
        whole = pool_of(settings.pool, where, tuple(partners.values()), self.find)
        rotation = self.choosing.rotation(settings, whole, where)
        pool = tuple(partner for partner in whole if rotation.weight(partner))
        unclaimed = settings.if_not_claimed
        needs = read_needs(settings, where, rules, partners, self.fields, self.find)
        return Route(
            name=settings.name,
            condition=self.condition(settings.when, *where, "when"),
            pool=pool,
            limits=Limits(settings.name, pool, needs, partners, territories),
            prefer=self.choosing.preferences(settings.prefer, where),
            pick=str(settings.pick.get("method")),
            method=self.choosing.method(settings.pick, where),
            rotation=rotation,
            hold=settings.if_nobody_fits.hold,
            then=settings.if_nobody_fits.then,
            terms=read_terms(settings, where, self.find),
            unclaimed_after=unclaimed.after if unclaimed else None,
            unclaimed=self._unclaimed(unclaimed, where) if unclaimed else None,
            shadow=settings.mode == "shadow",
        )

    def _unclaimed(self, settings: NotClaimedSettings, where: Where) -> Method[Any]:
        key: Where = ("if_not_claimed", "then")
        method = self.choosing.method(settings.then, where, key)
        if method.offers:
            self.find((*where, *key), "what nobody claims is not offered again; name another method")
        return method

    def find(self, where: Where, message: str, choices: Sequence[str] = (), wrong: str = "") -> None:
        """Keep a finding."""
        self.findings.append(Finding(where, message, tuple(choices), wrong))

    def find_in(
        self, file: str, line: int, message: str, choices: Sequence[str] = (), wrong: str = ""
    ) -> None:
        """Keep a finding in a file that config.toml names."""
        self.findings.append(Finding((), message, tuple(choices), wrong, file, line))
