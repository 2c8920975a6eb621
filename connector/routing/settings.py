"""The shape of the admin's rules: partners, screens, score, standing and routes as written."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, WithJsonSchema

from connector.model.durations import Duration, SpanOfTime
from connector.model.files import FileName
from connector.routing.accounts import STRONG, WEAK
from connector.routing.methods import schema
from connector.routing.partner_settings import Caps, CapSettings, Coverable, Needed, PartnerSettings
from connector.routing.preferences import PREFERENCES
from connector.routing.registration.settings import DealRegistrationSettings
from connector.routing.shapes import Name, Strict, Weight, Written
from connector.routing.sla_settings import Following, RecycleSettings
from connector.routing.standing import KINDS

LinkPattern = Annotated[str, StringConstraints(pattern=r"^https?://.*\{ref\}")]
"""Where a decision can be looked up; `{ref}` stands for the lead's address."""


class ScreenSettings(Strict):
    """One reason to turn a lead away, hold it, or let it ripen."""

    name: Name
    stage: Literal["legal", "quality"] | None = None
    use: (
        Literal[
            "consent_to_share",
            "not_embargoed",
            "known_email",
            "no_duplicate",
            "valid_email",
            "corporate_email",
            "not_a_competitor",
            "not_our_own",
            "no_test_record",
            "required_fields",
            "has_need",
            "has_budget",
            "has_timeline",
            "is_decision_maker",
        ]
        | None
    ) = None
    domains: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] | None = None
    when: Written | None = None
    require: Written | None = None
    then: Literal["reject", "nurture", "hold"] = "reject"
    otherwise: Literal["reject", "nurture", "hold"] | None = None
    look_again_after: Annotated[Duration, Field(ge=timedelta(minutes=1))] | None = None
    hold_for: Annotated[Duration, Field(ge=timedelta(minutes=1))] | None = None


class PointsSettings(Strict):
    """Points for leads that meet a condition; halved whenever `halve_every` has passed `since` a date."""

    name: Name | None = None
    when: Written
    points: int
    halve_every: Annotated[Duration, Field(ge=timedelta(hours=1))] | None = None
    since: str = "created_at"


class ScoreGroupSettings(Strict):
    """A group of points and the most that it can add up to."""

    most: int = Field(default=100, ge=0)
    points: tuple[PointsSettings, ...] = ()


Border = Annotated[int, Field(ge=0)]


class GradesSettings(Strict):
    """The least points for A, B and C by fit, and for 1, 2 and 3 by engagement; below are D and 4."""

    fit: tuple[Border, Border, Border]
    engagement: tuple[Border, Border, Border]


class ScoreSettings(Strict):
    """Fit (who they are) and engagement (what they did), kept apart."""

    fit: ScoreGroupSettings = ScoreGroupSettings()
    engagement: ScoreGroupSettings = ScoreGroupSettings()
    grades: GradesSettings | None = None


StandingKind = Annotated[str, WithJsonSchema({"enum": list(KINDS)})]


class StandingSettings(Strict):
    """A partner's existing rights to a lead, in the order in which they count.

    `same_company_from` is how sure a company's name must be, from 0.5 (worth a look) to 1 (the same name);
    without the same domain. The windows count from the day that a partner was given the earlier lead.
    """

    order: tuple[StandingKind, ...] = tuple(KINDS)
    named_accounts: FileName | None = None
    kept_accounts_to: Literal["fallback_owner", "leave_alone"] = "fallback_owner"
    same_person_within: Annotated[Duration, Field(ge=timedelta(days=1))] = timedelta(days=180)
    same_company_within: Annotated[Duration, Field(ge=timedelta(days=1))] = timedelta(days=180)
    same_company_from: Annotated[float, Field(ge=WEAK, le=1)] = STRONG
    if_they_disagree: Literal["hold", "first"] = "hold"
    takes_turn: bool = False


class PoolSettings(Strict):
    """Which partners a route may give leads to; entries are joined by "and".

    With `backups`, whoever stands in for a partner of the pool that is away need not belong to it.
    """

    partners: tuple[str, ...] | None = None
    type: tuple[str, ...] | None = None
    tier: tuple[str, ...] | None = None
    country: tuple[str, ...] | None = None
    when: Written | None = None
    backups: bool = False


