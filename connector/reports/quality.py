"""What of the CRMs' values can be understood, field by field, and what cannot."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from connector.model.lead import Lead
from connector.routing.facts import said, understand
from connector.routing.policy import Policy

PERSONAL = frozenset(
    {"first_name", "last_name", "title", "email", "phone", "company", "website", "street", "description"}
)
"""Fields of which no example is shown."""

_EXAMPLES = 3
_LONGEST = 40


@dataclass(slots=True)
class FieldQuality:
    """One field: how many leads say something there, how many of these are understood, and what is not."""

    given: int = 0
    understood: int = 0
    not_understood: Counter[str] = field(default_factory=Counter)

    def as_data(self, leads: int) -> dict[str, Any]:
        """The counts as JSON values; examples are the commonest spellings that mean nothing here."""
        return {
            "given": self.given,
            "missing": leads - self.given,
            "understood": self.understood,
            "not_understood": self.given - self.understood,
            "examples": dict(self.not_understood.most_common(_EXAMPLES)),
        }


@dataclass(slots=True)
class Quality:
    """The fields of one CRM's leads."""

    leads: int = 0
    fields: dict[str, FieldQuality] = field(default_factory=dict)

    def see(self, lead: Lead, policy: Policy, now: datetime) -> None:
        """Count one lead."""
        self.leads += 1
        facts = understand(lead, now, policy.missing_words, policy.normal)
        for name, value in said(lead.fields, policy.missing_words).items():
            counted = self.fields.setdefault(name, FieldQuality())
            counted.given += 1
            if name in facts.shown:
                counted.understood += 1
            elif name not in PERSONAL:
                counted.not_understood[_plain(value)] += 1

    def as_data(self) -> dict[str, Any]:
        """The counts as JSON values, the least understood fields first."""
        return {"leads": self.leads, "fields": {n: f.as_data(self.leads) for n, f in self._ranked()}}

    def _ranked(self) -> list[tuple[str, FieldQuality]]:
        return sorted(self.fields.items(), key=lambda item: (item[1].understood - item[1].given, item[0]))


def quality(leads: Iterable[Lead], policy: Policy, now: datetime) -> dict[str, Quality]:
    """What can be understood of leads, by CRM."""
    found: dict[str, Quality] = {}
    for lead in leads:
        found.setdefault(lead.ref.crm, Quality()).see(lead, policy, now)
    return found


def quality_tables(found: Mapping[str, Quality]) -> RenderableType:
    """The whole report for a person."""
    parts: list[RenderableType] = []
    for crm, of_crm in found.items():
        parts += [_table(crm, of_crm.as_data()), Text()]
    return Group(*parts)


def _table(crm: str, data: Mapping[str, Any]) -> Table:
    table = Table(
        title=Text(f"{data['leads']} leads of {crm}"), title_justify="left", box=None, pad_edge=False
    )
    for name in ("field", "given", "understood", "not understood", "such as"):
        table.add_column(name, justify="left" if name in ("field", "such as") else "right")
    for name, counts in data["fields"].items():
        shown = ", ".join(f"{text} ({count})" for text, count in counts["examples"].items())
        numbers = (str(counts[key]) for key in ("given", "understood", "not_understood"))
        table.add_row(Text(name), *numbers, Text(shown))
    return table


def _plain(value: object) -> str:
    """An example on one line, short, and without what a terminal would obey."""
    text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(value))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
