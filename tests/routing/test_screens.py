"""Screens that are one line of the config: whom each turns away, and with which reason."""

from typing import Any, get_args

import pytest

from connector.model.decision import Outcome
from connector.routing.pipeline import decide
from connector.routing.policy import BadPolicy
from connector.routing.ready_screens import READY
from connector.routing.reasons import CODES
from connector.routing.settings import ScreenSettings
from tests.builders import a_lead, a_policy, a_snapshot, partner

RIVALS = '\ndomains = ["rival.com"]'
ROUTE = partner("anna") + '[[route]]\nname = "all"\n'


def screen(use: str, more: str = "") -> str:
    return f'[[screen]]\nname = "s"\nuse = "{use}"{more}\n' + ROUTE


@pytest.mark.parametrize(
    ("use", "turned_away", "let_through", "code"),
    [
        ("known_email", {}, {"email": "not one"}, "email_not_known"),
        ("valid_email", {"email": "not one"}, {}, "email_not_valid"),
        ("corporate_email", {"email": "a@gmail.com"}, {"email": "a@acme.de"}, "email_not_corporate"),
        ("not_a_competitor", {"email": "a@eu.rival.com"}, {"email": "a@arrival.com"}, "competitor"),
        ("not_our_own", {"website": "https://www.rival.com/x"}, {}, "our_own"),
        ("no_test_record", {"company": "TEST"}, {"company": "Test Equipment Ltd"}, "test_record"),
        ("no_test_record", {"email": "a@mail.example.com"}, {"email": "a@acme.example"}, "test_record"),
        ("no_test_record", {"email": "test1@acme.com"}, {"email": "testa@acme.com"}, "test_record"),
    ],
)
def test_a_ready_screen_turns_away_only_whom_it_is_for(
    use: str, turned_away: Any, let_through: Any, code: str
) -> None:
    policy = a_policy(screen(use, RIVALS if READY[use].needs_domains else ""))
    rejected = decide(policy, a_snapshot(), a_lead(**turned_away))
    assert (rejected.outcome, rejected.reasons[-1].code) == (Outcome.REJECTED, code)
    assert decide(policy, a_snapshot(), a_lead(**let_through)).outcome is Outcome.ASSIGNED


def test_the_config_knows_every_ready_screen_and_each_has_words() -> None:
    (names, _) = get_args(ScreenSettings.model_fields["use"].annotation)
    assert set(get_args(names)) == set(READY)
    assert {ready.code for ready in READY.values()} <= set(CODES)


@pytest.mark.parametrize(
    "toml",
    [
        screen("not_a_competitor"),
        screen("valid_email", RIVALS),
        screen("valid_email", '\nwhen = { country = "DE" }'),
        '[[screen]]\nname = "s"\n' + ROUTE,
    ],
)
def test_a_screen_that_does_not_say_whom_it_is_for_is_found(toml: str) -> None:
    with pytest.raises(BadPolicy) as raised:
        a_policy(toml)
    assert [finding.where for finding in raised.value.findings] == [("screen", 0)]
