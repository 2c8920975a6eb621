"""The name of a file beside config.toml, wherever a key of it takes one."""

from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


class FileName(str):
    """A settings type: a path, relative to config.toml, of a file whose text the rules read.

    Any key of this type makes `connector/config/files.py` read the file and hand its text on.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        plain = core_schema.str_schema(min_length=1, max_length=1000)
        return core_schema.no_info_after_validator_function(cls, plain)
