"""Sends a message to an address, by mail or to a webhook, within a time."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from urllib.parse import quote, unquote

from connector.notices.templates import Message

_MAIL = re.compile(r"[^\s@<>'\"]+@[^\s@<>'\"]+")
_PARTS = re.compile(r"[^\w.-]+")
_DETAIL = "Socket Exception: "
_FOR_GOOD = re.compile(rf"^{_DETAIL}\{{.*: \(55[0134], ")
"""How the library tells, at its most talkative, that a server refused recipients for good: the codes of
RFC 5321, section 4.2.3, that say so of a mailbox."""
_URL = re.compile(r"\w+://\S+")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: `server`, the secret address that the library takes, and there to `mail`."""

    server: str
    mail: str | None = None


class Refused(str):
    """Why a message will never be taken: the server knows no such address. Trying again changes nothing."""

    __slots__ = ()


class Post(Protocol):
    """Whatever takes messages."""

    def send(self, address: Address, message: Message) -> str | None:
        """Why it was not taken, or None."""


class ApprisePost:
    """The real one: SMTP, Slack, Teams and whatever else `apprise` knows by its addresses."""

    def __init__(self, timeout: timedelta):
        self._timeout = timeout.total_seconds()

    def send(self, address: Address, message: Message) -> str | None:
        """Why it was not taken, without any address; None once the server has taken it."""
        with _heard() as heard:
            try:
                trouble = self._sent(address, message)
            except Exception as error:  # whatever a plugin raises, the next message must go out
                return f"the message could not be sent ({type(error).__name__})"
        if trouble is None:
            return None
        if any(_FOR_GOOD.search(said) for said in heard):
            return Refused("the mail server knows no such address")
        warned = [said for said in heard if not said.startswith(_DETAIL)]
        return _without_secrets(warned[-1] if warned else trouble, address)

    def _sent(self, address: Address, message: Message) -> str | None:
        from apprise import Apprise, NotifyFormat

        service = Apprise.instantiate(_whole(address))
        if service is None:
            return "this is no address that apprise knows; docs/notices.md says how to write one"
        # One of its own for each message: a shared one would sleep between two.
        service.socket_connect_timeout = service.socket_read_timeout = self._timeout
        taken = service.notify(title=message.subject, body=message.body, body_format=NotifyFormat.TEXT)
        return None if taken else "the server did not take it"


def _whole(address: Address) -> str:
    if address.mail is None:
        return address.server
    return f"{address.server}{'&' if '?' in address.server else '?'}to={quote(address.mail, safe='')}"


def _without_secrets(text: str, address: Address) -> str:
    """The text without any part of the address, whatever the library has quoted."""
    for part in sorted(set(_PARTS.split(unquote(address.server))), key=len, reverse=True):
        if len(part) > len("mailtos"):
            text = text.replace(part, "…")
    return _MAIL.sub("…", _URL.sub("…", text))[:200]


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What the library says meanwhile, which goes nowhere else."""
    said: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            text = record.getMessage()
            if record.levelno >= logging.WARNING or text.startswith(_DETAIL):
                said.append(text)

    logger, ear = logging.getLogger("apprise"), Ear()
    before, level = logger.propagate, logger.level
    logger.addHandler(ear)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield said
    finally:
        logger.removeHandler(ear)
        logger.propagate = before
        logger.setLevel(level)
