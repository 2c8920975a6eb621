"""What is told of a registration: a sentence for each reason, for the vendor and for the partner."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connector.model.decision import Reason
from connector.model.lead import Value
from connector.model.registration import Life, State
from connector.routing.registration.claims import moment
from connector.routing.registration.terms import Terms

Facts = Mapping[str, Any]
DAY = "2027-03-31"
"""How a day is written."""

LABELS: Mapping[State, str] = {state: state.value.replace("_", " ").capitalize() for state in State}
"""The states as people read them, and as CRMs hold them unless `stages` says otherwise."""

KINDS: Mapping[str, str] = {
    "registration": "another registration",
    "lead": "a lead that was assigned earlier",
    "vendor_deal_open": "an open deal of the vendor",
    "vendor_deal_closed": "a recently closed deal of the vendor",
    "named_account": "a named account",
}
"""What a registration can collide with, in words that name nobody."""

_SENTENCES: Mapping[str, Callable[[Facts], str]] = {
    "fields_missing": lambda f: f"please fill in {', '.join(_plain(name) for name in f['fields'])}",
    "company_unreadable": lambda f: f"{f['given']!r} is no company name; write the customer's full name",
    "partner_unknown": lambda f: f"{f['given']!r} is no partner of the programme; write your own name or id",
    "country_unreadable": lambda f: f"{f['given']!r} is no country; write its name or ISO code",
    "points_to_itself": lambda f: (
        "the lead field points to this registration itself; clear it or name a lead"
    ),
    "amount_unreadable": lambda f: f"{f['given']!r} is no amount; write a number, and a known currency",
    "amount_negative": lambda f: f"an amount of {f['given']} cannot be; write what the deal is worth",
    "date_unreadable": lambda f: f"{f['given']!r} is no date; write one such as 2027-03-31",
    "date_in_the_past": lambda f: f"the close date {f['given']} has passed; write when you expect to close",
    "customer_is_the_partner": lambda f: (
        f"{f['domain']} is your own domain; write the website or an address of the customer"
    ),
    "registered_twice": lambda f: (
        f"you have registered this customer already in {f['other']}; continue there"
    ),
    "own_lead": lambda f: f"this is your own lead {f['lead']}; work on that one",
    "partner_suspended": lambda f: "your partnership is suspended; please speak to your channel manager",
    "tier_not_eligible": lambda f: f"registrations are for {', '.join(f['tiers'])} partners",
    "product_not_authorised": lambda f: f"you are not authorised for {', '.join(f['products'])}",
    "too_many_open": lambda f: f"you have {f['most']} registrations open, the most for {f['tier']} partners",
    "too_soon_again": lambda f: (
        f"your registration {f['other']} for this customer ended on {f['ended']} only"
    ),
    "waits_for_crms": lambda f: (
        f"waits until {' and '.join(f['crms'])} {_is(f['crms'])} read past its submission"
    ),
    "person_approves": lambda f: "every registration is approved by a person",
    "no_conflict": lambda f: "complete, eligible and first",
    "collides": lambda f: _collides(f),
    "protection_by_person": lambda f: f"a person set its end to {day(f['until'])}",
    "deadline_by_person": lambda f: f"a person set the deadline to {day(f['until'])}",
    "credited_by_person": lambda f: (
        "a person changed who is credited" if f["to"] else "a person credits nobody with it"
    ),
    "person_decided": lambda f: "decided by a person in the CRM",
    "adopted": lambda f: "decided before the connector was connected",
    "customer_changed": lambda f: "the customer was changed after the approval",
    "filled_in": lambda f: "the submitter changed it",
    "freed": lambda f: "what stood in the way is gone",
    "won": lambda f: "the deal was won",
    "lost": lambda f: "the deal was lost or closed",
    "deleted": lambda f: "the record was deleted",
    "merged": lambda f: f"the record was merged into {f['into']}",
    "inherited": lambda f: f"it takes the place of {f['from']}, which was merged into it",
    "protection_over": lambda f: "the protection is over",
    "not_answered": lambda f: "what was asked for was not filled in in time",
    "not_approved_yet": lambda f: "only an approved registration can be extended",
    "not_open_any_more": lambda f: "it is not open any more",
    "no_extension_left": lambda f: f"it was extended {f['most']} times, the most there are",
    "extended": lambda f: f"protected until {day(f['until'])}",
    "ends_soon": lambda f: f"the protection ends on {day(f['until'])}",
    "escalated": lambda f: f"not decided in time; escalated to {f['to'] or 'nobody'}",
    "reviewer_reminded": lambda f: f"reminded {f['reviewer'] or 'nobody'} to decide",
}

CODES = tuple(_SENTENCES)


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def day(text: str) -> str:
    """The day of a moment as JSON."""
    return text[:10]


def _collides(facts: Facts) -> str:
    how = "" if facts["strong"] else " perhaps"
    since = f" since {day(facts['at'])}" if facts["at"] else ""
    on = {"domain": "the same domain", "email": "the same e-mail address", "name": "the same name"}[
        facts["by"]
    ]
    if facts["by"] == "name" and not facts["strong"]:
        on = "a similar name"
    return f"{KINDS[facts['kind']]} claims{how} the same customer{since}, by {on}"


def say(reason: Reason) -> str:
    """One reason in words that a partner may read: they name no other partner."""
    return _SENTENCES[reason.code](reason.facts)


def say_inside(reason: Reason, terms: Terms) -> str:
    """The same for the vendor's own people, with whom and with what."""
    text = say(reason)
    if reason.facts.get("who"):
        return f"{text} ({reason.facts['who'].removeprefix('user:')})"
    if reason.code == "credited_by_person" and reason.facts["to"]:
        return f"{text}: {name_of(terms, reason.facts['to'])}"
    if reason.code != "collides":
        return text
    other = terms.partner(reason.facts["partner"])
    whose = f" of {other.name}" if other else ""
    score = reason.facts.get("score")
    sure = f", score {score:.2f}" if isinstance(score, float) else ""
    return f"{text} ({reason.facts['with']}{whose}{sure})"


