"""HubSpot's paths by API version: the client knows the old ones, which lose support in 2027."""

import re

# The segments change places, so a version cannot simply be put where `v3` was.
_DATED = (
    (re.compile(r"^/crm/v3/objects/"), "/crm/objects/{v}/"),
    (re.compile(r"^/crm/v3/(owners|properties|pipelines|lists)/?"), r"/crm/\1/{v}/"),
    (re.compile(r"^/crm/v4/associations/"), "/crm/associations/{v}/"),
    (re.compile(r"^/crm/v4/objects/"), "/crm/objects/{v}/"),
    (re.compile(r"^/oauth/v1/"), "/oauth/{v}/"),
)


def versioned(path: str, version: str) -> str:
    """A path of the client (v3, v4, oauth v1) in the form of a date-based version; as it is for `v3`."""
    if version == "v3":
        return path
    for pattern, dated in _DATED:
        changed, count = pattern.subn(dated.replace("{v}", version), path, count=1)
        if count:
            return changed.rstrip("/")
    return path
