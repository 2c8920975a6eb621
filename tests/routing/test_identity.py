"""Who a lead is, in normal form, whichever way it is asked for."""

from typing import Any

import pytest

from connector.model.identity import Identity
from connector.routing.facts import understand
from connector.routing.identity import identify, identity_of
from tests.builders import a_lead, a_policy, partner
from tests.conftest import NOW

POLICY = a_policy('missing_words = ["n/a"]\ntreat_as_company = ["gmx.de"]\n' + partner("anna"))


@pytest.mark.parametrize(
    ("fields", "who"),
    [
        ({}, Identity()),
        (
            {"email": "Ann@mail.Globex.co.uk"},
            Identity("ann@mail.globex.co.uk", domain="globex.co.uk", brand="globex"),
        ),
        ({"email": "ann@gmail.com"}, Identity("ann@gmail.com")),
        ({"email": "ann@gmx.de"}, Identity("ann@gmx.de", domain="gmx.de", brand="gmx")),
        ({"website": "https://www.globex.com/x"}, Identity(domain="globex.com", brand="globex")),
        ({"phone": "0351 1234567", "country": "Germany"}, Identity(phone="+493511234567", country="DE")),
        ({"phone": "0351 1234567"}, Identity()),
        ({"last_name": " Müller-Lüdenscheidt "}, Identity(last_name="muller ludenscheidt")),
        ({"last_name": "-"}, Identity()),
        ({"last_name": "N/A", "company": "n/a"}, Identity()),
        ({"company": "Globex Werke GmbH"}, Identity(company="globex werke", opening="glb")),
        ({"first_name": "Ann", "title": "Dr", "city": "Ulm"}, Identity()),
    ],
)
def test_a_lead_is_known_by_what_tells_and_by_nothing_else(fields: Any, who: Identity) -> None:
    lead = a_lead(**fields)
    assert identify(POLICY, lead) == who
    assert identity_of(understand(lead, NOW, POLICY.missing_words, POLICY.normal)) == who
