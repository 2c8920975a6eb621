"""Read the config file, or say everything that is wrong with it."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import toml_rs
from pydantic import BaseModel, ValidationError

from connector.config.checks import cross_checks
from connector.config.files import ReadFiles, config_hash, read_files
from connector.config.limit_warnings import MOST_OF_A_FILE
from connector.config.notice_checks import template_mistakes
from connector.config.places import Place, Places
from connector.config.problems import WHOLE_LINE, Finder, Problem, nearest
from connector.config.settings import Settings
from connector.config.warnings import doubts
from connector.config.wording import told
from connector.routing.policy import BadPolicy, CrmRules, Finding, Nurture, Policy, Where, understand_policy
from connector.routing.progress import Meaning
from connector.sources.settings import NurtureSettings


class BadConfig(Exception):
    """The config cannot be used; `problems` holds every mistake, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]):
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Config:
    """A config file understood: its settings, the policy compiled from them, and what identifies it.

    `text` is the file's own, `files` holds that of the files that it names, by the name as written.
    """

    path: Path
    settings: Settings
    policy: Policy
    hash: str
    files: Mapping[str, str]
    text: str = ""

    @property
    def folder(self) -> Path:
        """Where relative paths of the file start."""
        return self.path.parent


def load(path: Path) -> Config:
    """Read and check a config file; BadConfig with every mistake that it has."""
    return _loaded(path, _read(path), lambda settings: read_files(settings, path.parent))


def load_kept(text: str, files: Mapping[str, str]) -> Config:
    """The config of an earlier time, from the texts kept of it; BadConfig if this version cannot read it."""
    return _loaded(Path("config.toml"), text, lambda settings: (dict(files), []))


def _loaded(path: Path, text: str, files_of: Callable[[Settings], ReadFiles]) -> Config:
    places = _parse(path, text)
    finder = Finder(path, places)
    problems: list[Problem] = []
    settings = _validate(places, finder, problems)
    policy, files = None, dict[str, str]()
    if settings is not None:
        problems += [finder.problem(where, message) for where, message in cross_checks(settings)]
        files, unreadable = files_of(settings)
        problems += [finder.problem(where, message) for where, message in unreadable]
        problems += [
            Problem(file, Place(line, WHOLE_LINE), message)
            for file, line, message in template_mistakes(settings, files)
        ]
        policy = _understand(settings, files, finder, problems)
    if problems or settings is None or policy is None:
        raise BadConfig(sorted(problems))
    return Config(path, settings, policy, config_hash(text, files), files, text)


def warnings(config: Config, now: datetime | None = None) -> list[Problem]:
    """What a file that can be used says but hardly means, in the order of the file.

    Without `now`, what depends on the time is not looked at.
    """
    finder = Finder(config.path, _parse(config.path, _read(config.path)))
    found = doubts(config.settings, config.policy, now)
    return sorted([*(finder.problem(*doubt) for doubt in found), *_of_territories(config.policy)])


