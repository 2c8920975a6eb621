"""Products of interest, one by one, from the list that a form or a picklist holds."""

import re

MOST = 100
"""Products that are read of one list."""

LONGEST = 5_000
"""Characters that are read of one list."""

_BETWEEN = re.compile(r"[;,|/\n]")


def products(text: str) -> tuple[str, ...]:
    """The products in a text that separates them with `;`, `,`, `|`, `/` or new lines, each once, in order.

    Salesforce joins the values of a multi-select picklist with `;`, and so does HubSpot.
    """
    parts = (" ".join(part.split()) for part in _BETWEEN.split(text[:LONGEST]))
    found: dict[str, str] = {}
    for part in filter(None, parts):
        found.setdefault(part.casefold(), part)
    return tuple(found.values())[:MOST]
