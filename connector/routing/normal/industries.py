"""Industries under the names that the admin's partners and routes use."""

from collections.abc import Mapping

from connector.routing.normal.folding import plain

LONGEST = 120
"""Characters beyond which a text is no industry's name."""

Synonyms = Mapping[str, str]
"""Industry by folded spelling, as `understood` gives it."""


def understood(synonyms: Mapping[str, list[str] | tuple[str, ...]]) -> Synonyms:
    """The admin's table, industry to its other names, turned round; an industry's own name counts too.

    ValueError when one spelling is given to two industries.
    """
    found: dict[str, str] = {}
    for industry, spellings in synonyms.items():
        for spelling in (industry, *spellings):
            before = found.setdefault(plain(spelling), industry)
            if before != industry:
                raise ValueError(f"{spelling!r} is given to both {before!r} and {industry!r}")
    return found


def industry(text: str, synonyms: Synonyms) -> str | None:
    """The industry that a spelling means; one that the table lacks stays as it is written.

    HubSpot's COMPUTER_SOFTWARE meets `computer software` in the table.
    """
    written = " ".join(text.split()) if len(text) <= LONGEST else ""
    return synonyms.get(plain(written), written) or None
