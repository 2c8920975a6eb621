"""What conditions see of a lead: understood values, and nothing where a value cannot be understood."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from connector.model.lead import Lead, Value
from connector.routing.countries import country_code

Fact = str | int | float | bool | datetime

NUMBERS = frozenset({"employees", "annual_revenue", "deal_value", "score"})
TRUTHS = frozenset({"authority", "sharing_consent"})
TIMES = frozenset({"created_at"})

_TRUE = frozenset({"true", "yes", "y", "1", "on"})
_FALSE = frozenset({"false", "no", "n", "0", "off"})
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Facts:
    """A lead's understood values at one moment: `shown` as they read, `folded` as they compare.

    A name that is absent from both is missing. Text in `folded` is case-folded.
    """

    now: datetime
    shown: Mapping[str, Fact]
    folded: Mapping[str, Fact]

    def plus(self, name: str, value: Fact) -> "Facts":
        """The same facts and one more."""
        return Facts(self.now, {**self.shown, name: value}, {**self.folded, name: fold(value)})


def understand(lead: Lead, now: datetime, missing_words: Collection[str] = ()) -> Facts:
    """The facts of a lead; `missing_words` are case-folded texts that forms use for "no answer"."""
    shown: dict[str, Fact] = {}
    for name, value in lead.fields.items():
        fact = _understood(name, value, missing_words)
        if fact is not None:
            shown[name] = fact
    shown["crm"] = lead.ref.crm
    shown["created_at"] = lead.created_at
    if lead.owner is not None:
        shown["owner"] = lead.owner
    domain = _domain(shown)
    if domain:
        shown["domain"] = domain
    return Facts(now, shown, {name: fold(fact) for name, fact in shown.items()})


def fold(value: Fact) -> Fact:
    """A value as conditions compare it."""
    return value.casefold() if isinstance(value, str) else value


def _understood(name: str, value: Value, missing_words: Collection[str]) -> Fact | None:
    if isinstance(value, str):
        value = value.strip()
        if not value or value.casefold() in missing_words:
            return None
    if value is None:
        return None
    if name in NUMBERS:
        return as_number(value)
    if name in TRUTHS:
        return as_truth(value)
    if name == "country":
        return country_code(str(value))
    return value


def as_number(value: str | float | bool) -> int | float | None:
    """A number from what a CRM holds: `1,200`, `€ 5 000`; of a range such as `51-200` the lower end."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    found = _NUMBER.search(re.sub(r"(?<=\d)[, '\u00a0](?=\d{3})", "", value))
    if found is None:
        return None
    number = float(found.group())
    return int(number) if number.is_integer() else number


def as_truth(value: str | float | bool) -> bool | None:
    """True or false from what a CRM holds, or None."""
    text = str(value).strip().casefold()
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def _domain(shown: Mapping[str, Fact]) -> str | None:
    email = str(shown.get("email", ""))
    if "@" in email:
        return email.rpartition("@")[2].casefold() or None
    site = re.sub(r"^[a-z]+://", "", str(shown.get("website", "")).casefold())
    return re.split(r"[/:?#]", site, maxsplit=1)[0].removeprefix("www.") or None
