"""Believable leads in any number: the same seed gives the same people, as neat or messy as they typed."""

import random
from bisect import bisect
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Generic, TypeVar

from connector.sandbox.companies import PRODUCTS, Company, slug, some_company
from connector.sandbox.mess import again, messy
from connector.sandbox.places import FREE_MAIL, Country, countries, names_of
from connector.sandbox.programme import PARTNER_COMPANIES, VENDOR_DOMAIN

Lead = dict[str, str | int | float | bool | None]
T = TypeVar("T")

TITLES = {
    "IT Manager": 14, "Head of IT": 10, "CTO": 6, "CIO": 6, "CEO": 5, "Managing Director": 5,
    "System Administrator": 11, "Software Engineer": 8, "Purchasing Manager": 6, "Operations Manager": 7,
    "VP Engineering": 3, "Head of Procurement": 4, "Consultant": 5, "Marketing Manager": 4, "Owner": 3,
    "Student": 2, "Intern": 1, None: 6,
}  # fmt: skip
DECIDERS = {
    "Head of IT",
    "CTO",
    "CIO",
    "CEO",
    "Managing Director",
    "VP Engineering",
    "Head of Procurement",
    "Owner",
}
LEAD_SOURCES = {
    "Web": 26, "Content Download": 14, "Webinar": 12, "Google Ads": 11, "Trade Show": 9, "LinkedIn": 9,
    "Partner Referral": 6, "Purchased List": 5, "Phone Inquiry": 4, "Other": 2, None: 2,
}  # fmt: skip
BUDGETS = {"Approved": 24, "Planned": 34, "No budget": 18, None: 24}
NEEDS = {"Replace": 25, "Expand": 25, "New project": 27, "Research": 11, None: 12}
TIMELINES = {"This quarter": 22, "This year": 33, "Next year": 17, "Just looking": 12, None: 16}
CONSENT = {True: 82, False: 7, None: 11}
WISHES = {
    None: 55,
    "Please send a quote.": 9,
    "We want to replace our current system soon.": 8,
    "Met at the booth, asked for a demo.": 7,
    "Wants to compare us with two other vendors.": 7,
    "Call back next week, prefers a local partner.": 7,
    "Downloaded the product guide.": 7,
}
LOCAL_PARTS = {
    "{first}.{last}": 62,
    "{initial}.{last}": 14,
    "{first}": 6,
    "{initial}{last}": 10,
    "{first}_{last}": 8,
}
THROWAWAY = ("mailinator.com", "guerrillamail.com", "yopmail.com", "10minutemail.com")
OTHER_SCRIPTS = ("el_GR", "uk_UA", "ja_JP")
JUNK_NAMES = (("Test", "Test"), ("asdf", "asdf"), ("Mickey", "Mouse"), ("xxx", "yyy"), ("Test", "Lead"))


class _Draw(Generic[T]):
    """Draws one of some values by weight."""

    def __init__(self, weights: dict[T, float] | dict[T, int]) -> None:
        self._values = tuple(weights)
        self._bounds = tuple(accumulate(weights.values()))

    def __call__(self, dice: random.Random) -> T:
        return self._values[bisect(self._bounds, dice.random() * self._bounds[-1])]


_country = _Draw({each: each.weight for each in countries()})
_title, _lead_source, _wish = _Draw(TITLES), _Draw(LEAD_SOURCES), _Draw(WISHES)
_budget, _need, _timeline, _consent = _Draw(BUDGETS), _Draw(NEEDS), _Draw(TIMELINES), _Draw(CONSENT)
_local_part = _Draw(LOCAL_PARTS)


def salesforce_leads(seed: int, count: int, now: datetime, weeks: int = 4) -> Iterator[Lead]:
    """`count` leads that came in during the weeks before `now`, some of them twice."""
    crowd = _Crowd(seed * 2, now, weeks)
    return (crowd.lead(number) for number in range(count))


def hubspot_leads(
    seed: int, count: int, now: datetime, weeks: int = 4, duplicates: float = 0.1
) -> Iterator[Lead]:
    """As `salesforce_leads`; the share `duplicates` are humans that Salesforce holds too, as they vary."""
    elsewhere, own = _Crowd(seed * 2, now, weeks), _Crowd(seed * 2 + 1, now, weeks)
    for number in range(count):
        dice = own.dice(-number - 1)
        is_duplicate = dice.random() < duplicates
        yield again(dice, elsewhere.first_visit(number), now) if is_duplicate else own.lead(number)


def employers(seed: int, count: int, now: datetime) -> Iterator[Company]:
    """The companies for which the people of `salesforce_leads` work, in their order."""
    crowd = _Crowd(seed * 2, now, weeks=4)
    return (crowd.employer(number) for number in range(count))


