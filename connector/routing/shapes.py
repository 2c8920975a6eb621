"""What every table of the rules shares: strictness, names, and owners by name."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Written = Mapping[str, Any]

OwnerName = Annotated[str, StringConstraints(pattern=r"^(user|queue):.+$")]
"""`user:` and a username or e-mail address, or `queue:` and a developer name; never a record id."""

Weight = Annotated[int, Field(ge=0, le=1_000_000)]


class Strict(BaseModel):
    """A table of the config file: an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)
