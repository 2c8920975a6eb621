"""Servers that take what people are told."""

from collections.abc import Iterator

import pytest

from tests.notices.servers import Hook, Mailbox, mail_server, webhook


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def hook() -> Iterator[Hook]:
    with webhook() as found:
        yield found
