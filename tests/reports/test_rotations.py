"""What a report says of each rotation is what was observed and what is proven."""

import pytest

from connector.model.decision import Decision, Outcome, Turn
from connector.reports.rotations import rotation_lines
from connector.reports.summary import summarize
from connector.reports.tables import plain, summary_tables
from connector.routing.rotation import LEAD, next_turn
from connector.store import Store
from connector.store.decisions import Ruling, give_back, record
from connector.store.intake import take_in
from connector.store.reading import CreditLine
from tests.builders import a_policy, leads, partner
from tests.conftest import NOW

NAMES = {"anna": "Anna", "bert": "Bert"}


def test_the_farthest_that_anybody_ever_was_is_kept_though_all_is_level_again(store: Store) -> None:
    taken, credits = leads(4), dict[str, int]()
    with store.transaction() as session:
        take_in(session, "salesforce", taken, NOW)
    for lead in taken:
        turn = next_turn({"anna": 3, "bert": 1}, credits)
        credits = {who: credits.get(who, 0) + units for who, units in turn.entry.items()}
        decision = Decision(
            lead.ref,
            NOW,
            Outcome.ASSIGNED,
            owner="user:x@x.example",
            partner=turn.picked,
            turns=(Turn("r", turn.picked, turn.entry),),
        )
        with store.transaction() as session:
            record(session, "live", "hash", [Ruling(decision, ())])
    assert set(credits.values()) == {0}
    with store.transaction() as session:
        (line,) = summarize(session, NAMES, "live").rotations
    assert (line.turns, line.members, line.farthest) == (4, 2, 0.5)
    with store.transaction() as session:
        give_back(session, "salesforce", taken[-1].ref.id, NOW, "declined")
        summary = summarize(session, NAMES, "live")
    assert (summary.rotations[0].turns, summary.rotations[0].farthest) == (3, 0.5)
    assert summary.as_data()["rotations"][0]["bound"] == 1
    told = [line.split() for line in plain(summary_tables(summary)).splitlines()]
    assert ["r", "3", "2", "0.50", "1"] in told


@pytest.mark.parametrize(
    ("terms", "bound", "words"),
    [
        ("", 1, "whoever may have which lead"),
        ('absence = "make_up", make_up_limit = 4', 5, "nobody is ever owed more than 5 leads"),
        ('fair_by = "value", typical_value = 1000, count_at_most = 3', 1.5, "leads worth up to 3 leads"),
    ],
)
def test_the_promise_is_that_of_the_rotations_terms(terms: str, bound: float, words: str) -> None:
    route = f'[[route]]\nname = "all"\nrotation = {{ name = "r"{", " * bool(terms)}{terms} }}\n'
    policy = a_policy(partner("anna") + partner("bert") + route)
    credits = [
        CreditLine("r", "anna", 3, LEAD // 4, LEAD // 2),
        CreditLine("r", "bert", 2, -LEAD // 4, LEAD // 4),
    ]
    (line,) = rotation_lines(credits, policy.rotations, NAMES)
    assert (line.bound, line.farthest, line.farthest_member) == (bound, 0.5, "Anna")
    assert words in line.promise
    (unknown,) = rotation_lines(credits, {}, {})
    assert (unknown.bound, unknown.farthest_member) == (1, "anna")
