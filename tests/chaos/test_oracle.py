"""The oracle sees what it is there to see."""

from pathlib import Path

import pytest

from connector.sandbox.server import Sandbox
from tests.chaos.nursery import Nursery
from tests.chaos.oracle import Change, Record, judge
from tests.chaos.run import Fire
from tests.chaos.tally import Tally, together
from tests.eyes import INTEGRATION

CONFIG = Path(__file__).parent / "programme.toml"
ANKE = "user:anke.petersen@nordwind-it.example"
JONAS = "user:jonas.weber@rheintal-cloud.example"
NORDWIND, RHEINTAL = "Nordwind IT GmbH", "Rheintal Cloud AG"


def a_record(
    *changes: Change,
    owner: str | None = ANKE,
    partner: str | None = NORDWIND,
    status: str | None = "Assigned",
    consent: bool = True,
) -> Record:
    return Record("1", owner, partner, status, consent, changes)


def ours(field: str, to: str | None) -> Change:
    return Change(field, to, ours=True)


WELL = (ours("Owner", ANKE), ours("Partner__c", NORDWIND))


@pytest.mark.parametrize(
    ("record", "wrong"),
    [
        (a_record(*WELL), None),
        (a_record(*WELL, ours("Partner__c", RHEINTAL)), "was given to 2 partners"),
        (a_record(*WELL, ours("Owner", ANKE)), "had its owner written 2 times"),
        (a_record(owner="queue:Web_Intake", partner=None, status=None), "has no outcome"),
        (a_record(*WELL, status="Held"), "is Held, not Assigned"),
        (a_record(*WELL, consent=False), "is Assigned, not Held"),
        (a_record(*WELL, partner="Nobody Ltd"), "is assigned to 'Nobody Ltd'"),
        (a_record(*WELL, owner=JONAS), f"is {NORDWIND}'s, but {JONAS} holds it"),
        (a_record(*WELL, status="Held", consent=False), "is held, but was given to"),
        (a_record(owner=None, partner=None, status="Held", consent=False), None),
    ],
)
def test_each_way_to_go_wrong_is_seen(record: Record, wrong: str | None) -> None:
    violations = judge(CONFIG, {"salesforce": [record]}).violations
    assert bool(violations) == (wrong is not None)
    assert not wrong or any(violation.startswith(f"salesforce:1 {wrong}") for violation in violations)


def test_leads_that_are_shared_unevenly_are_seen() -> None:
    assert judge(CONFIG, {"salesforce": [a_record(*WELL)] * 7}).furthest == 4


def test_a_second_partner_in_a_crm_is_seen_in_its_own_records(
    nursery: Nursery, sandbox: Sandbox, tmp_path: Path
) -> None:
    fire = Fire(tmp_path, nursery, sandbox, f"sqlite:///{tmp_path}/connector.db", Tally())
    fire.arrive(4)
    fire.quiet(1)
    assert fire.judged().violations == []
    leads = fire.sandbox.run(lambda: fire.sandbox.org.store.find("Lead"))
    lead = next(lead for lead in leads if lead["Partner__c"])
    other = RHEINTAL if lead["Partner__c"] != RHEINTAL else NORDWIND
    fire.sandbox.run(lambda: fire.sandbox.org.edit(str(lead["Id"]), {"Partner__c": other}, by=INTEGRATION))
    (violation, *_) = fire.judged().violations
    assert violation.startswith(f"salesforce:{lead['Id']} was given to 2 partners")


def test_totals_add_up() -> None:
    one, two = Tally(), Tally()
    one.kills["any call"], two.kills["any call"], two.faults["429"] = 2, 3, 1
    one.leads, two.leads, two.furthest, two.violations = 1_000, 2_000, 0.5, ["x"]
    assert together([one.as_data(), two.as_data()]).told() == (
        "3,000 leads, 5 kills (any call 5), 1 faults (429 1), furthest from its share 0.500, 1 violations"
    )
