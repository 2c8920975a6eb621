"""Text as spellings compare: no case, no accents, no punctuation."""

import unicodedata

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th", "ə": "e"}
    | {"\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)
"""Letters that Unicode does not split into a base letter and an accent."""

_DROPPED = frozenset(".'`´’‘ʼʹʻ״׳")  # noqa: RUF001 (these are the apostrophes that people type)


def plain(text: str) -> str:
    """Lower case; accents, dots and apostrophes gone; every other mark a single space; `&` as "and".

    Linear in the text's length. Vowel signs of Indic scripts are letters here, as they are to a reader.
    """
    lower = text.casefold()
    if lower.isascii():
        return " ".join(lower.translate(_ASCII).split())
    lower = unicodedata.normalize("NFKD", lower.translate(_LETTERS)).casefold()
    return " ".join("".join(map(_plain, lower)).split())


def _plain(char: str) -> str:
    if char.isalnum():
        return char
    if char in _DROPPED or unicodedata.combining(char):
        return ""
    if char == "&":
        return " and "
    kind = unicodedata.category(char)
    if kind == "Cf":
        return ""
    return char if kind[0] == "M" else " "


_ASCII = {code: _plain(chr(code)) for code in range(128)}
