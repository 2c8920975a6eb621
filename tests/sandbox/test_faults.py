"""When a fault happens, and that it is counted."""

import pytest

from connector.sandbox.faults import Fault, FaultBoard, FaultError, parse


def _calls(board: FaultBoard, how_many: int, kind: str = "503", **where: str) -> list[bool]:
    return [board.hit(kind, crm="hubspot", **where) is not None for _ in range(how_many)]


def test_a_fault_without_conditions_always_happens() -> None:
    assert _calls(FaultBoard([Fault("503")]), 3) == [True, True, True]


def test_the_nth_call_fails_once() -> None:
    assert _calls(FaultBoard([Fault("503", nth=3)]), 5) == [False, False, True, False, False]


def test_from_the_nth_call_on_it_fails_as_often_as_asked() -> None:
    assert _calls(FaultBoard([Fault("503", nth=2, times=2)]), 5) == [False, True, True, False, False]


def test_every_second_call_fails_until_the_times_are_used_up() -> None:
    assert _calls(FaultBoard([Fault("503", every=2, times=2)]), 7) == [False, True, False, True] + 3 * [False]


def test_the_same_seed_throws_the_same_dice() -> None:
    first, second = (_calls(FaultBoard([Fault("503", probability=0.4, seed=7)]), 200) for _ in range(2))
    assert first == second
    assert 50 < sum(first) < 110


def test_another_seed_throws_other_dice() -> None:
    first, second = (_calls(FaultBoard([Fault("503", probability=0.4, seed=s)]), 200) for s in (1, 2))
    assert first != second


def test_only_matching_calls_are_counted() -> None:
    board = FaultBoard([Fault("503", crm="hubspot", route="/search", nth=2)])
    assert board.hit("503", crm="salesforce", route="POST /search") is None
    assert board.hit("503", crm="hubspot", route="GET /crm/v3/owners") is None
    assert board.hit("429", crm="hubspot", route="POST /search") is None
    assert _calls(board, 2, route="POST /crm/v3/objects/contacts/search") == [False, True]


def test_a_record_fault_hits_its_record_only() -> None:
    board = FaultBoard([Fault("row_lock", params={"record": "00Q1"})])
    assert board.hit("row_lock", crm="salesforce", record="00Q2") is None
    assert board.hit("row_lock", crm="salesforce", record="00Q1") is not None


def test_what_happened_stays_counted_after_a_fault_is_switched_off() -> None:
    board = FaultBoard()
    fault = board.add(Fault("503"))
    _calls(board, 3)
    assert board.listing() == [{"id": fault.id, "kind": "503", "seed": 0, "seen": 3, "fired": 3}]
    assert board.remove(fault.id)
    assert _calls(board, 2) == [False, False]
    assert board.fired == {fault.id: 3}


def test_two_faults_of_a_kind_count_apart() -> None:
    board = FaultBoard([Fault("503", nth=1, id="first"), Fault("503", nth=2, id="second")])
    assert _calls(board, 3) == [True, True, False]
    assert board.fired == {"first": 1, "second": 1}


def test_a_fault_is_read_from_text() -> None:
    assert parse("kind=429, crm=hubspot,route=/search,nth=3,retry_after=5") == Fault(
        "429", crm="hubspot", route="/search", nth=3, params={"retry_after": "5"}
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind=420", 'There is no kind "420"; did you mean "429"?'),
        ("crm=hubspot", "A fault needs a kind; use one of"),
        ("kind=503,crm=hubspt", 'There is no crm "hubspt"; did you mean "hubspot"?'),
        ("kind=503,nth=x", 'nth must be a number, not "x".'),
        ("kind=503,nth=0", "nth must be 1 or more, not 0."),
        ("kind=503,probability=2", "probability must be at most 1, not 2.0."),
        ("503", '"503" is not NAME=VALUE'),
    ],
)
def test_a_fault_that_cannot_be_read_says_why(text: str, message: str) -> None:
    with pytest.raises(FaultError) as caught:
        parse(text)
    assert message in str(caught.value)
