"""What people do to a form: leave fields out, shout, add blanks, and come back with other details."""

import random
from datetime import datetime, timedelta

from connector.sandbox.companies import slug
from connector.sandbox.places import FREE_MAIL, Country, countries

Lead = dict[str, str | int | float | bool | None]

MISSING = {
    "email": 0.04,
    "company": 0.03,
    "country": 0.04,
    "city": 0.12,
    "postal_code": 0.45,
    "first_name": 0.02,
}
NICKNAMES = {
    "Alexander": "Alex", "Thomas": "Tom", "Michael": "Mike", "William": "Bill", "Robert": "Bob",
    "Katharina": "Kathi", "Elizabeth": "Liz", "Jennifer": "Jenny", "Christopher": "Chris",
    "Francisco": "Paco", "Johannes": "Hannes", "Giuseppe": "Beppe",
}  # fmt: skip
_BY_NAME: dict[str, Country] = {each.spellings[0]: each for each in countries()}


def messy(dice: random.Random, lead: Lead) -> Lead:
    """The lead as it was typed: most are fine, some lack a field or were typed in a hurry."""
    draw = dice.random()
    for name, share in MISSING.items():
        if dice.random() < share:
            lead[name] = None
    if dice.random() < 0.3:
        _respell_country(dice, lead)
    if draw < 0.09:
        _hurry(dice, lead)
    return lead


def again(dice: random.Random, before: Lead, now: datetime, other_email: bool = False) -> Lead:
    """The same human once more, later and with other details; `other_email` never repeats the address."""
    lead = {**before, "created_at": _later(dice, str(before["created_at"]), now)}
    lead["first_name"] = _varied_first_name(dice, before.get("first_name"))
    lead["email"] = _varied_email(dice, before, other_email)
    if dice.random() < 0.4:
        lead["company"] = _varied_company(dice, before.get("company"))
    if dice.random() < 0.5:
        lead["phone"] = None if dice.random() < 0.4 else _digits_only(before.get("phone"))
    if dice.random() < 0.5:
        _respell_country(dice, lead)
    lead["lead_source"] = dice.choice((before.get("lead_source"), "Webinar", "Content Download"))
    return lead


def _respell_country(dice: random.Random, lead: Lead) -> None:
    known = _BY_NAME.get(str(lead.get("country")))
    if known is not None:
        lead["country"] = dice.choice(known.spellings[1:])


def _hurry(dice: random.Random, lead: Lead) -> None:
    change = dice.choice((str.upper, str.lower, lambda text: f" {text} ", lambda text: f"{text}  "))
    for name in dice.sample(("first_name", "last_name", "company", "city"), 2):
        if lead.get(name):
            lead[name] = change(str(lead[name]))


def _varied_first_name(dice: random.Random, name: object) -> str | None:
    if not name:
        return None
    text = str(name)
    if dice.random() < 0.5:
        return text
    return NICKNAMES.get(text) or dice.choice(
        (f"{text[0]}.", text.lower(), text.upper(), slug(text).title() or text)
    )


def _varied_email(dice: random.Random, before: Lead, other: bool) -> str | None:
    given = str(before.get("email") or "")
    if not other and given and dice.random() < 0.65:
        return given if dice.random() < 0.7 else given.title()
    if dice.random() < 0.25:
        return None
    name = slug(str(before.get("last_name"))) or "private"
    return f"{name}{dice.randrange(1, 99_999)}@{dice.choice(FREE_MAIL)}"


def _varied_company(dice: random.Random, name: object) -> str | None:
    if not name:
        return None
    text = str(name)
    return dice.choice((text.rsplit(" ", 1)[0], text.upper(), text.replace(" ", "  "), f"{text}."))


def _digits_only(phone: object) -> str | None:
    return "".join(c for c in str(phone) if c.isdigit() or c == "+") if phone else None


def _later(dice: random.Random, created_at: str, now: datetime) -> str:
    before = datetime.fromisoformat(created_at)
    later = before + (now - before) * dice.random() if now > before else before + timedelta(seconds=1)
    return f"{later:%Y-%m-%dT%H:%M:%SZ}"
