"""The rules of deal registration once understood."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from connector.model.durations import Span
from connector.model.partner import Partner
from connector.routing.calendars import Calendar, Hours
from connector.routing.holidays import country_holidays
from connector.routing.named_accounts import NamedAccounts
from connector.routing.normal import Normal
from connector.routing.normal.domains import registrable
from connector.routing.policy import Policy
from connector.routing.registration.settings import DealRegistrationSettings


@dataclass(frozen=True, slots=True)
class Terms:
    """`[deal_registration]` beside the partners and the clock that it speaks of."""

    settings: DealRegistrationSettings
    partners: Mapping[str, Partner]
    partner_ids: Mapping[str, str]
    tiers: tuple[str, ...]
    zone: tzinfo
    calendar: Calendar
    normal: Normal
    missing_words: frozenset[str]
    named_accounts: NamedAccounts
    own_domains: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, settings: DealRegistrationSettings, policy: Policy) -> "Terms":
        """The terms of a config."""
        return cls(
            settings,
            policy.partners,
            policy.partner_ids,
            tuple(tier.casefold() for tier in policy.tiers),
            policy.zone,
            calendar_of(settings, policy.zone),
            policy.normal,
            policy.missing_words,
            policy.standing.named_accounts,
            _own_domains(policy.partners),
        )

    def partner(self, partner_id: str | None) -> Partner | None:
        """The partner of an id."""
        return self.partners.get(partner_id or "")

    def rank(self, tier: str | None) -> int:
        """The place of a tier, the best first; unknown ones last."""
        word = (tier or "").casefold()
        return self.tiers.index(word) if word in self.tiers else len(self.tiers)

    def decide_by(self, start: datetime) -> datetime:
        """When a review that began at `start` must be over."""
        return self._after(start, self.settings.decide_within)

    def remind_reviewer_at(self, start: datetime) -> datetime | None:
        """When the reviewer is reminded."""
        written = self.settings.remind_reviewer_after
        return self._after(start, written) if written else None

    def _after(self, start: datetime, span: Span) -> datetime:
        """By the clock where the working time never comes."""
        return self.calendar.after(start, span) or start + span.length

    def later(self, start: datetime, by: timedelta) -> datetime:
        """A time later; whole days end at the same time of day, across daylight-saving changes too."""
        if by % timedelta(days=1):
            return start + by
        local = start.astimezone(self.zone) + by  # wall clock
        return local.astimezone(start.tzinfo)

    def most_open(self, partner: Partner) -> int | None:
        """How many registrations a partner may have open, None without a limit."""
        by_tier = {tier.casefold(): most for tier, most in self.settings.open_at_once.items()}
        return by_tier.get((partner.tier or "").casefold())

    def reward(self, partner: Partner | None, amount: float | None) -> float | None:
        """What a partner earns with a won deal of this amount, by the first rule that applies."""
        if partner is None or amount is None:
            return None
        tier = (partner.tier or "").casefold()
        for rule in self.settings.reward:
            if rule.tier is None or tier in {each.casefold() for each in rule.tier}:
                earned = amount * rule.percent / 100
                return round(min(earned, rule.most) if rule.most else earned, 2)
        return None


def calendar_of(settings: DealRegistrationSettings, zone: tzinfo) -> Calendar:
    """When the channel team works; UnknownHolidays where its holidays are none that we know."""
    hours, holidays = settings.working_hours, settings.holidays
    own = ZoneInfo(hours.timezone) if hours.timezone else zone
    days = (country_holidays(holidays.country, holidays.subdivision),) if holidays else ()
    return Calendar(own, (Hours(hours.days, hours.start, hours.end, own),), days)


def _own_domains(partners: Mapping[str, Partner]) -> Mapping[str, frozenset[str]]:
    """The domains of the partners' own people, without those that several share: channel managers'."""
    who: defaultdict[str, set[str]] = defaultdict(set)
    for partner in partners.values():
        for owner in (name for names in partner.owners.values() for name in names):
            if owner.startswith("user:"):
                who[registrable(owner) or ""].add(partner.id)
    own: defaultdict[str, set[str]] = defaultdict(set)
    for domain, ids in who.items():
        if domain and len(ids) == 1:
            own[next(iter(ids))].add(domain)
    return {partner: frozenset(domains) for partner, domains in own.items()}
