"""Whatever a CRM refuses, a person is told what to do about it."""

import pytest

from connector.sources.base import SourceBusy, SourceRefused, fix_for
from connector.sources.hubspot.errors import row_error as hubspot_error
from connector.sources.hubspot.fixes import FIXES as HUBSPOT
from connector.sources.hubspot.fixes import OF_A_PROPERTY, fix
from connector.sources.salesforce.errors import _REFUSED, by_code
from connector.sources.salesforce.fixes import FIXES as SALESFORCE

ANY = fix_for(SourceRefused("no", "SOMETHING_NEW"), {})


@pytest.mark.parametrize("code", sorted(_REFUSED))
def test_every_code_that_salesforce_refuses_a_record_with_has_a_fix_of_its_own(code: str) -> None:
    assert fix_for(by_code(code, "words"), SALESFORCE) not in ("", ANY)


@pytest.mark.parametrize("named", sorted(OF_A_PROPERTY))
def test_hubspot_names_the_property_and_we_what_to_do_about_it(named: str) -> None:
    message = f'Property values were not valid: [{{"isValid":false,"error":"{named}","name":"partner"}}]'
    error = hubspot_error({"category": "VALIDATION_ERROR", "message": message})
    assert fix(error) == OF_A_PROPERTY[named]
    assert (
        fix(hubspot_error({"category": "VALIDATION_ERROR", "message": "no"})) == HUBSPOT["VALIDATION_ERROR"]
    )


@pytest.mark.parametrize(
    "sentence", sorted({*SALESFORCE.values(), *HUBSPOT.values(), *OF_A_PROPERTY.values()})
)
def test_every_fix_says_how_to_go_on(sentence: str) -> None:
    assert sentence.endswith("then retry")
    assert "\n" not in sentence


def test_what_nobody_has_listed_still_has_a_way_out() -> None:
    assert "retry" in ANY
    assert "drop" in ANY
    assert "busy" in fix_for(SourceBusy("slow", "NEW_CODE"), {})