class _Crowd:
    """People by number; each has dice of their own, so that anyone can be met again without the others."""

    def __init__(self, seed: int, now: datetime, weeks: int) -> None:
        self._seed = seed << 40
        self._now = now
        self._weeks = weeks

    def dice(self, number: int) -> random.Random:
        return random.Random(self._seed + number)  # noqa: S311

    def lead(self, number: int) -> Lead:
        dice = self.dice(number)
        if number and dice.random() < 0.02:
            before = self.first_visit(dice.randrange(max(0, number - 100), number))
            return again(dice, before, self._now, other_email=True)
        return self._visit(dice)

    def first_visit(self, number: int) -> Lead:
        return self._visit(self._opened(number))

    def employer(self, number: int) -> Company:
        return _employer(self._opened(number))[1]

    def _opened(self, number: int) -> random.Random:
        """The dice of a person who is not seen for the second time."""
        dice = self.dice(number)
        if number:
            dice.random()
        return dice

    def _visit(self, dice: random.Random) -> Lead:
        where, works_for = _employer(dice)
        created = self._now - _age(dice, self._now, self._weeks)
        draw = dice.random()
        if draw < 0.015:
            return _junk(dice, created)
        lead = _human(dice, created, where, works_for)
        if draw < 0.03:
            lead["email"] = _insider_email(dice, lead)
        return messy(dice, lead)


def _employer(dice: random.Random) -> tuple[Country, Company]:
    where = _country(dice)
    return where, some_company(dice, where.code)


def _human(dice: random.Random, created: datetime, where: Country, works_for: Company) -> Lead:
    names = names_of(where.locale if dice.random() > 0.01 else dice.choice(OTHER_SCRIPTS))
    first, last = dice.choice(names.first), dice.choice(names.last)
    title = _title(dice)
    return {
        "first_name": first,
        "last_name": last,
        "title": title,
        "email": _email(dice, first, last, works_for, where),
        "phone": _phone(dice, where),
        **_about(dice, works_for, where),
        "lead_source": _lead_source(dice),
        "description": _wish(dice),
        "created_at": f"{created.isoformat()[:19]}Z",
        "product": dice.choice(PRODUCTS) if dice.random() < 0.86 else None,
        "budget": _budget(dice),
        "need": _need(dice),
        "timeline": _timeline(dice),
        "authority": None if title is None else title in DECIDERS,
        "expected_amount": _amount(dice, works_for.employees),
        "sharing_consent": _consent(dice),
    }


def _about(dice: random.Random, works_for: Company, where: Country) -> Lead:
    city, state, post = dice.choice(where.cities) if dice.random() < 0.2 else works_for.seat
    return {
        "company": f"{works_for.name} {works_for.legal_form}",
        "website": f"https://www.{works_for.domain}" if dice.random() < 0.6 else None,
        "city": city,
        "state": state or None,
        "postal_code": _digits(dice, post),
        "country": where.spellings[0],
        "industry": works_for.industry if dice.random() < 0.88 else None,
        "employees": works_for.employees if dice.random() < 0.85 else None,
        "annual_revenue": works_for.annual_revenue if dice.random() < 0.6 else None,
    }


def _email(dice: random.Random, first: str, last: str, works_for: Company, where: Country) -> str:
    names = {"first": slug(first), "last": slug(last), "initial": slug(first)[:1]}
    if not names["first"] or not names["last"]:
        return f"user{dice.randrange(100, 99_999)}@{works_for.domain}"
    local = _local_part(dice).format_map(names)
    draw = dice.random()
    if draw < 0.78:
        return f"{local}@{works_for.domain}"
    domain = dice.choice(THROWAWAY if draw > 0.99 else where.free_mail)
    return f"{local}{dice.randrange(1, 9999)}@{domain}"


def _phone(dice: random.Random, where: Country) -> str | None:
    if dice.random() < 0.22:
        return None
    number = f"{dice.randrange(20, 99)} {dice.randrange(100, 999)} {dice.randrange(1000, 9999)}"
    return f"{where.dial} {number}" if dice.random() < 0.7 else f"0{number}".replace(" ", "-")


def _amount(dice: random.Random, employees: int) -> int | None:
    if dice.random() < 0.24:
        return None
    return max(500, round(int(dice.lognormvariate(9.2, 0.8) * (1 + employees / 2_000)), -2))


def _digits(dice: random.Random, mask: str) -> str:
    """The mask of a postcode with a digit for each #."""
    filled, number = mask, dice.randrange(10 ** mask.count("#"))
    while "#" in filled:
        filled, number = filled.replace("#", str(number % 10), 1), number // 10
    return filled


def _age(dice: random.Random, now: datetime, weeks: int) -> timedelta:
    """How long ago; people write mostly on working days."""
    age = timedelta(seconds=dice.random() * weeks * 604_800)
    at_weekend = (now - age).weekday() >= 5
    return age + timedelta(days=2) if at_weekend and dice.random() < 0.7 else age


def _insider_email(dice: random.Random, lead: Lead) -> str:
    domain = dice.choice((VENDOR_DOMAIN, *(partner.domain for partner in PARTNER_COMPANIES)))
    return f"{slug(str(lead['last_name'])) or 'office'}{dice.randrange(1, 999)}@{domain}"


def _junk(dice: random.Random, created: datetime) -> Lead:
    first, last = dice.choice(JUNK_NAMES)
    return {
        "first_name": first,
        "last_name": last,
        "email": f"{first.lower()}{dice.randrange(1, 99_999)}@{dice.choice(FREE_MAIL)}",
        "company": dice.choice(("test", "n/a", "-", "asdf", "Test Company")),
        "country": dice.choice((None, "Germany", "United States", "asdf")),
        "phone": dice.choice((None, "123456", "000000")),
        "lead_source": "Web",
        "created_at": f"{created.isoformat()[:19]}Z",
    }
