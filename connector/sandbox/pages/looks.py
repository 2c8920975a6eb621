"""How values look on a page."""

import zlib


def hue(text: str) -> int:
    """A colour angle that is always the same for a name."""
    return zlib.crc32(text.encode()) % 360


def initials(name: str) -> str:
    """The first letters of the first and the last word."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def money(amount: str) -> str:
    """An amount with thousands apart; a text that is no number stays as it is."""
    try:
        return f"{float(amount):,.0f}"
    except ValueError:
        return amount


def percent(part: float, whole: float) -> float:
    """A share as a percentage, 0 of nothing."""
    return round(100 * part / whole, 2) if whole else 0
