"""Screens that are one line of the config: what each turns away, and the code of its reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from connector.routing.normal.domains import registrable
from connector.routing.settings import ScreenSettings
from connector.routing.shapes import Written

_TEST_NAMES = ["Test", "Tester", "Testing", "Test Test", "Test Company", "asdf", "qwerty"]
_TEST_MAIL = r"^(test|tester|asdf|qwerty)\d*@|@(.*\.)?example\.(com|org|net)$|@test\."
_NONE = ("No", "None", "No budget", "No need", "No timeline", "Unknown", "Not now", "Undecided")

Words = Sequence[str]
Stage = Literal["legal", "quality"]


@dataclass(frozen=True, slots=True)
class Ready:
    """A screen's reason code, what it turns away given the words of its option, and its usual stage.

    `takes` names the option that lists words; where `usual` is empty the admin has to write it.
    """

    code: str
    turns_away: Callable[[Words], Written]
    takes: Literal["domains", "countries", "fields", "values"] | None = None
    usual: Words = ()
    stage: Stage = "quality"


def _of_domains(domains: Words) -> Written:
    whole = [registrable(domain) or domain for domain in domains]
    return {"any": [{"domain": whole}, {"email_domain": whole}]}


def _test_record(words: Words) -> Written:
    names = [{field: _TEST_NAMES} for field in ("first_name", "last_name", "company")]
    return {"any": [{"email": {"matches": _TEST_MAIL}}, *names]}


def _without(field: str) -> Callable[[Words], Written]:
    """A picklist says "no" in words of its own, and a number of money by zero."""
    return lambda words: {"any": [{field: {"missing": True}}, {field: list(words)}, {field: {"at_most": 0}}]}


def _untrue(field: str) -> Callable[[Words], Written]:
    return lambda words: {"any": [{field: {"missing": True}}, {field: False}]}


def _lacking(fields: Words) -> Written:
    return {"any": [{field: {"missing": True}} for field in fields]}


READY: Mapping[str, Ready] = {
    "consent_to_share": Ready("no_consent", _untrue("sharing_consent"), stage="legal"),
    "not_embargoed": Ready("embargoed", lambda words: {"country": list(words)}, "countries", stage="legal"),
    "not_a_competitor": Ready("competitor", _of_domains, "domains", stage="legal"),
    "not_our_own": Ready("our_own", _of_domains, "domains", stage="legal"),
    "known_email": Ready("email_not_known", lambda words: {"email_kind": {"missing": True}}),
    "valid_email": Ready("email_not_valid", lambda words: {"email_kind": "invalid"}),
    "corporate_email": Ready("email_not_corporate", lambda words: {"email_kind": ["free", "disposable"]}),
    "no_test_record": Ready("test_record", _test_record),
    "no_duplicate": Ready("duplicate", lambda words: {"duplicate_of": {"missing": False}}),
    "required_fields": Ready("data_missing", _lacking, "fields"),
    "has_need": Ready("no_need", _without("need"), "values", _NONE),
    "has_budget": Ready("no_budget", _without("budget"), "values", _NONE),
    "has_timeline": Ready("no_timeline", _without("timeline"), "values", _NONE),
    "is_decision_maker": Ready("no_authority", _untrue("authority")),
}
"""The screens by the name that `use` gives."""

OPTIONS = ("domains", "countries", "fields", "values")


def stage_of(screen: ScreenSettings) -> Stage:
    """When a screen comes: as it says, else as is usual for the ready-made one, else after standing."""
    ready = READY.get(screen.use or "")
    return screen.stage or (ready.stage if ready else "quality")


def words_of(screen: ScreenSettings, ready: Ready) -> Words:
    """The words of a screen's option, or those that are usual."""
    written: Any = getattr(screen, ready.takes) if ready.takes else ()
    return written or ready.usual


def misplaced(screen: ScreenSettings) -> str | None:
    """What is wrong with the options of a screen, in one sentence."""
    ready = READY.get(screen.use or "")
    for option in OPTIONS:
        written = getattr(screen, option)
        goes_with = [f'"{name}"' for name, each in READY.items() if each.takes == option]
        if written and (ready is None or ready.takes != option):
            return f"'{option}' go with use = {' or '.join(goes_with)}, and only there"
        if ready and ready.takes == option and not written and not ready.usual:
            return f'use = "{screen.use}" needs {option} = ["…"]'
    return None
