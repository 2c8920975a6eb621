"""Something that a person should know: a code, the facts, and from when to when it is so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Alert:
    """A state of the world that needs a person, or did; `until` is None while it lasts.

    `subject` is what it is about: the name of a limit, or of a CRM. At any time at most one alert of a code
    and subject lasts. Facts are JSON values without personal data.
    """

    code: str
    subject: str
    since: datetime
    until: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
