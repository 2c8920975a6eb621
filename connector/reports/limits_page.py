"""Limits in plain words: hours and absences, territories, caps, and what a route asks of its partners."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, timedelta

from connector.model.partner import Cap, Partner
from connector.routing.calendars import Away, Calendar, Hours
from connector.routing.holidays import CountryHolidays, Holidays
from connector.routing.matching import Needs
from connector.routing.partner_settings import DAYS
from connector.routing.presence import Attendance
from connector.routing.territories import Territories

_PREFIXES = 12
"""Postal prefixes of a country that are said one by one."""


def asked_of_partners(needs: Needs) -> Iterator[str]:
    """What a route asks of its partners, a sentence each."""
    covered = _and([name.replace("_", " ") for name in needs.must_cover])
    if covered:
        yield f"A partner gets only leads whose {covered} it serves."
    if needs.tier is not None:
        yield f"Only partners of tier {needs.tiers[needs.tier]} or better take part."
    if needs.certifications:
        yield f"A partner must be certified for {_and(sorted(needs.certifications))}."
    if needs.field:
        yield f"A partner must hold the certification that the lead's {needs.field} asks for."
    if needs.hours_required:
        yield "Outside of its working hours a partner is passed over."
    if needs.caps:
        yield f"The route gives out at most {caps(needs.caps)}."
    if needs.backups:
        yield "Who stands in for a partner that is away need not be of this list."


def caps(limits: Sequence[Cap]) -> str:
    """Caps in words, such as `5 a day and 3 in any 24 hours`."""
    return _and([_cap(cap) for cap in limits])


def _cap(cap: Cap) -> str:
    if cap.window is None:
        return f"{cap.leads} {'an' if cap.per == 'hour' else 'a'} {cap.per}"
    return f"{cap.leads} in any {_length(cap.window)}"


def _length(window: timedelta) -> str:
    minutes = int(window.total_seconds() // 60)
    if minutes % 1440 == 0 and minutes > 1440:
        return f"{minutes // 1440} days"
    return f"{minutes // 60} hours" if minutes % 60 == 0 and minutes > 60 else f"{minutes} minutes"


def most_new(partner: Partner) -> str:
    """The most new leads of a partner and of each of its owners."""
    told = [caps(partner.max_new_leads)] if partner.max_new_leads else []
    if partner.max_new_leads_per_owner:
        told.append(f"{caps(partner.max_new_leads_per_owner)} for each person")
    return "; ".join(told) or "no limit"


def most_open(partner: Partner) -> str:
    """The most open leads of a partner and of each of its owners."""
    told = [] if partner.max_open_leads is None else [str(partner.max_open_leads)]
    if partner.max_open_leads_per_owner is not None:
        told.append(f"{partner.max_open_leads_per_owner} for each person")
    return "; ".join(told) or "no limit"


def presence(partners: Iterable[Partner], attendance: Attendance) -> Iterator[str]:
    """When partners are there, a list item each; without the reasons why they are not."""
    known = [partner for partner in partners if partner.id in attendance.calendars]
    if known:
        yield from ("", "## When partners are there", "")
    for partner in known:
        calendar = attendance.of(partner.id)
        told = [*_hours(calendar), *(_closed(one) for one in calendar.holidays), *_absences(calendar)]
        if not partner.queue_outside_hours:
            told.append("takes no leads outside of these hours")
        if partner.backup:
            told.append(f"{partner.backup} stands in for it while it is away")
        yield f"- **{partner.name}**: {'; '.join(told)}."


def _hours(calendar: Calendar) -> Iterator[str]:
    for hours in calendar.hours:
        ends = "24:00" if hours.end == hours.start.min else f"{hours.end:%H:%M}"
        yield f"{_days(hours)} {hours.start:%H:%M} to {ends} ({getattr(hours.zone, 'key', hours.zone)})"


def _days(hours: Hours) -> str:
    """`mon-fri`, or the days one by one where they do not follow each other."""
    days = sorted(hours.days)
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{DAYS[days[0]]}-{DAYS[days[-1]]}"
    return ", ".join(DAYS[day] for day in days)


def _closed(holidays: Holidays) -> str:
    if isinstance(holidays, CountryHolidays):
        part = f"-{holidays.subdivision}" if holidays.subdivision else ""
        return f"closed on the public holidays of {holidays.country}{part}"
    return "closed on days of its own calendar"


def _absences(calendar: Calendar) -> Iterator[str]:
    for away in calendar.away:
        yield f"away {_span(away, calendar)}"


def _span(away: Away, calendar: Calendar) -> str:
    start = away.start.astimezone(calendar.zone) if away.start else None
    # The moment at which an absence ends is the first after its last day.
    end = (away.end.astimezone(UTC) - timedelta.resolution).astimezone(calendar.zone) if away.end else None
    begins = f"from {start:%Y-%m-%d}" if start else ""
    return f"{begins} {f'until {end:%Y-%m-%d}' if end else 'until further notice'}".strip()


def territory(table: Territories, names: Mapping[str, str]) -> Iterator[str]:
    """Whose which postal codes are, a line for each partner; `names` are partner names by id."""
    if not table.prefixes:
        return
    yield from (
        "",
        "## Territories",
        "",
        "The longest listed beginning of a postal code decides.",
        "",
    )
    for partner, name in names.items():
        own = table.of(partner)
        if own:
            yield f"- **{name}**: {'; '.join(_country(code, prefixes) for code, prefixes in own.items())}"


def _country(code: str, prefixes: Sequence[str]) -> str:
    own = [f"{prefix}…" for prefix in prefixes if prefix]
    more = f" and {len(own) - _PREFIXES} more" if len(own) > _PREFIXES else ""
    told = [f"{code} {_and(own[:_PREFIXES])}{more}"] if own else []
    if "" in prefixes:
        told.insert(0, f"the rest of {code}" if own else f"all of {code}")
    return "; ".join(told)


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
