"""The countries that leads come from: how often, how people spell them, and what is usual there."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from faker import Faker

FREE_MAIL = ("gmail.com", "outlook.com", "yahoo.com", "hotmail.com", "icloud.com")


@dataclass(frozen=True)
class Country:
    """One row of places.csv; the first spelling is the proper name, a city is (name, state, postcode)."""

    code: str
    weight: float
    locale: str
    dial: str
    spellings: tuple[str, ...]
    cities: tuple[tuple[str, str, str], ...]
    legal_forms: tuple[str, ...]
    free_mail: tuple[str, ...]


@dataclass(frozen=True)
class Names:
    """The first and last names of a country."""

    first: tuple[str, ...]
    last: tuple[str, ...]


@cache
def countries() -> tuple[Country, ...]:
    """All countries, as places.csv lists them."""
    with (files(__package__) / "places.csv").open(encoding="utf-8") as rows:
        return tuple(_country(row) for row in csv.DictReader(rows, delimiter=";"))


@cache
def country(code: str) -> Country:
    """The country with an ISO code; raises KeyError for one that sends no leads."""
    return {each.code: each for each in countries()}[code]


@cache
def names_of(locale: str) -> Names:
    """A few hundred names as Faker knows them for a locale; always the same ones."""
    fake = Faker(locale, providers=["faker.providers.person"], use_weighting=False)
    fake.seed_instance(1)
    return Names(
        first=tuple(sorted({fake.first_name() for _ in range(250)})),
        last=tuple(sorted({fake.last_name() for _ in range(400)})),
    )


def _country(row: dict[str, str]) -> Country:
    return Country(
        code=row["code"],
        weight=float(row["weight"]),
        locale=row["locale"],
        dial=row["dial"],
        spellings=tuple(row["spellings"].split("|")),
        cities=tuple(_city(city) for city in row["cities"].split("|")),
        legal_forms=tuple(row["legal_forms"].split("|")),
        free_mail=(*row["free_mail"].split(), *FREE_MAIL),
    )


def _city(text: str) -> tuple[str, str, str]:
    name, state, post = text.split("/")
    return name, state, post
