"""Reasons in words: what was counted, in which order, and how long it may get."""

from typing import Any

import pytest

from connector.model.decision import Decision, Outcome, Reason
from connector.model.lead import Ref
from connector.routing.reasons import say, summary
from tests.conftest import NOW

HELD = [
    {"field": "phone", "operator": "missing", "operand": True, "value": "missing", "holds": True},
    {"field": "email", "operator": "missing", "operand": True, "value": "a@b.c", "holds": False},
    {"field": "company", "operator": "missing", "operand": True, "value": "missing", "holds": True},
]
ROW = {"rows": ["t.csv:2", "t.csv:3"]}
PICKED = {"partner": "anna", "pool": 5, "method": "round_robin"}


@pytest.mark.parametrize(
    ("code", "facts", "words"),
    [
        ("data_missing", {"clauses": HELD}, "missing: phone, company"),
        ("data_missing", {"clauses": HELD[1:2]}, "required data is missing"),
        ("duplicate", {"clauses": [{**HELD[0], "value": "hubspot:7"}]}, "the same person as hubspot:7"),
        ("duplicate", {}, "the same person's second record"),
        ("data_missing", {}, "required data is missing"),
        (
            "territory",
            {"partners": ["a"], **ROW, "country": "DE"},
            "DE is the territory of a (t.csv:2, t.csv:3)",
        ),
        (
            "territory",
            {"partners": ["a", "b"], "rows": ["t.csv:2"], "country": "DE", "postal_code": "01067"},
            "DE 01067 is the territory of a and b (t.csv:2)",
        ),
        ("picked", {**PICKED, "fit": 1, "among": 1}, "the only one of 5 that fits"),
        ("picked", {**PICKED, "fit": 3, "among": 1}, "the best of 3 of 5 that fit"),
        ("picked", {**PICKED, "fit": 3, "among": 2}, "next in turn among 2 of 3 of 5 that fit"),
        ("picked", {**PICKED, "fit": 3, "among": 3}, "next in turn among 3 of 5 that fit"),
        ("picked", {**PICKED, "among": 2}, "next in turn among 2 of 5 that fit"),
        ("picked", {"among": 2, "pool": 5}, "next in turn among 2 of 5 that fit"),
        (
            "nobody_fits",
            {"pool": 9, "refused": {"at_capacity": 2, "away": 4, "outside_country": 2, "paused": 1}},
            "0 of 9 fit: 4 away, 2 outside region, 2 at capacity, 1 paused",
        ),
        (
            "standings_disagree",
            {
                "first": {"kind": "same_person", "named": "anna"},
                "other": {"kind": "named_account", "named": None},
            },
            "same person says anna, but named account says the vendor; a person decides",
        ),
        (
            "claim_refused",
            {"by": "Zoe", "why": {"code": "refused", "facts": {"partner": "zoe", "because": "paused"}}},
            "the claim of Zoe does not count: zoe is paused",
        ),
        ("screened", {"screen": "no budget", "text": "come again later"}, "come again later"),
        ("screened", {"screen": "no budget", "text": ""}, "screen 'no budget'"),
        (
            "stands_in",
            {"partner": "a", "instead_of": "b", "until": "2026-11-05T00:00:00"},
            "a stands in for b, away until 2026-11-05",
        ),
        ("stands_in", {"partner": "a", "instead_of": "b", "until": None}, "a stands in for b, away"),
    ],
)
def test_a_reason_is_one_short_sentence(code: str, facts: Any, words: str) -> None:
    assert say(Reason(code, facts)) == words


def told(*reasons: Reason, longest: int = 255) -> str:
    return summary(Decision(Ref("salesforce", "1"), NOW, Outcome.HELD, reasons=reasons), longest)


def test_the_whole_path_is_one_line_that_begins_with_a_capital_and_ends_where_the_field_does() -> None:
    path = Reason("no_route", {}), Reason("no_fallback_owner", {})
    assert told() == ""
    assert told(*path) == "No route covers this lead; this CRM has no fallback owner"
    assert told(*path, longest=57) == "No route covers this lead; this CRM has no fallback owner"
    assert told(*path, longest=56) == "No route covers this lead; this CRM has no fallback own…"
    assert len(told(Reason("screened", {"screen": "", "text": "x" * 255}))) == 255
    assert told(Reason("screened", {"screen": "", "text": "x" * 256})) == "X" + "x" * 253 + "…"


def test_a_summary_fits_a_field_of_255_signs() -> None:
    for length in (255, 256):
        clauses = [{**HELD[0], "field": "p" * (length - len("Missing: "))}]
        told = summary(
            Decision(
                Ref("salesforce", "1"),
                NOW,
                Outcome.HELD,
                reasons=(Reason("data_missing", {"clauses": clauses}),),
            )
        )
        assert len(told) == 255
        assert told.endswith("…") == (length == 256)
