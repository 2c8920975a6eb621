"""Which companies' names are looked at for a lead, when there are more than are compared in full."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from connector.model.identity import Holding
from connector.model.snapshot import Snapshot
from connector.routing.identity import identify
from tests.builders import a_lead, a_policy, a_snapshot
from tests.conftest import NOW
from tests.routing.standing.test_same import PARTNERS, RULES, decided, holdings_of

LENIENT = a_policy(RULES.format(more="same_company_from = 0.5") + PARTNERS)
LONG_AGO = NOW - timedelta(days=10_000)


def having_had(names: Iterable[str], since: datetime = NOW, snapshot: Snapshot | None = None) -> Snapshot:
    """A moment at which a partner was given leads of these German companies, in this order."""
    snapshot = snapshot or a_snapshot()
    for name in names:
        lead = a_lead(100 + sum(map(len, holdings_of(snapshot).by_name.values())), company=name, country="DE")
        holding = Holding(lead.ref, "bert", "user:bert@x.example", since, False, identify(LENIENT, lead))
        holdings_of(snapshot).add(holding)
    return snapshot


def found(snapshot: Snapshot, name: str) -> str | None:
    """The company that a lead of this name is told to belong to."""
    told = decided(snapshot, policy=LENIENT, company=name, country="DE").reasons[0].facts.get("company")
    return None if told is None else str(told)


def test_the_most_alike_of_many_is_found_wherever_it_stands() -> None:
    others = [f"Globex {letter}" for letter in "abcdfghk"]
    assert found(having_had([*others, "Globex Works"]), "Globex Works") == "globex works"
    assert found(having_had(["Globex Works", *others]), "Globex Works") == "globex works"


def test_a_name_cut_short_is_more_alike_than_one_with_a_word_more() -> None:
    words = ("Asset", "Pension", "Water", "Harbour", "Timber", "Quarry")
    others = [f"Globex {word} Management" for word in words]
    assert found(having_had([*others, "Globex Mngmt"]), "Globex Management") == "globex mngmt"


@pytest.mark.parametrize("letters", ["abcdfg", "gfdcba", "dagcfb"])
def test_of_names_that_are_equally_alike_the_first_by_name_is_found_in_whatever_order_they_came(
    letters: str,
) -> None:
    assert found(having_had(f"Globex {letter}" for letter in letters), "Globex") == "globex a"


def test_companies_of_long_ago_take_no_place_from_one_of_today() -> None:
    snapshot = having_had((f"Globex Works {letter}" for letter in "abcdfgh"), LONG_AGO)
    assert found(snapshot, "Globex Works") is None
    assert found(having_had(["Globex Workshop"], snapshot=snapshot), "Globex Works") == "globex workshop"


def test_a_company_of_another_domain_is_another_however_lenient_the_admin_is() -> None:
    lead = a_lead(1, email="jo@globex.com", company="Globex GmbH", country="DE")
    snapshot = a_snapshot()
    holdings_of(snapshot).add(Holding(lead.ref, "bert", "user:b", NOW, False, identify(LENIENT, lead)))
    told = decided(snapshot, policy=LENIENT, email="x@hooli.de", company="Globex", country="DE")
    assert told.route == "all"
    nowhere = decided(snapshot, policy=LENIENT, company="Globex", country="DE")
    assert nowhere.partner == "bert"


def test_a_company_is_one_whether_its_records_tell_the_domain_or_not() -> None:
    """Of all its records the open one counts, whichever of them tell the brand."""
    snapshot = having_had(["Globex Works"])
    told = a_lead(7, email="jo@globex.com", company="Globex Works", country="DE")
    since, owner = NOW - timedelta(days=9), "user:cora@x.example"
    fields = {"email": "x@globex.de", "company": "Globex Works", "country": "DE"}
    assert decided(snapshot, policy=LENIENT, **fields).partner == "bert"
    holdings_of(snapshot).add(Holding(told.ref, "cora", owner, since, True, identify(LENIENT, told)))
    assert decided(snapshot, policy=LENIENT, **fields).partner == "cora"