class RotationSettings(Strict):
    """A named memory of turns; routes that name the same one share it.

    `absence` says whether who is away goes without (`forgive`) or is owed its share afterwards (`make_up`):
    up to `make_up_limit` leads, in at most every `make_up_every`-th of the others' leads, and for no longer
    than `make_up_within` after the return. `fair_by` says what is shared out evenly: leads, or their
    `deal_value`, where `typical_value` counts as one lead and no lead for more than `count_at_most`.
    """

    name: Name
    weight_by_tier: Mapping[str, Weight] = {}
    weights: Mapping[str, Weight] = {}
    absence: Literal["forgive", "make_up"] = "forgive"
    make_up_limit: int = Field(default=5, ge=1, le=1000)
    make_up_every: int = Field(default=3, ge=2, le=1000)
    make_up_within: Duration = timedelta(days=30)
    fair_by: Literal["count", "value"] = "count"
    typical_value: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    count_at_most: float = Field(default=10, ge=1, le=1000)


class NobodyFitsSettings(Strict):
    """What happens to a lead that no partner of the pool can take now."""

    hold: Duration | None = None
    then: Literal["next_route", "fallback_owner"] = "fallback_owner"


def _table(written: Any) -> Any:
    return {"method": written} if isinstance(written, str) else written


Picking = Annotated[Written, BeforeValidator(_table), WithJsonSchema(schema())]
"""A method by its name, or a table of `method` and its options."""

PreferenceName = Annotated[str, WithJsonSchema({"enum": list(PREFERENCES)})]


class NotClaimedSettings(Strict):
    """How a lead is given that nobody claims in a time."""

    after: SpanOfTime
    then: Picking = {"method": "round_robin"}


class RouteSettings(Following):
    """Which leads, which partners, how to choose."""

    name: Name
    when: Written = {}
    pool: PoolSettings = PoolSettings()
    must_cover: tuple[Coverable, ...] = ()
    minimum_tier: str | None = None
    needs_certification: Needed = ()
    working_hours: Literal["required", "queue"] = "queue"
    max_new_leads: Caps = ()
    expected_leads: CapSettings | None = None
    prefer: tuple[PreferenceName, ...] = ()
    pick: Picking = {"method": "round_robin"}
    rotation: RotationSettings | None = None
    if_nobody_fits: NobodyFitsSettings = NobodyFitsSettings()
    if_not_claimed: NotClaimedSettings | None = None
    mode: Literal["shadow", "live"] = "live"


class OrderSettings(Strict):
    """The order of work: `urgent` leads first, the others `by` age or score."""

    urgent: Written | None = None
    by: Literal["oldest", "newest", "score"] = "oldest"


class PerformanceSettings(Strict):
    """Over what time partners are judged by what they made of their leads."""

    within: Duration = timedelta(days=365)


class RoutingSettings(BaseModel):
    """Everything that decisions follow, as written."""

    screen: tuple[ScreenSettings, ...] = ()
    score: ScoreSettings = ScoreSettings()
    standing: StandingSettings = StandingSettings()
    partner: tuple[PartnerSettings, ...] = ()
    territories: FileName | None = None
    route: tuple[RouteSettings, ...] = ()
    missing_words: tuple[str, ...] = ()
    decision_link: LinkPattern | None = None
    tiers: tuple[str, ...] = ("platinum", "gold", "silver", "bronze")
    seed: int = 0
    recycle: tuple[RecycleSettings, ...] = ()
    base_currency: str | None = None
    rates: Mapping[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]] = {}
    industry_synonyms: Mapping[Name, tuple[Name, ...]] = {}
    treat_as_company: tuple[str, ...] = ()
    treat_as_free_mail: tuple[str, ...] = ()
    deal_registration: DealRegistrationSettings | None = None
    open_deal_weight: Annotated[float, Field(ge=0, le=100)] = 0
    performance: PerformanceSettings = PerformanceSettings()
    order: OrderSettings = OrderSettings()
