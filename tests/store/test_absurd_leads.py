"""A lead with absurd values is decided or held like any other, whatever the database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from connector.config import load
from connector.model.decision import Decision
from connector.model.lead import Lead, Ref
from connector.reports.explain import explained
from connector.routing.reasons import summary
from connector.store import Store, reading
from connector.store.intake import take_in
from connector.sync.decide import decide_waiting
from tests.builders import ROOT
from tests.conftest import Clock

POLICY = load(ROOT / "config.toml").policy
WELL: dict[str, Any] = {
    "country": "DE",
    "employees": 300,
    "sharing_consent": True,
    "email": "ann@globex.example",
}

ABSURD: dict[str, dict[str, Any]] = {
    "ten megabytes of text": {"description": "x" * 10_000_000, "company": "y" * 10_000_000},
    "negative employees": {"employees": -5, "deal_value": -1e300},
    "numbers beyond measure": {
        "employees": 10**400,
        "deal_value": float("inf"),
        "annual_revenue": float("nan"),
    },
    "a date in the year 9999": {"contract_end": "9999-12-31T23:59:59Z", "timeline": "9999-12-31"},
    "control characters": {"company": "Glo\x00bex\x1b[2J\x07", "city": "\x00", "title": "\x7f\x85"},
    "lone surrogates": {"company": "Glo\ud800bex", "last_name": "\udfff"},
    "mixed scripts": {"company": "Глобекс 株式会社 שלום مرحبا 🏭\u202eexe.fdp", "city": "München\u200b"},
    "values of the wrong kind": {"country": 49, "email": True, "employees": "", "industry": 3.5},
    "a country that is none": {"country": "Atlantis\n\r\t"},
}


OTHERWISE = {"email": "somebody@quite-another.example", "phone": None, "company": "Quite Another"}


@pytest.mark.parametrize("absurd", ABSURD.values(), ids=ABSURD.keys())
def test_an_absurd_lead_ends_somewhere(store: Store, clock: Clock, absurd: dict[str, Any]) -> None:
    ref, born = Ref("salesforce", "00Q1"), clock() - timedelta(hours=1)
    lead = Lead(ref, "queue:Web_Intake", born, born, {**WELL, **absurd})
    sane = Lead(Ref("salesforce", "00Q2"), "queue:Web_Intake", born, born, {**WELL, **OTHERWISE})
    with store.transaction() as session:
        take_in(session, "salesforce", [lead, sane], clock())
    decide_waiting(POLICY, store, ["salesforce"], "live", "hash", clock, lambda count: None)
    with store.transaction() as session:
        (decision,) = reading.decisions_of(session, ref)
        (other,) = reading.decisions_of(session, sane.ref)
    assert other.outcome.value == "assigned"
    assert len(summary(decision)) <= 255
    assert explained(decision, {})
    orjson.dumps(decision.as_data())
    assert Decision.from_data(decision.as_data()) == decision


def test_a_lead_made_in_the_year_9999_is_decided(store: Store, clock: Clock) -> None:
    late = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    lead = Lead(Ref("salesforce", "00Q1"), "queue:Web_Intake", late, late, WELL)
    with store.transaction() as session:
        take_in(session, "salesforce", [lead], clock())
    decide_waiting(POLICY, store, ["salesforce"], "live", "hash", clock, lambda count: None)
    with store.transaction() as session:
        (decision,) = reading.decisions_of(session, lead.ref)
    assert decision.outcome.value == "assigned"
