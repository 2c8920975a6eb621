"""Screens that are one line of the config: what each turns away, and the code of its reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connector.routing.normal.domains import registrable
from connector.routing.settings import Written

_TEST_NAMES = ["Test", "Tester", "Testing", "Test Test", "Test Company", "asdf", "qwerty"]
_TEST_MAIL = r"^(test|tester|asdf|qwerty)\d*@|@(.*\.)?example\.(com|org|net)$|@test\."


@dataclass(frozen=True, slots=True)
class Ready:
    """A screen's reason code and what it turns away, given the screen's domains."""

    code: str
    turns_away: Callable[[Sequence[str]], Written]
    needs_domains: bool = False


def _of_domains(domains: Sequence[str]) -> Written:
    whole = [registrable(domain) or domain for domain in domains]
    return {"any": [{"domain": whole}, {"email_domain": whole}]}


def _test_record(domains: Sequence[str]) -> Written:
    names = [{field: _TEST_NAMES} for field in ("first_name", "last_name", "company")]
    return {"any": [{"email": {"matches": _TEST_MAIL}}, *names]}


READY: Mapping[str, Ready] = {
    "known_email": Ready("email_not_known", lambda domains: {"email_kind": {"missing": True}}),
    "valid_email": Ready("email_not_valid", lambda domains: {"email_kind": "invalid"}),
    "corporate_email": Ready("email_not_corporate", lambda domains: {"email_kind": ["free", "disposable"]}),
    "not_a_competitor": Ready("competitor", _of_domains, needs_domains=True),
    "not_our_own": Ready("our_own", _of_domains, needs_domains=True),
    "no_test_record": Ready("test_record", _test_record),
}
"""The screens by the name that `use` gives."""
