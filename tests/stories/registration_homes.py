"""Every place where deal registrations may live, as the shipped config and the documentation show them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import toml_rs

from connector.sandbox.hubspot.kinds import REGISTRATIONS
from connector.sandbox.salesforce.registrations import DEAL_REGISTRATION
from tests.builders import ROOT

_TABLE = r"\[crm\.{crm}\.registrations\]\n.*?(?=\n\n|\n\[|\n```)"


@dataclass(frozen=True)
class Home:
    """An object of a CRM that holds registrations; `fixed` is what its records need besides.

    `won` is what a person writes there when the deal is won.
    """

    crm: str
    object: str
    fixed: Mapping[str, Any] = field(default_factory=dict)
    won: Mapping[str, Any] = field(default_factory=dict)
    record_type: str | None = None

    def __str__(self) -> str:
        return f"{self.crm} {self.object}"

    @property
    def _pattern(self) -> str:
        return _TABLE.format(crm=self.crm)

    @cached_property
    def _text(self) -> str:
        """The table, from the shipped config or from the documentation."""
        for path in ("config.toml", "docs/deal-registration.md"):
            for table in re.findall(self._pattern, (ROOT / path).read_text(encoding="utf-8"), re.DOTALL):
                if f'object = "{self.object}"' in table:
                    return str(table)
        raise AssertionError(f"nothing shows registrations on {self}")

    @cached_property
    def table(self) -> Mapping[str, Any]:
        """The same, read."""
        return toml_rs.loads(self._text)["crm"][self.crm]["registrations"]  # type: ignore[no-any-return]

    @property
    def fields(self) -> dict[str, str]:
        """The CRM's fields by our names."""
        return {**self.table["write"], **self.table["read"], "status": self.table["status"]}

    def word(self, state: str) -> str:
        """The CRM's word for a state."""
        words: Mapping[str, str] = self.table.get("stages", {})
        return words.get(state, state.replace("_", " ").capitalize())

    def state(self, word: str) -> str:
        """The state of a word."""
        words: Mapping[str, str] = self.table.get("stages", {})
        known = {written: name for name, written in words.items()}
        return known.get(word, word).replace("_", " ").capitalize()

    @property
    def change(self) -> Callable[[str], str]:
        """Puts this table into a config's text."""
        return lambda text: re.sub(self._pattern, lambda _: self._text, text, count=1, flags=re.DOTALL)


OPPORTUNITIES = Home(
    "salesforce",
    "Opportunity",
    {"StageName": "Prospecting", "CloseDate": "2027-12-31"},
    {"StageName": "Closed Won"},
    "Deal_Registration",
)
LEADS = Home("salesforce", "Lead", {"LastName": "Unknown"}, record_type="Deal_Registration")
OWN_OBJECT = Home(
    "salesforce", DEAL_REGISTRATION, {}, {"Won__c": True, "Closed__c": True}, "Partner_Registration"
)
DEALS = Home(
    "hubspot",
    "deals",
    {"dealname": "A deal", "pipeline": "deal-registration"},
    {"dealstage": "registration-converted"},
)
CUSTOM = Home(
    "hubspot",
    REGISTRATIONS.type_id,
    {"registration_name": "A deal", "hs_pipeline": "640815001"},
    {"deal_won": "true", "deal_closed": "true"},
)
HOMES = (OPPORTUNITIES, LEADS, OWN_OBJECT, DEALS, CUSTOM)
USUAL = {home.crm: home for home in (OPPORTUNITIES, DEALS)}
