"""Host, registrable domain and base name from what people type as a website or e-mail address."""

import re
from functools import cache, lru_cache

import idna
from publicsuffixlist import PublicSuffixList

LONGEST = 2000
"""Characters beyond which a text is no address; browsers stop there too."""

_SCHEME = re.compile(r"\A(?:https?/+|[a-z][a-z0-9+-]*:/*)+(?=[^/?#:]*[^/?#:0-9])")
_PORT = re.compile(r":\d*\Z")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")
_ENDING = re.compile(r"[a-z]{1,63}|xn--[a-z0-9-]{2,59}")
_NOT_PUBLIC = frozenset({"localhost", "local", "localdomain", "internal", "invalid", "lan", "arpa", "onion"})
"""Endings that never name a company (RFC 6761, RFC 6762, RFC 7686)."""

SHARED_SITES = frozenset(
    {
        *("facebook.com", "instagram.com", "linkedin.com", "x.com", "twitter.com", "youtube.com", "youtu.be"),
        *("tiktok.com", "pinterest.com", "xing.com", "medium.com", "linktr.ee", "bit.ly", "t.co", "goo.gl"),
        *(
            "google.com",
            "g.page",
            "sites.google.com",
            "whatsapp.com",
            "wa.me",
            "t.me",
            "github.com",
            "etsy.com",
        ),
        *("wikipedia.org", "yelp.com", "ebay.com", "amazon.com", "crunchbase.com", "example.com", "test.com"),
    }
)
"""Sites where many companies have a page: as a lead's website they do not say which company it is."""


def host(text: str) -> str | None:
    """The host in a website or e-mail address: lower case, in the ASCII form of IDNA 2008, without `www.`."""
    return _host(text) if len(text) <= LONGEST else None


def registrable(text: str) -> str | None:
    """The domain that its owner registered, such as example.co.uk, by the public suffix list.

    None for an IP address, a single word, a bare suffix and a name that exists on local networks only.
    """
    return _registrable(text) if len(text) <= LONGEST else None


def base_name(text: str) -> str | None:
    """The registrable domain without its suffix: `acme` of shop.acme.co.uk, and of acme.de."""
    domain = registrable(text)
    return domain.partition(".")[0] if domain else None


@lru_cache(maxsize=8192)
def _host(text: str) -> str | None:
    # Lower case, not case-folded: straße.de and strasse.de are two domains.
    name = text.rpartition("<")[2].partition(">")[0].strip().lower()
    name = _SCHEME.sub("", name, count=1).lstrip("/")
    name = re.split(r"[/?#\\\s]", name, maxsplit=1)[0].rpartition("@")[2]
    name = ascii_form(_PORT.sub("", name).removesuffix(".")) or ""
    if name.startswith("www.") and name.count(".") > 1:
        name = name.removeprefix("www.")
    return name if is_host(name) else None


def is_host(name: str) -> bool:
    """Whether a lower-case ASCII text has the form of a host name (RFC 1123), `_` being let pass."""
    return len(name) <= 253 and all(map(_LABEL.fullmatch, name.split(".")))


def is_public(name: str) -> bool:
    """Whether a host could be found in the public DNS: no IP address, single word or local name."""
    before, _, ending = name.rpartition(".")
    return bool(before) and ending not in _NOT_PUBLIC and bool(_ENDING.fullmatch(ending))


def ascii_form(name: str) -> str | None:
    """A host name as DNS holds it: `münchen-bau.de` is xn--mnchen-bau-9db.de; None where IDNA forbids it."""
    if name.isascii():
        return name
    if len(name) > 253:
        return None
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None


@lru_cache(maxsize=8192)
def _registrable(text: str) -> str | None:
    name = _host(text) or ""
    if not is_public(name) or name[-2] == ".":  # no ending has one letter; `N.A.` is no website
        return None
    found: str | None = _suffixes().privatesuffix(name)
    return found


@cache
def _suffixes() -> PublicSuffixList:
    # With its private part, so that acme.github.io and globex.github.io are two.
    return PublicSuffixList()
