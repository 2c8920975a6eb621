"""What a decision writes: the CRM's words for a fresh lead and for one that ripens, and the rest whole."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.model.decision import Decision, Outcome, Reason, Score
from connector.model.lead import Ref
from connector.routing.commands import commands
from connector.routing.policy import Nurture, Policy
from connector.routing.progress import Meaning
from tests.builders import a_policy, partner
from tests.conftest import NOW

POLICY = a_policy(partner("anna") + '[[route]]\nname = "all"\n')
PLACE = Nurture(place=True)
STATUS = Nurture(status="Nurturing")
TAKEN_BACK = Reason("taken_back", {"how": "declined", "breaches": 0})
RIPENED = Reason("ripened", {})


def in_words(nurture: Nurture = STATUS, fresh: str | None = "Open") -> Policy:
    crms = {
        name: replace(crm, meaning=Meaning({}, fresh), nurture=nurture) for name, crm in POLICY.crms.items()
    }
    return replace(POLICY, crms=crms)


def a_decision(outcome: Outcome, *reasons: Reason, **parts: Any) -> Decision:
    return Decision(Ref("salesforce", "1"), NOW, outcome, "queue:Intake", reasons=reasons, **parts)


def written(policy: Policy, decision: Decision) -> dict[str, Any]:
    (write,) = commands(policy, decision)
    usual = {"status", "reason", "route", "score", "due", "partner_answer", "decline_reason", "claimed_by"}
    return {name: value for name, value in write.values.items() if name not in usual}


@pytest.mark.parametrize(
    ("outcome", "parts", "values"),
    [
        (Outcome.ASSIGNED, {"partner": "anna"}, {"partner": "Anna", "lead_status": "Open"}),
        (
            Outcome.FALLBACK,
            {"owner": "queue:x"},
            {"partner": None, "owner": "queue:x", "lead_status": "Open"},
        ),
        (Outcome.HELD, {}, {"partner": None}),
        (Outcome.REJECTED, {}, {"partner": None}),
    ],
)
def test_a_lead_that_was_taken_back_starts_afresh_with_whoever_has_it(
    outcome: Outcome, parts: Any, values: Any
) -> None:
    decision = a_decision(outcome, TAKEN_BACK, **parts)
    assert written(in_words(), decision) == values
    silent = {name: value for name, value in values.items() if name != "lead_status"}
    assert written(in_words(fresh=None), decision) == silent
    (write,) = commands(in_words(), decision)
    gone = {"partner_answer": None, "decline_reason": None, "claimed_by": None}
    assert {name: write.values[name] for name in gone} == gone


@pytest.mark.parametrize(
    ("nurture", "outcome", "reasons", "values"),
    [
        (STATUS, Outcome.NURTURE, (), {"lead_status": "Nurturing"}),
        (PLACE, Outcome.NURTURE, (), {"nurture": True}),
        (Nurture(), Outcome.NURTURE, (), {}),
        (STATUS, Outcome.HELD, (RIPENED,), {"lead_status": "Open"}),
        (PLACE, Outcome.HELD, (RIPENED,), {"nurture": False}),
        (Nurture(), Outcome.HELD, (RIPENED,), {}),
        (STATUS, Outcome.REJECTED, (RIPENED,), {}),
        (PLACE, Outcome.REJECTED, (RIPENED,), {"nurture": False}),
        (STATUS, Outcome.HELD, (), {}),
        (PLACE, Outcome.HELD, (), {}),
    ],
)
def test_where_a_lead_ripens_is_written_and_taken_away_again(
    nurture: Nurture, outcome: Outcome, reasons: tuple[Reason, ...], values: Any
) -> None:
    assert written(in_words(nurture), a_decision(outcome, *reasons)) == values
    assert "lead_status" not in written(in_words(STATUS, None), a_decision(Outcome.HELD, RIPENED))


def test_times_are_written_to_the_second_and_the_time_to_accept_goes_first() -> None:
    soon, later = NOW + timedelta(hours=1, microseconds=5), NOW + timedelta(hours=2, microseconds=7)
    (held,) = commands(POLICY, a_decision(Outcome.HELD, look_again_at=soon))
    assert held.values["due"] == "2026-11-02T10:00:00+00:00"
    both = a_decision(Outcome.ASSIGNED, partner="anna", look_again_at=soon, accept_by=later)
    assert commands(POLICY, both)[0].values["due"] == "2026-11-02T11:00:00+00:00"


def test_what_the_admin_asks_for_is_written_and_nothing_else() -> None:
    score = Score(7, {"fit": 7}, (), "B2")
    decision = a_decision(Outcome.ASSIGNED, partner="anna", owner="user:a", route="all", score=score)
    plain = dict(commands(POLICY, decision)[0].values)
    assert plain == {
        "status": "Assigned",
        "reason": "",
        "route": "all",
        "score": 7,
        "due": None,
        "partner": "Anna",
        "owner": "user:a",
    }
    graded = a_policy(
        partner("anna")
        + '[[route]]\nname = "all"\n[[score.fit.points]]\nwhen = { country = "DE" }\npoints = 5\n'
        + '[[score.engagement.points]]\nwhen = { country = "DE" }\npoints = 5\n'
        + "[score.grades]\nfit = [3, 2, 1]\nengagement = [3, 2, 1]\n"
    )
    linked = replace(graded, decision_link="https://x.example/{ref}")
    assert commands(linked, decision)[0].values == {
        **plain,
        "grade": "B2",
        "link": "https://x.example/salesforce:1",
    }