def _of_territories(policy: Policy) -> Iterator[Problem]:
    doubts = policy.territories.doubts
    for doubt in doubts[:MOST_OF_A_FILE]:
        yield Problem(doubt.file, Place(doubt.line, WHOLE_LINE), doubt.message)
    if len(doubts) > MOST_OF_A_FILE:
        last = doubts[MOST_OF_A_FILE]
        more = f"and {len(doubts) - MOST_OF_A_FILE} such rows from here on"
        yield Problem(last.file, Place(last.line, WHOLE_LINE), more)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _bad(path, f"there is no config file at {path}; name yours with --config PATH") from None
    except UnicodeDecodeError:
        raise _bad(path, "the file is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise _bad(path, f"the file cannot be read ({error.strerror})") from None


def _parse(path: Path, text: str) -> Places:
    try:
        return Places(text)
    except toml_rs.TOMLDecodeError as error:
        why = error.msg.strip().splitlines()[-1]
        place = Place(int(error.lineno), int(error.colno))
        raise BadConfig([Problem(path.name, place, f"this is not TOML: {why}")]) from None


def _bad(path: Path, message: str) -> BadConfig:
    return BadConfig([Problem(path.name, Place(1, 1), message)])


def _validate(places: Places, finder: Finder, problems: list[Problem]) -> Settings | None:
    """The settings, if need be without what is wrong in them, so that the rest is checked as well."""
    value = copy.deepcopy(places.value)
    try:
        return Settings.model_validate(value)
    except ValidationError as error:
        ways = [_plain_way(details["loc"], value) for details in error.errors()]
        problems += [
            _shape_problem(details, way, finder) for details, way in zip(error.errors(), ways, strict=True)
        ]
        if any(len(way) <= 2 and way[0] == "crm" for way in ways):
            return None
        for way in ways:
            _remove(value, way)
    try:
        return Settings.model_validate(value)
    except ValidationError:
        return None


def _remove(value: Any, way: Sequence[str | int]) -> None:
    """Take out what a way leads to; a place in a list takes the whole list with it."""
    for depth, step in enumerate(way):
        rest_is_place = depth + 1 < len(way) and isinstance(way[depth + 1], int)
        if not isinstance(value, Mapping | list) or (isinstance(value, Mapping) and step not in value):
            return
        last = depth == len(way) - 1 or (rest_is_place and depth + 2 == len(way))
        if last and isinstance(value, dict):
            del value[step]
            return
        value = cast("Any", value)[step]


def _shape_problem(details: Any, where: Where, finder: Finder) -> Problem:
    unknown = details["type"] == "extra_forbidden"
    if unknown:
        wrong = str(where[-1])
        known = _known_keys(where[:-1])
        return finder.problem(where, f"there is no key {wrong!r} here{nearest(wrong, known)}", key=True)
    if details["type"].startswith("union_tag"):
        where = (*where, "kind")
    return finder.problem(where, told(details, where))


def _plain_way(loc: Sequence[str | int], value: Any) -> tuple[str | int, ...]:
    """The way without the tags that pydantic puts in for the kinds of a table: they are no keys of it."""
    way: list[str | int] = []
    for place, step in enumerate(loc):
        last = place == len(loc) - 1
        if isinstance(value, Mapping) and step not in value and not last:
            continue
        way.append(step)
        inside = isinstance(value, Mapping) and step in value
        at_place = isinstance(value, list) and isinstance(step, int) and step < len(value)
        value = value[step] if inside or at_place else None
    return tuple(step for step in way if step != "[key]")


def _known_keys(where: Sequence[str | int]) -> list[str]:
    """The keys of the table that a way leads to."""
    model: Any = Settings
    for step in where:
        model = _inside(model, step)
        if model is None:
            return []
    models = model if isinstance(model, list) else [model]
    return sorted({field.alias or name for one in models for name, field in one.model_fields.items()})


def _inside(model: Any, step: str | int) -> Any:
    if isinstance(step, int) or isinstance(model, list):
        return model
    field = model.model_fields.get(step)
    found = _models(field.annotation) + _models(field.metadata) if field else []
    if not found:
        return None
    return found if len(found) > 1 else found[0]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    parts = annotation if isinstance(annotation, list) else getattr(annotation, "__args__", ())
    origin = getattr(annotation, "__origin__", None)
    inner = [origin] if origin is not None and not isinstance(origin, type) else []
    return [model for part in (*parts, *inner) for model in _models(part)]


def understood(settings: Settings, files: Mapping[str, str]) -> Policy:
    """The policy of settings and of the text of the files that they name; BadPolicy with every mistake."""
    crms: Mapping[str, CrmRules] = {
        name: CrmRules(
            frozenset(owner.casefold() for owner in crm.take_from),
            crm.fallback_owner,
            crm.offer_to,
            Meaning.of(crm.progress.values()),
            _nurture(crm.nurture),
        )
        for name, crm in settings.crm.items()
    }
    custom = sorted({name for crm in settings.crm.values() for name in _fields_of(crm)})
    zone = ZoneInfo(settings.timezone)
    return understand_policy(settings, crms, custom, settings.schedule.follow_up, zone, files)


def _nurture(written: NurtureSettings | None) -> Nurture:
    if written is None:
        return Nurture()
    place = getattr(written, "list", None) or getattr(written, "campaign", None)
    return Nurture(place is not None, written.lead_status)


def _understand(
    settings: Settings, files: Mapping[str, str], finder: Finder, problems: list[Problem]
) -> Policy | None:
    try:
        return understood(settings, files)
    except BadPolicy as error:
        problems += [_located(found, finder) for found in error.findings]
        return None


def _located(found: Finding, finder: Finder) -> Problem:
    message = found.message + nearest(found.wrong, found.choices)
    if found.file is not None:
        return Problem(found.file, Place(found.line, WHOLE_LINE), message)
    return finder.problem(found.where, message)


def _fields_of(crm: Any) -> list[str]:
    """The fields that a CRM's table adds to those that conditions may name."""
    return [*crm.read, *(f"company.{name}" for name in getattr(crm, "read_company", ()))]
