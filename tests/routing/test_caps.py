"""Caps of partners, owners and routes: of the calendar or rolling, however many, never exceeded."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.decision import Decision, Outcome
from connector.model.lead import Lead
from connector.model.partner import Cap
from connector.routing.capacity import CALENDAR_BACK, began, recall_of
from connector.routing.pipeline import decide
from connector.routing.policy import Policy
from connector.routing.reasons import REFUSALS, summary
from tests.builders import a_lead, a_policy, a_snapshot, partner
from tests.conftest import NOW

ROUTE = '[[route]]\nname = "all"\n'
BERLIN = ZoneInfo("Europe/Berlin")

PERIOD: Mapping[str, Callable[[datetime], object]] = {
    "hour": lambda local: (local.utcoffset(), local.isoformat()[:13]),
    "day": lambda local: local.date(),
    "week": lambda local: local.isocalendar()[:2],
    "month": lambda local: (local.year, local.month),
}
WINDOW = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "90m": timedelta(minutes=90),
    "36h": timedelta(hours=36),
}


@dataclass(frozen=True)
class Limit:
    """A cap, and how many of the leads given at some times it counts at a moment."""

    leads: int
    per: str
    rolling: bool

    def toml(self) -> str:
        rolling = ", rolling = true" if self.rolling and self.per in PERIOD else ""
        return f'{{ leads = {self.leads}, per = "{self.per}"{rolling} }}'

    def counts(self, times: Sequence[datetime], now: datetime) -> int:
        if self.rolling or self.per not in PERIOD:
            return sum(now - WINDOW[self.per] < time <= now for time in times)
        same = PERIOD[self.per]
        return sum(same(time.astimezone(BERLIN)) == same(now.astimezone(BERLIN)) for time in times)

    def exceeded(self, times: Sequence[datetime]) -> bool:
        return any(self.counts(times[: place + 1], time) > self.leads for place, time in enumerate(times))


LIMITS = st.lists(st.builds(Limit, st.integers(0, 6), st.sampled_from([*WINDOW]), st.booleans()), max_size=3)
STARTS = st.sampled_from([NOW, datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC)])


def toml_of(limits: Sequence[Limit]) -> str:
    return "[" + ", ".join(limit.toml() for limit in limits) + "]"


@given(
    st.lists(st.integers(0, 2000), min_size=1, max_size=50),
    st.tuples(LIMITS, LIMITS, LIMITS, LIMITS),
    STARTS,
)
def test_no_cap_is_ever_exceeded_and_nobody_is_turned_away_without_one_being_full(
    gaps: list[int], limits: tuple[list[Limit], ...], start: datetime
) -> None:
    anna, bert, of_owner, of_route = limits
    owners = 'owners.salesforce = ["user:one@x.example", "user:Two@x.example"]\n'
    toml = (
        partner("anna") + f"max_new_leads = {toml_of(anna)}\n"
        + f'[[partner]]\nid = "bert"\nname = "Bert"\nmax_new_leads = {toml_of(bert)}\n'
        + f"max_new_leads_per_owner = {toml_of(of_owner)}\n{owners}"
        + ROUTE + f"max_new_leads = {toml_of(of_route)}\n"
    )  # fmt: skip
    policy, snapshot = a_policy(toml, zone=BERLIN), a_snapshot(start)
    given_to: dict[str, list[datetime]] = {who: [] for who in ("anna", "bert", "one", "two", "route")}
    for number, minutes in enumerate(gaps):
        snapshot.now += timedelta(minutes=minutes)
        decision = decide(policy, snapshot, a_lead(number))
        snapshot.apply(decision)

        def full(who: str, caps: Sequence[Limit]) -> bool:
            return any(cap.counts(given_to[who], snapshot.now) >= cap.leads for cap in caps)

        owners_full = full("one", of_owner) and full("two", of_owner)
        nobody = full("route", of_route) or (full("anna", anna) and (full("bert", bert) or owners_full))
        assert (decision.outcome is not Outcome.ASSIGNED) == nobody
        if decision.partner:
            owner = (decision.owner or "")[5:8].casefold()
            for who in (decision.partner, "route", *([owner] if decision.partner == "bert" else [])):
                given_to[who].append(snapshot.now)
    for who, caps in (
        ("anna", anna),
        ("bert", bert),
        ("one", of_owner),
        ("two", of_owner),
        ("route", of_route),
    ):
        assert not any(cap.exceeded(given_to[who]) for cap in caps)


def lived(
    policy: Policy, leads: Sequence[Lead], start: datetime = NOW, every: timedelta = timedelta()
) -> list[Decision]:
    """Leads one after another, so much time apart."""
    snapshot, found = a_snapshot(start), []
    for lead in leads:
        found.append(decide(policy, snapshot, lead))
        snapshot.apply(found[-1])
        snapshot.now += every
    return found


def some(count: int) -> list[Lead]:
    return [a_lead(number) for number in range(count)]


def test_a_rolling_day_does_not_begin_at_midnight() -> None:
    rolling = a_policy(partner("anna") + 'max_new_leads = { leads = 2, per = "24h" }\n' + ROUTE)
    by_day = a_policy(partner("anna") + 'max_new_leads = { leads = 2, per = "day" }\n' + ROUTE)
    evening, six_hours = NOW.replace(hour=18), timedelta(hours=6)
    given = [[d.partner for d in lived(policy, some(6), evening, six_hours)] for policy in (rolling, by_day)]
    assert given == [
        ["anna", "anna", None, None, "anna", "anna"],
        ["anna", "anna", "anna", None, None, "anna"],
    ]


@pytest.mark.parametrize(
    ("keys", "route", "code", "told"),
    [
        ('max_new_leads = { leads = 1, per = "2h" }\n', "", "cap_rolling", "1 at a rolling cap"),
        (
            'max_new_leads_per_owner = { leads = 1, per = "day" }\n',
            "",
            "owners_at_cap",
            "1 with all owners at",
        ),
        ("max_open_leads_per_owner = 1\n", "", "owners_at_cap", "1 with all owners at their cap"),
        (
            "",
            'max_new_leads = { leads = 1, per = "day" }\n',
            "route_cap_per_day",
            "1 at the route's cap for today",
        ),
        (
            "",
            'max_new_leads = { leads = 1, per = "2h" }\n',
            "route_cap_rolling",
            "1 at the route's rolling cap",
        ),
    ],
)
def test_every_cap_has_its_own_code_and_words(keys: str, route: str, code: str, told: str) -> None:
    first, second = lived(a_policy(partner("anna") + keys + ROUTE + route), some(2))
    assert first.partner == "anna"
    assert second.choices[0].refused == {code: ("anna",)}
    assert f"0 of 1 fit: {told}" in summary(second)
    assert code in REFUSALS


def test_a_full_route_passes_leads_on() -> None:
    full = ROUTE + 'max_new_leads = { leads = 2, per = "day" }\nif_nobody_fits = { then = "next_route" }\n'
    policy = a_policy(partner("anna") + full + '[[route]]\nname = "rest"\n')
    assert [decision.route for decision in lived(policy, some(4))] == ["all", "all", "rest", "rest"]


def test_the_cap_of_an_owner_counts_the_partners_own_leads_only() -> None:
    """The channel manager holds the records of two partners; each partner may give it two at once."""
    both = "".join(
        f'[[partner]]\nid = "{name}"\nname = "{name}"\nmax_open_leads_per_owner = 2\n'
        'owners.salesforce = ["user:Manager@x.example"]\n'
        for name in ("anna", "bert")
    )
    got = Counter(decision.partner for decision in lived(a_policy(both + ROUTE), some(6)))
    assert got == {"anna": 2, "bert": 2, None: 2}


def test_owners_at_their_cap_are_passed_over_in_turn_and_a_standing_ignores_it() -> None:
    toml = (
        '[[partner]]\nid = "anna"\nname = "Anna"\nmax_open_leads_per_owner = 2\n'
        'owners.salesforce = ["user:a@x.example", "user:b@x.example"]\n'
        'owner_weights = { "user:a@x.example" = 3 }\n' + ROUTE
    )
    policy = a_policy(toml)
    decisions = lived(policy, [*some(4), a_lead(9, partner="Anna"), a_lead(10)])
    assert Counter(decision.owner for decision in decisions[:4]) == {
        "user:a@x.example": 2,
        "user:b@x.example": 2,
    }
    assert decisions[4].partner == "anna"
    assert decisions[5].choices[0].refused == {"owners_at_cap": ("anna",)}


def test_a_lead_that_is_decided_again_leaves_room_where_it_was() -> None:
    policy, snapshot = a_policy(partner("anna", max_open_leads=1) + partner("bert") + ROUTE), a_snapshot()
    snapshot.load["anna"] = 1
    snapshot.holding = {a_lead(1).ref: ("anna", "user:anna@x.example")}
    for number in (1, 2):
        decision = decide(policy, snapshot, a_lead(number))
        snapshot.apply(decision)
        assert decision.partner == ("bert" if number == 1 else "anna")
    assert snapshot.load == {"anna": 1, "bert": 1}


@pytest.mark.parametrize("per", PERIOD)
@given(
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_what_is_remembered_reaches_back_over_the_whole_period(per: str, moment: datetime, zone: str) -> None:
    """Leads given since the period began count, however clocks changed; so the store must tell of them."""
    told = recall_of([], {"all": (Cap(5, per),)})
    assert moment - began(moment, ZoneInfo(zone))[per] < told.back
    assert told.back <= CALENDAR_BACK["month"]
    assert (told.back < timedelta(days=2)) == (per in ("hour", "day")), "no more than needed is read"
