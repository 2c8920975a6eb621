"""Text as spellings compare, by whichever of two ways it is folded."""

import string

import pytest

from connector.routing.normal.folding import plain


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Müller &  Söhne ", "muller and sohne"),
        ("AT&T", "at and t"),
        ("O'Neill-Smith, Jr.", "oneill smith jr"),
        ("Łódź/Ørsted", "lodz orsted"),
        ("a\tb\x00c_d", "a b c d"),
        ("", ""),
    ],
)
def test_case_accents_and_marks_do_not_count(text: str, folded: str) -> None:
    assert plain(text) == folded


def test_plain_english_letters_fold_as_they_do_beside_others() -> None:
    """What is folded by a table is folded as if there were none."""
    for char in map(chr, range(128)):
        text = f"A{char}B{char}"
        assert plain(f"{text} é") == f"{plain(text)} e", repr(char)


def test_letters_and_digits_stay_and_every_other_mark_of_a_keyboard_divides() -> None:
    assert plain(string.ascii_uppercase + string.digits) == string.ascii_lowercase + string.digits
    dropped = {char for char in map(chr, range(128)) if plain(f"a{char}b") == "ab"}
    assert dropped == {".", "'", "`"}
