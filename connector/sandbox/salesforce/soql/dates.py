"""Date literals such as LAST_N_DAYS:30, as a first day and the day after the last, in the org's UTC."""

from collections.abc import Callable
from datetime import date, timedelta

Span = tuple[date, date]


def span(literal: str, today: date) -> Span:
    """The days that a date literal covers."""
    word, _, number = literal.upper().partition(":")
    word = word.replace("FISCAL_", "")
    if word in _FIXED:
        return _FIXED[word](today)
    if word.endswith("_AGO"):
        return _period(word.split("_")[1].rstrip("S"), today, -int(number))
    when, _, unit = word.removesuffix("S").partition("_")
    if unit.startswith("N_"):
        return _several(when, unit.removeprefix("N_"), int(number), today)
    return _period(unit, today, {"LAST": -1, "THIS": 0, "NEXT": 1}[when])


def _several(when: str, unit: str, number: int, today: date) -> Span:
    if unit == "DAY":
        return _days(today, -number, 1) if when == "LAST" else _days(today, 1, number + 1)
    if when == "LAST":
        return _period(unit, today, -number)[0], _period(unit, today, 0)[0]
    return _period(unit, today, 1)[0], _period(unit, today, number)[1]


def _period(unit: str, today: date, distance: int) -> Span:
    """The week, month, quarter or year that lies `distance` periods from today's."""
    if unit == "DAY":
        return _days(today, distance, distance + 1)
    if unit == "WEEK":
        sunday = today - timedelta(days=(today.weekday() + 1) % 7) + timedelta(weeks=distance)
        return sunday, sunday + timedelta(weeks=1)
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
    first = (today.year * 12 + today.month - 1) // months * months + distance * months
    return _month(first), _month(first + months)


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def _days(today: date, first: int, end: int) -> Span:
    return today + timedelta(days=first), today + timedelta(days=end)


_FIXED: dict[str, Callable[[date], Span]] = {
    "TODAY": lambda today: _days(today, 0, 1),
    "YESTERDAY": lambda today: _days(today, -1, 0),
    "TOMORROW": lambda today: _days(today, 1, 2),
    "LAST_90_DAYS": lambda today: _days(today, -90, 1),
    "NEXT_90_DAYS": lambda today: _days(today, 1, 91),
}
