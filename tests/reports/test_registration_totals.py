"""What registrations come to, by partner and tier."""

from datetime import timedelta
from typing import Any

from connector.model.registration import Life, State
from connector.reports.registration_totals import totals, totals_tables
from connector.reports.tables import plain
from connector.store.registration_reading import Filed
from tests.conftest import NOW
from tests.routing.registration.builders import a_registration, a_right, ruled, terms

DAY = timedelta(days=1)


def a_filed(number: int, state: State, partner: str = "anna", amount: float = 100, **facts: Any) -> Filed:
    life = Life(state, NOW, NOW, partner=partner, **facts)
    return Filed(a_registration(number, submitted=NOW - timedelta(hours=3)), life, amount)


def approved(**facts: Any) -> dict[str, Any]:
    return {"approved_at": NOW, "protected_until": NOW + 90 * DAY, **facts}


EVERY = (
    a_filed(1, State.APPROVED, **approved()),
    a_filed(2, State.APPROVED, "bert", **approved(protected_until=NOW + 3 * DAY)),
    a_filed(3, State.CONVERTED, amount=1000, reward=50.0, **approved()),
    a_filed(4, State.CONVERTED, amount=2000, reward=200.0, credited="bert", **approved()),
    a_filed(5, State.EXPIRED, **approved()),
    a_filed(6, State.REJECTED),
    Filed(a_registration(7), ruled(terms(), a_registration(7), a_right()), 400),
    a_filed(8, State.UNDER_REVIEW),
)


def test_rates_values_and_rewards_are_counted_once_each() -> None:
    data = totals(terms(), EVERY, NOW).as_data()
    assert data["all"] == {
        "submitted": 8,
        "open": 3,
        "approved": 5,
        "approval_rate": round(5 / 7, 3),
        "median_hours_to_approval": 3.0,
        "converted": 2,
        "win_rate": round(2 / 3, 3),
        "value_open": 300,
        "value_won": 3000,
        "reward": 250.0,
    }
    assert data["conflicts"] == {"another registration": 1}
    assert data["by_state"] == {
        "Approved": 2,
        "Conflict": 1,
        "Converted": 2,
        "Expired": 1,
        "Rejected": 1,
        "Under review": 1,
    }
    assert [row["registration"] for row in data["ending_soon"]] == ["salesforce:000002"]


def test_a_won_deal_counts_for_whoever_is_credited_with_it() -> None:
    data = totals(terms(), EVERY, NOW).as_data()
    won = {name: (told["value_won"], told["reward"]) for name, told in data["by_partner"].items()}
    assert won == {"Anna": (1000, 50.0), "Bert": (2000, 200.0)}
    assert data["by_tier"]["platinum"]["reward"] == 200.0


def test_a_terminal_shows_no_table_without_rows() -> None:
    shown = plain(totals_tables(totals(terms(), EVERY[:1], NOW)))
    assert shown.startswith("Registrations")
    assert "Anna" in shown
    assert "Conflicts" not in shown
    assert "Ending within" not in shown