def summary(life: Life, longest: int = 255) -> str:
    """Where it stands and why, in one line for a field of the CRM that partners read."""
    told = "; ".join(say(reason) for reason in life.reasons)
    text = f"{LABELS[life.state]}: {told}" if told else LABELS[life.state]
    return text if len(text) <= longest else text[: longest - 1] + "…"


def values(terms: Terms, life: Life) -> dict[str, Value]:
    """What the CRM's record is to hold, under the names of `write`."""
    is_credited = life.state in (State.APPROVED, State.CONVERTED) or life.credited is not None
    credited = credited_to(life) if is_credited else None
    ends = life.protected_until if life.state in (State.APPROVED, State.EXPIRED, State.CONVERTED) else None
    collision = next((reason for reason in life.reasons if reason.code == "collides"), None)
    return {
        "status": life.state.value,
        "reason": summary(life),
        "expires": _text(ends or life.decide_by),
        "protected_until": _text(ends),
        "decide_by": _text(life.decide_by),
        "reviewer": life.reviewer,
        "conflict_with": collision.facts["with"] if collision else None,
        "credited_partner": name_of(terms, credited),
        "reward": life.reward,
        # What the submitter fills in as well is left as it is where we have nothing to say.
        **({"lead": life.lead} if life.lead else {}),
        **({"extension": life.extension_said.capitalize()} if life.extension_said else {}),
    }


def credited_to(life: Life) -> str | None:
    """Whom a won deal is credited to: the partner that registered it, unless a person said otherwise."""
    return life.partner if life.credited is None else life.credited or None


def name_of(terms: Terms, partner_id: str | None) -> str | None:
    """A partner's name; what is no partner's id stands for itself."""
    partner = terms.partner(partner_id)
    return partner.name if partner else partner_id


def same_answer(one: Value, other: Value) -> bool:
    """Whether two values of an answer mean the same: times to the second, days to the day."""
    first, second = str(one or "").strip(), str(other or "").strip()
    times = _time(first), _time(second)
    if times[0] is None or times[1] is None:
        return first.casefold() == second.casefold()
    if len(DAY) in (len(first), len(second)):
        return times[0].date() == times[1].date()
    return abs(times[0] - times[1]) < timedelta(seconds=1)


def _time(text: str) -> datetime | None:
    try:
        return moment(text)
    except ValueError:
        return None


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
