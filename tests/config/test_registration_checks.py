"""What is wrong with deal registration in config.toml is told at its place, before the first registration."""

from pathlib import Path

import pytest

from connector.config import BadConfig, load
from connector.sources.registration_settings import HubSpotRegistrations
from tests.builders import ROOT

GOOD = (ROOT / "config.toml").read_text(encoding="utf-8")


def problems(folder: Path, old: str, new: str) -> list[str]:
    """Everything that is told of the shipped file with one change."""
    assert old in GOOD
    text = GOOD.replace(old, new).replace("file:examples/", f"file:{ROOT}/examples/")
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    try:
        load(path)
    except BadConfig as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('approve = "when_no_conflict"', 'approve = "always"', "approve cannot be 'always'"),
        ('decide_within = "2 working days"', 'decide_within = "2 days"', "is not a duration"),
        ('"partner", "company", "country"]', '"partner", "compny"]', "there is no field 'compny'"),
        (
            "open_at_once = { silver",
            "open_at_once = { sliver",
            "there is no tier 'sliver'; did you mean \"silver\"",
        ),
        ('tier = ["platinum"], percent', 'tier = ["platnum"], percent', "there is no tier 'platnum'"),
        ("percent = 10", "percent = 110", "percent"),
        ('country = "Customer_Country__c", ', "", "'country' is required, but no field is read as country"),
        ('reason = "Registration_Reason__c"', 'resaon = "Registration_Reason__c"', "resaon"),
        ('approved = "registration-approved"', 'aproved = "registration-approved"', "aproved"),
        ('decide_within = "2', 'holidays = { country = "XX" }\ndecide_within = "2', "'XX'"),
        ('protect_for = "90d"', 'protect_for = "0d"', "protect_for"),
        ('status = "Registration_Status__c"', "", "status is missing; add it here"),
    ],
)
def test_a_mistake_is_told_at_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    found = problems(tmp_path, old, new)
    assert found
    assert told in found[0]
    place = found[0].split(":")
    assert place[0] == "config.toml"
    assert int(place[1]) > 20


@pytest.mark.parametrize("written", ["0-3", "deal", "deals"])
def test_hubspots_deals_are_known_by_any_of_their_names(written: str) -> None:
    place = HubSpotRegistrations.model_validate({"object": written, "status": "x", "read": {}})
    assert place.object == "deals"


def test_registrations_need_rules_and_rules_registrations(tmp_path: Path) -> None:
    start, end = GOOD.index("[deal_registration]"), GOOD.index("# ---- the partners ----")
    (salesforce, hubspot) = problems(tmp_path, GOOD[start:end], "")
    assert "registrations need rules; add a [deal_registration] table" in salesforce
    assert "registrations need rules" in hubspot


@pytest.mark.parametrize(("types", "told"), [('["Partner_Lead"]', True), ('["Deal_Registration"]', False)])
def test_a_record_is_never_a_lead_and_a_registration(tmp_path: Path, types: str, told: bool) -> None:
    shown = 'object = "Opportunity"\nrecord_types = ["Deal_Registration"]\n# where'
    found = problems(tmp_path, shown, f'object = "Lead"\nrecord_types = {types}\n# where')
    assert ["leads are kept there too" in each for each in found] == [True] * told
