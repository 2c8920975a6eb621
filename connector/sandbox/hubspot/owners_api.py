"""Who may own records, and who no longer may."""

from typing import Any

from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.errors import HubSpotError, invalid
from connector.sandbox.hubspot.shapes import is_whole

MAX_OWNERS = 500


def owners(call: Call) -> Answer:
    """GET …/owners: live ones, or with archived=true those who left."""
    limit, after = call.whole("limit", 100, MAX_OWNERS), call.query.get("after", "0")
    if not is_whole(after):
        raise invalid(f"Invalid paging token: {after}")
    email = call.query.get("email", "").lower()
    matching = [
        owner
        for owner in call.portal.owners
        if owner.archived is call.flag("archived")
        and int(owner.id) > int(after)
        and email in ("", owner.email.lower())
    ]
    answer: dict[str, Any] = {"results": [owner.body() for owner in matching[:limit]]}
    if len(matching) > limit:
        last = matching[limit - 1].id
        link = f"https://api.hubapi.com{call.path}?limit={limit}&after={last}"
        answer["paging"] = {"next": {"after": last, "link": link}}
    return Answer(200, answer)


def owner(call: Call) -> Answer:
    """GET …/owners/{id}, by id or by user id."""
    key, owners = call.params["id"], call.portal.owners
    found = owners.by_user_id(key) if call.query.get("idProperty") == "userId" else owners.by_id(key)
    if found is None or found.archived is not call.flag("archived"):
        raise HubSpotError(404, "resource not found")
    return Answer(200, found.body())
