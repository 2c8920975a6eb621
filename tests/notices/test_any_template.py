"""Whatever a template holds, it is understood or told with a line; never a traceback."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.notices.templates import BadTemplate, Fields, render, shipped, understand_template

PIECES = [
    *(
        "{{ ",
        " }}",
        "{% ",
        " %}",
        "{# ",
        " #}",
        "Subject: ",
        "\n",
        " ",
        "lead",
        "partner",
        "fields",
        "digest",
    ),
    *(
        "fields.",
        "['email']",
        "[0]",
        ".__class__",
        ".mro()",
        "|upper",
        "|sort",
        "|join(',')",
        "|map",
        "|nothing",
    ),
    *("for x in ", "endfor", "if ", "else", "endif", "set x = ", "include 'x'", "extends 'x'", "import os"),
    *(
        "macro m()",
        "endmacro",
        "m()",
        "call m()",
        "range(10**9)",
        "1/0",
        "'a' * 10**9",
        "9**9**9",
        "lipsum()",
    ),
    *(
        "(",
        ")",
        "[",
        "]",
        "'",
        '"',
        "~",
        "is defined",
        "not ",
        "in ",
        ":",
        "é",
        "\x00",
        "\\",
        "self",
        "loop.index",
    ),
]
SPARSE: dict[str, Any] = {
    **dict.fromkeys(("lead", "partner", "how"), "x"),
    **dict.fromkeys(("registration", "route", "state", "due", "link", "period"), None),
    "fields": Fields({"email": "{{ 1 }}", "company": None}),
    "digest": [],
}
QUIET = settings(max_examples=400, deadline=None)


def tried(text: str) -> None:
    """The template is understood, or what is wrong with it is told with a line that it has."""
    try:
        render(understand_template(text), SPARSE)
    except BadTemplate as error:
        told, line = str(error), error.line
    else:
        return
    assert 1 <= line <= len(text.splitlines()) + 1
    assert "\n" not in told


@QUIET
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=80))
def test_any_text_is_a_template_or_told(text: str) -> None:
    tried(text)


@QUIET
@given(st.sampled_from(sorted(shipped())), st.integers(0, 2_000), st.integers(0, 12), st.sampled_from(PIECES))
def test_a_shipped_template_that_was_spoilt_is_understood_or_told(
    kind: str, at: int, cut: int, piece: str
) -> None:
    text = shipped()[kind]
    at %= len(text)
    tried(text[:at] + piece + text[at + cut :])


@pytest.mark.parametrize(
    "inside",
    [
        "{{ 5|upper|join(1) }}",
        "{{ partner.x.y }}",
        "{{ range(10**9)|list }}",
        "{% include 'x' %}",
        "{% for a in lead %}{{ self }}{% endfor %}",
        "{{ ''.__class__.__mro__ }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ [].append(1) }}",
        "{{ 'a' * 1000000000000 }}",
        "{{ 9**9**9**9 }}",
        "{{ partner() }}",
        "{{ 1|batch(0)|list }}",
        "{{ '%d' % 'x' }}",
        "{{ '{0.__class__}'.format(lead) }}",
    ],
)
def test_what_goes_wrong_only_when_it_is_told_is_found_when_it_is_read(inside: str) -> None:
    tried(f"Subject: {{{{ lead }}}}\n{inside}\nText\n")
