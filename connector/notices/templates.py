"""Templates of messages: Jinja in a sandbox, the subject in the first line."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from connector.notices.settings import KINDS

WORDS = (
    "lead",
    "registration",
    "partner",
    "route",
    "state",
    "due",
    "link",
    "how",
    "fields",
    "digest",
    "period",
)
"""What a template may name."""

_SUBJECT = "Subject:"


class _Sandbox(ImmutableSandboxedEnvironment):
    """No power of a number may keep the daemon busy for hours."""

    intercepted_binops = frozenset({"**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError(f"{operator} is not for messages")


_JINJA = _Sandbox(undefined=StrictUndefined, autoescape=False)  # plain text


class BadTemplate(Exception):
    """A template that cannot be used, with the line."""

    def __init__(self, message: str, line: int = 1):
        super().__init__(message)
        self.line = line


class Fields:
    """The lead's own fields, each only by its name; one that the lead does not have is empty."""

    def __init__(self, values: Mapping[str, Any]):
        self.__values = values

    def __getitem__(self, name: str) -> str:
        value = self.__values.get(name)
        return "" if value is None else str(value)

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent."""

    subject: str
    body: str


EXAMPLE: Mapping[str, Any] = {
    **dict.fromkeys((word for word in WORDS if word not in ("fields", "digest")), "…"),
    "digest": [defaultdict(lambda: 0, partner="…")],
    "fields": defaultdict(lambda: "…"),
}


def understand_template(text: str) -> Template:
    """The template of a text; BadTemplate with the line of the first mistake."""
    try:
        tree = _JINJA.parse(text)
        unknown = sorted(meta.find_undeclared_variables(tree) - set(WORDS))
        if unknown:
            message = f"there is no {unknown[0]!r} to tell; known are {', '.join(WORDS)}"
            raise BadTemplate(message, _line_of(text, unknown[0]))
        template = _JINJA.from_string(text)
    except TemplateSyntaxError as error:
        raise BadTemplate(f"this is no template: {error.message}", error.lineno) from None
    render(template, EXAMPLE)
    return template


def _line_of(text: str, word: str) -> int:
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if "{" in line and word in line), 1)


def render(template: Template, values: Mapping[str, Any]) -> Message:
    """The message; BadTemplate if these values make none."""
    try:
        text = template.render(values)
    except TemplateError as error:
        raise BadTemplate(f"this template fails: {error.message}") from None
    except Exception as error:  # whatever it is, it is the template's: recursion, memory, a wrong type
        raise BadTemplate(f"this template fails: {type(error).__name__}") from None
    first, _, body = text.partition("\n")
    if not first.startswith(_SUBJECT) or not body.strip():
        raise BadTemplate('a template begins with "Subject: …", and its text follows in the lines below')
    # A lead may lack what its subject names.
    subject = " ".join(first.removeprefix(_SUBJECT).split()) or str(values["lead"])
    return Message(subject, body.strip() + "\n")


def shipped() -> dict[str, str]:
    """The texts of the templates that come with the connector, by kind of notice."""
    folder = resources.files("connector.notices") / "templates"
    return {kind: (folder / f"{kind}.txt").read_text(encoding="utf-8") for kind in KINDS}


def templates_of(files: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, Template]:
    """The template of every kind, the admin's own where `files` names one; `texts` by the file's name."""
    own = {kind: texts[name] for kind, name in files.items() if name in texts}
    return {kind: understand_template(text) for kind, text in {**shipped(), **own}.items()}


def mistakes(files: Mapping[str, str], texts: Mapping[str, str]) -> Iterator[tuple[str, int, str]]:
    """What is wrong with the admin's own templates: file, line, and what."""
    for name in dict.fromkeys(files.values()):
        if name in texts:
            try:
                understand_template(texts[name])
            except BadTemplate as error:
                yield name, error.line, str(error)
