"""What partners say in the CRM: which of their values means what, and how a lead has ended."""

from typing import Any

import pytest

from connector.model.life import State
from connector.model.progress import Progress
from connector.routing.progress import Meaning, Said
from tests.builders import a_lead

WORDS = Meaning.of(
    {
        "new": ["Open", "Fresh"],
        "accepted": ["Yes"],
        "working": ["In Work"],
        "declined": ["No"],
        "won": ["Sold"],
    }
)


def test_values_are_told_apart_by_the_state_that_they_mean_whatever_their_case() -> None:
    assert WORDS.fresh == "Open"
    assert WORDS.states == {
        "open": "new",
        "fresh": "new",
        "yes": "accepted",
        "in work": "working",
        "no": "declined",
        "sold": "won",
    }
    assert Meaning.of({"accepted": ["Yes"]}).fresh is None


def test_a_new_holder_gets_the_first_value_that_means_new() -> None:
    assert Meaning.of({"accepted": ["Yes"], "new": ["Open", "Fresh"]}).fresh == "Open"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, Said()),
        ({"status": "in work"}, Said(State.WORKING)),
        ({"status": "Open"}, Said()),
        ({"partner_answer": "Yes"}, Said(State.ACCEPTED)),
        ({"partner_answer": "Yes", "status": "In Work"}, Said(State.WORKING)),
        ({"partner_answer": "Yes", "status": "Open"}, Said(State.ACCEPTED)),
        ({"partner_answer": "No", "status": "In Work"}, Said(State.DECLINED)),
        ({"partner_answer": "Yes", "status": "No"}, Said(State.DECLINED)),
        ({"partner_answer": " no ", "decline_reason": " too far "}, Said(State.DECLINED, "too far")),
        ({"partner_answer": "", "status": "  ", "decline_reason": ""}, Said()),
        ({"partner_answer": "Perhaps", "status": "Away"}, Said(unknown=("Perhaps", "Away"))),
        ({"partner_answer": False, "status": 7}, Said(unknown=("false", "7"))),
    ],
)
def test_a_refusal_goes_before_the_status_and_that_before_the_answer(fields: Any, said: Said) -> None:
    assert WORDS.said(fields) == said
    assert WORDS.of_lead(a_lead(**fields)) == said
    converted = Said(State.CONVERTED, said.because, said.unknown)
    assert WORDS.of_lead(a_lead(converted=True, **fields)) == converted


def test_without_any_explanation_no_value_is_unknown() -> None:
    assert Meaning().said({"status": "Away"}) == Said()
    assert Meaning().knows("Away")
    assert WORDS.knows("OPEN")
    assert not WORDS.knows("Away")


@pytest.mark.parametrize(
    ("progress", "ended"),
    [
        (Progress(), None),
        (Progress(open=False), "closed"),
        (Progress("Sold", open=False), None),
        (Progress("Elsewhere", open=False), "closed"),
        (Progress(converted=True), "converted"),
        (Progress("Sold", open=False, converted=True), "converted"),
        (Progress(won=True), "won"),
        (Progress("no", won=True, converted=True), "won"),
        (Progress(won=False), "lost"),
        (Progress("NO", open=False, won=False), None),
        (Progress("No", won=False, converted=True), "lost"),
    ],
)
def test_how_a_lead_ended_is_the_crms_word_unless_its_status_is_explained(
    progress: Progress, ended: str | None
) -> None:
    assert WORDS.ended(progress) == ended
