"""How somebody is told: a mail address, or a reference to the address of a webhook."""

import re
from typing import Annotated

from pydantic import AfterValidator

_MAIL = re.compile(r"mailto:[^@\s,;?&<>\"]+@[^@\s,;?&<>\"]+\.[^@\s,;?&<>\".]+")
_REFERENCE = re.compile(r"(env|file):\S+")


def _contact(written: str) -> str:
    if _MAIL.fullmatch(written) or _REFERENCE.fullmatch(written):
        return written
    raise ValueError(
        "this is no contact; write mailto:name@company.example, or for the secret address of a Slack or "
        "Teams webhook env:NAME or file:PATH"
    )


Contact = Annotated[str, AfterValidator(_contact)]
"""A settings type: `mailto:…`, or `env:NAME` or `file:PATH` with the address of a webhook."""


def mail_of(contact: str) -> str | None:
    """The mail address of a contact, if it is one."""
    return contact.removeprefix("mailto:") if contact.startswith("mailto:") else None
