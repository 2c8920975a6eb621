"""A company's name as it is spoken: without its legal form, case, accents and punctuation."""

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache

from connector.routing.normal.folding import plain
from connector.routing.normal.tables import names_by_code

LONGEST = 300
"""Characters that are read of a name; the rest is cut off."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@dataclass(frozen=True, slots=True)
class _Forms:
    """Legal forms in words with a blank between them; `touching` ones longest first."""

    after: frozenset[str]
    before: frozenset[str]
    touching: tuple[str, ...]
    last_words: frozenset[str]
    first_words: frozenset[str]
    most_words: int


@cache
def _forms() -> _Forms:
    by_place: defaultdict[str, set[str]] = defaultdict(set)
    for place, names in names_by_code("legal_forms.tsv"):
        by_place[place].update(map(plain, names))
    after, before = frozenset(by_place["after"]), frozenset(by_place["before"])
    return _Forms(
        after=after,
        before=before,
        touching=tuple(sorted(by_place["touching"], key=lambda form: (-len(form), form))),
        last_words=frozenset(form.rpartition(" ")[2] for form in after),
        first_words=frozenset(form.partition(" ")[0] for form in before),
        most_words=max(form.count(" ") for form in after | before) + 1,
    )


def company_key(name: str) -> str | None:
    """The name that identifies a company: `Müller & Söhne GmbH & Co. KG` is `mueller and soehne`.

    A name that consists of a legal form only is kept as it is; None when there is no letter or digit.
    """
    return _company_key(name[:LONGEST])


def spoken(name: str) -> str:
    """A folded name with its legal form, umlauts written as ae, oe and ue."""
    lower = unicodedata.normalize("NFC", name).casefold()
    return plain(lower.translate(_UMLAUTS))


def without_form(name: str) -> str:
    """A folded name without the legal forms before and after it; unchanged when nothing would be left."""
    forms = _forms()
    if name in forms.after:
        return name
    words = _without_touching(name, forms.touching).split(" ")
    start, end = 0, len(words)
    while end > start + 1 and (size := _form_after(words[start:end], forms)):
        end -= size
    while end > start + 1 and (size := _form_before(words[start:end], forms)):
        start += size
    return " ".join(words[start:end]).removesuffix(" and")


@lru_cache(maxsize=8192)
def _company_key(name: str) -> str | None:
    return without_form(spoken(name)) or None


def _form_after(words: list[str], forms: _Forms) -> int:
    """How many words at the end are a legal form; never all of them."""
    if words[-1] not in forms.last_words:
        return 0
    most = min(forms.most_words, len(words) - 1)
    return next((size for size in range(most, 0, -1) if " ".join(words[-size:]) in forms.after), 0)


def _form_before(words: list[str], forms: _Forms) -> int:
    if words[0] not in forms.first_words:
        return 0
    most = min(forms.most_words, len(words) - 1)
    return next((size for size in range(most, 0, -1) if " ".join(words[:size]) in forms.before), 0)


def _without_touching(name: str, forms: tuple[str, ...]) -> str:
    if name.isascii():
        return name
    for form in forms:
        bare = name.removeprefix(form).removesuffix(form).strip()
        if bare and bare != name:
            return bare
    return name
