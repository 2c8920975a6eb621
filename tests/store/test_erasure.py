"""After an erasure nothing of the person is left in the database, and everybody's counts are as before."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import LargeBinary, String, cast, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col

from connector.__main__ import cli
from connector.model.lead import Lead, Ref
from connector.model.registration import Right
from connector.reports.explain import explained
from connector.reports.replay import replay
from connector.store import Store, StoreSettings, reading
from connector.store.decisions import ledger_balance
from connector.store.endings import delete, park_overruled
from connector.store.erasure import ERASED, Erased, erase, refs_of
from connector.store.inputs import batches
from connector.store.intake import take_in
from connector.store.outbox import settle, take
from connector.store.rights import keep
from connector.store.tables import BatchRow, OutboxRow
from connector.sync.decide import decide_waiting
from tests.builders import ROOT, a_lead, a_policy, partner
from tests.conftest import NOW
from tests.store.test_store import loads, waiting_ids
from tests.takers import a_taker

RULES = (
    """
    [standing]
    order = ["same_person"]
    [[screen]]
    name = "an intern"
    when = { title = { contains = "intern" } }
    [score.fit]
    points = [{ when = { title = { contains = "chief" } }, points = 5 }]
    """
    + partner("anna")
    + partner("bert")
    + """
    [[route]]
    name = "all"
    when = { email = { present = true }, last_name = { present = true }, phone = { present = true } }
    """
)
MIA: dict[str, Any] = {
    "email": "Mia.Unwin@students.example",
    "first_name": "Mia",
    "last_name": "Unwin-Zarathustra",
    "phone": "+49 30 5550147",
    "title": "chief of Zarathustra",
}
NEEDLES = ("mia.unwin", "zarathustra", "5550147")


def other(number: int, **fields: Any) -> Lead:
    own: dict[str, Any] = {
        "email": f"p{number}@x.example",
        "last_name": f"Other {number}",
        "phone": f"+49 30 {number}",
    }
    return a_lead(number, **(own | fields))


@pytest.fixture
def mia(store: Store) -> list[Ref]:
    """Mia's three leads among others': one with a partner, one held by a person, one still waiting."""
    policy = a_policy(RULES)
    held = a_lead(2, owner="user:rep@x.example", **MIA)
    free_text = other(4, description="Referred by MIA.UNWIN@students.example, she knows them")
    took_in(
        store,
        a_lead(1, **{**MIA, "email": "mia.unwin@STUDENTS.example "}),
        held,
        other(3),
        free_text,
        other(5),
    )
    decide_waiting(policy, store, ["salesforce"], "live", "hash", lambda: NOW, lambda count: None)
    with store.transaction() as session:
        settle(session, take(session, "salesforce", NOW, 2, a_taker()), NOW)
        park_overruled(session, free_text.ref, NOW)
        claims = [("lead", "salesforce:000001"), ("registration", "salesforce:R1")]
        rights = [Right(kind, ref, "anna", "Co", "co.example", "DE", MIA["email"]) for kind, ref in claims]
        keep(session, rights, lambda right: [f"email:{right.email}", "domain:co.example"])
    took_in(store, a_lead(6, **MIA))
    return [Ref("salesforce", f"{number:06d}") for number in (1, 2, 6)]


def took_in(store: Store, *leads: Lead) -> None:
    with store.transaction() as session:
        take_in(session, "salesforce", leads, NOW)


def erased(store: Store, refs: list[Ref], email: str = "mia.unwin@students.example") -> Erased:
    with store.transaction() as session:
        done = erase(session, refs, NOW, "hash", [email])
    store.forget()
    return done


def everything(store: Store) -> Iterator[str]:
    """Every value of every table as text, and every byte of a SQLite file and its companions."""
    with store.transaction() as session:
        for table in SQLModel.metadata.sorted_tables:
            columns = [cast(c, String) for c in table.columns if not isinstance(c.type, LargeBinary)]
            for row in session.execute(select(*columns)):
                yield from (f"{table.name}: {value}".lower() for value in row if value is not None)
        for state in session.scalars(select(col(BatchRow.state))):
            yield zlib.decompress(state).decode().lower()
    if store.engine.dialect.name == "sqlite":
        file = Path(str(store.engine.url.database))
        for path in file.parent.glob(f"{file.name}*"):
            yield f"{path.name}: {path.read_bytes().decode('latin-1')}".lower()


def found_in(store: Store) -> list[str]:
    return [text[:200] for text in everything(store) if any(needle in text for needle in NEEDLES)]


def test_after_an_erasure_nothing_of_the_person_is_left(store: Store, mia: list[Ref]) -> None:
    assert {text.partition(":")[0] for text in found_in(store)} >= {
        "lead",
        "decision",
        "decision_input",
        "identity",
    }
    with store.transaction() as session:
        assert sorted(refs_of(session, " MIA.unwin@students.example")) == mia
        credits, open_now = reading.credits(session, "live"), loads(session)
    done = erased(store, mia)
    assert (done.leads, done.decisions, done.mentions) == (3, 2, 4)
    assert found_in(store) == []
    with store.transaction() as session:
        assert reading.credits(session, "live") == credits
        assert sum(loads(session).values()) == sum(open_now.values()) - 1
        assert set(ledger_balance(session).values()) == {0}
        assert refs_of(session, MIA["email"]) == []
        mentioned = reading.lead(session, Ref("salesforce", "000004"))
        assert mentioned is not None
        assert mentioned.fields["description"] == f"Referred by {ERASED}, she knows them"
    assert erased(store, mia) == Erased()


def test_an_erased_lead_still_tells_how_it_went(store: Store, mia: list[Ref]) -> None:
    erased(store, mia)
    with store.transaction() as session:
        given, waited = (reading.decisions_of(session, ref)[-1] for ref in (mia[0], mia[2]))
        (again,) = (replay(batches(session, ref=mia[0]), lambda name: a_policy(RULES), mia[0]),)
        rest = replay(batches(session), lambda name: a_policy(RULES))
    assert "assigned to Anna" in explained(given, {"anna": "Anna"})
    assert ERASED in explained(given, {})
    assert "the person was erased" in explained(waited, {})
    assert (again.same, again.erased, again.different) == (0, 1, [])
    assert (rest.same, rest.different) == (3, [])


def test_what_was_not_sent_of_an_erased_lead_never_is(store: Store, mia: list[Ref]) -> None:
    with store.transaction() as session:
        lead = other(7, **MIA)
        take_in(session, "salesforce", [lead], NOW)
    decide_waiting(a_policy(RULES), store, ["salesforce"], "live", "hash", lambda: NOW, lambda count: None)
    erased(store, [*mia, lead.ref])
    with store.transaction() as session:
        assert take(session, "salesforce", NOW, 10, a_taker())[0].command.ref not in (*mia, lead.ref)
        rows = session.scalars(select(OutboxRow).where(col(OutboxRow.lead_id) == lead.ref.id)).all()
        assert [(row.state, row.values, row.note) for row in rows] == [("superseded", {}, None)]


def test_an_erased_lead_is_not_read_again_but_a_restored_one_is(store: Store, mia: list[Ref]) -> None:
    gone = other(3)
    with store.transaction() as session:
        delete(session, gone.ref, NOW, "hash")
    erased(store, [*mia, gone.ref])
    took_in(store, a_lead(1, **{**MIA, "title": "changed"}), a_lead(6, **MIA))
    assert found_in(store) == []
    assert waiting_ids(store) == []
    took_in(store, gone)
    assert waiting_ids(store) == ["000003"]


def test_decisions_and_used_rules_cannot_be_changed(store: Store, mia: list[Ref]) -> None:
    changes = [
        "UPDATE decision SET outcome = 'assigned'",
        "UPDATE decision SET outcome = 'x', erased_at = '2026-11-02 09:00:00+00'",
        "DELETE FROM decision",
    ]
    for change in changes:
        with (
            pytest.raises(DBAPIError, match="decision rows are never changed or deleted"),
            store.transaction() as s,
        ):
            s.execute(text(change))


def test_connector_erase_asks_and_tells(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    store = Store.open(StoreSettings(url="sqlite:///connector.db"), tmp_path)
    took_in(store, a_lead(1, **MIA), other(2))
    store.close()
    run = CliRunner().invoke
    nobody = run(cli, ["erase", "--email", "x@y.example", "--yes", "--config", str(path)])
    assert nobody.exit_code == 1
    refused = run(cli, ["erase", "--email", MIA["email"], "--config", str(path)], input="n\n")
    assert refused.exit_code == 1
    assert "erase 1 lead and every mention" in refused.output
    done = run(cli, ["erase", "--ref", "salesforce:000001", "--yes", "--config", str(path)])
    assert (done.exit_code, done.output) == (0, "erased 1 leads, 0 decisions and 0 mentions\n")
    for file in tmp_path.glob("connector.db*"):
        assert b"Zarathustra" not in file.read_bytes()
    whom = run(cli, ["erase", "--config", str(path)])
    assert whom.exit_code == 2
