"""Groups of partners in order, by strength or by tier: the first that has anybody left takes turns."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from connector.model.partner import Partner
from connector.routing.case import Case, Pick
from connector.routing.methods.base import Method, Options, PartnerId


class Group(Options):
    """A group, by partners, types or tiers; what is named of these must all be so."""

    name: str
    partners: tuple[PartnerId, ...] = ()
    types: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_who(self) -> Self:
        if not (self.partners or self.types or self.tiers):
            raise ValueError(
                f"group {self.name!r} needs partners, types or tiers, or everybody would be in it"
            )
        return self

    def holds(self, partner: Partner) -> bool:
        """Whether a partner is in it."""
        return (
            (not self.partners or partner.id in self.partners)
            and (not self.types or _among(partner.type, self.types))
            and (not self.tiers or _among(partner.tier, self.tiers))
        )


def _among(word: str | None, words: tuple[str, ...]) -> bool:
    return (word or "").casefold() in {each.casefold() for each in words}


class GroupOptions(Options):
    """The groups, the strongest first; who is in none comes last."""

    groups: Annotated[tuple[Group, ...], Field(min_length=1)]


class ByGroup(Method[GroupOptions]):
    """Gives the lead to the first group that has a candidate; within it everyone takes turns."""

    takes = GroupOptions

    def pick(self, case: Case) -> Pick:
        for group in self.options.groups:
            found = case.only(group.holds)
            if found.eligible:
                return found.turn(group=group.name, meant=len(found.eligible))
        return case.turn(group=None, meant=len(case.eligible))

    @staticmethod
    def said(facts: Mapping[str, Any]) -> str:
        group = "in no group" if facts["group"] is None else f"of group {facts['group']!r}"
        return f"next in turn among {facts['meant']} {group}, out of {facts['among']}"
