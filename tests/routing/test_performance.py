"""What partners make of their leads, counted to the unit: each count, rate and amount by itself."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.model.lead import Ref
from connector.model.performance import Handled, Performance
from connector.routing.normal import Normal
from connector.routing.performance import Rate, Tally, rates, tallies, worth_of
from tests.conftest import NOW

EUR = Normal(base_currency="EUR", rates={"USD": 0.5})
LATER = NOW + timedelta(minutes=90)


def handled(partner: str = "anna", **what: Any) -> Handled:
    return Handled(Ref("salesforce", "1"), partner, NOW, **what)


@pytest.mark.parametrize(
    ("lead", "counted"),
    [
        (handled(), {}),
        (handled(claimed=True), {"claimed": 1}),
        (handled(accepted=True), {"accepted": 1}),
        (handled(accepted=False), {"declined": 1}),
        (handled(accepted=False, lapsed=True), {"lapsed": 1}),
        (handled(contacted_at=NOW), {"contacted": 1}),
        (handled(answered_at=LATER), {"answered": [90.0]}),
        (handled(won=False, amount=7), {"lost": 1}),
        (handled(won=True), {"won": 1, "unvalued": 1}),
        (handled(won=True, amount=10.5, currency="usd"), {"won": 1, "value": Decimal("5.25")}),
        (handled(won=True, amount=10, currency="JPY"), {"won": 1, "unvalued": 1}),
        (handled(won=True, amount=0), {"won": 1}),
    ],
)
def test_each_thing_that_happens_to_a_lead_counts_once_and_nothing_else_does(
    lead: Handled, counted: dict[str, Any]
) -> None:
    twice: dict[str, Any] = {
        name: [*each, *each] if isinstance(each, list) else 2 * each for name, each in counted.items()
    }
    assert tallies([lead], EUR) == {"anna": Tally(given=1, **counted)}
    assert tallies([lead, lead], EUR) == {"anna": Tally(given=2, **twice)}


def test_a_record_says_what_was_closed_won_brought_and_answered() -> None:
    tally = Tally(won=2, lost=3, value=Decimal("7.5"), answered=[10, 20, 90])
    assert tally.performance() == Performance(5, 2, 7.5, 3, 20)
    assert Tally().performance() == Performance(0, 0, 0.0, 0, 0)


@pytest.mark.parametrize(
    ("amount", "currency", "worth"),
    [
        (None, "EUR", None),
        (10.25, None, Decimal("10.25")),
        (10.25, "EUR", Decimal("10.25")),
        (10, "usd", Decimal("5")),
        (0.1, "USD", Decimal("0.05")),
        (10, "JPY", None),
    ],
)
def test_a_won_lead_is_worth_its_amount_in_the_base_currency(amount: Any, currency: Any, worth: Any) -> None:
    assert worth_of(handled(won=True, amount=amount, currency=currency), EUR) == worth


def test_rates_show_their_counts_and_are_shrunk_towards_those_of_all() -> None:
    found = {
        "anna": Tally(accepted=3, declined=1, claimed=1, contacted=2, won=2),
        "bert": Tally(accepted=1, lapsed=3, won=1, lost=1),
    }
    assert rates(found, prior=4) == {
        "anna": {
            "acceptance": Rate(3, 4, (3 + 4 * 4 / 8) / 8),
            "contact": Rate(2, 4, (2 + 4 * 2 / 5) / 8),
            "win": Rate(2, 2, (2 + 4 * 3 / 4) / 6),
        },
        "bert": {
            "acceptance": Rate(1, 4, (1 + 4 * 4 / 8) / 8),
            "contact": Rate(0, 1, (0 + 4 * 2 / 5) / 5),
            "win": Rate(1, 2, (1 + 4 * 3 / 4) / 6),
        },
    }
    assert rates({"anna": Tally()}) == {"anna": dict.fromkeys(("acceptance", "contact", "win"), Rate(0, 0))}
    assert (Rate(1, 4).raw, Rate(0, 0).raw) == (0.25, None)
