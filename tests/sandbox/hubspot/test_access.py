"""Who may call, how often, and how an app renews its token."""

from collections.abc import Callable
from typing import Any

from connector.sandbox.hubspot import Portal
from tests.sandbox.hubspot.conftest import Hands, Http

CONTACTS = "/crm/v3/objects/contacts"
FORM = {
    "grant_type": "refresh_token",
    "client_id": "sandbox-client",
    "client_secret": "sandbox-secret",
    "refresh_token": "refresh-sandbox",
}


def renew(http: Http, path: str = "/oauth/v1/token", **changes: str) -> tuple[int, dict[str, Any]]:
    """Ask for an access token."""
    answer = http("POST", path, data=FORM | changes, headers={"Authorization": ""})
    return answer.status_code, answer.json()


def test_an_app_renews_its_token_and_the_token_expires(
    http: Http, clock: Hands, as_token: Callable[[str], Http]
) -> None:
    status, body = renew(http)
    assert status == 200
    assert {name: body[name] for name in ("token_type", "refresh_token", "expires_in")} == {
        "token_type": "bearer",
        "refresh_token": "refresh-sandbox",
        "expires_in": 1800,
    }
    client = as_token(body["access_token"])
    assert client.get(CONTACTS).status_code == 200
    clock.forward(1807)
    answer = client.get(CONTACTS)
    assert answer.status_code == 401
    assert answer.json()["category"] == "EXPIRED_AUTHENTICATION"
    assert answer.json()["message"] == "The OAuth token used to make this call expired 7 second(s) ago."
    assert as_token(renew(http)[1]["access_token"]).get(CONTACTS).status_code == 200


def test_the_new_token_endpoint_also_names_the_account(http: Http) -> None:
    status, body = renew(http, "/oauth/2026-03/token")
    assert status == 200
    assert body["hub_id"] == 147975758
    assert "crm.objects.contacts.read" in body["scopes"]


def test_a_wrong_refresh_token_is_told_in_the_oauth_way(http: Http) -> None:
    status, body = renew(http, refresh_token="old")
    assert (status, body["error"], body["status"]) == (400, "invalid_grant", "BAD_REFRESH_TOKEN")
    assert renew(http, client_secret="wrong")[0] == 400
    assert renew(http, grant_type="password")[0] == 400


def test_a_token_does_only_what_it_was_granted(portal: Portal, as_token: Callable[[str], Http]) -> None:
    portal.access.add_token("reader", app_id="7", scopes=["crm.objects.contacts.read"])
    reader = as_token("reader")
    assert reader.get(CONTACTS).status_code == 200
    assert reader.post(f"{CONTACTS}/search", {}).status_code == 200
    refused = {
        "crm.objects.contacts.write": reader.post(CONTACTS, {"properties": {}}),
        "crm.objects.deals.read": reader.get("/crm/v3/objects/deals"),
        "crm.objects.owners.read": reader.get("/crm/v3/owners/"),
        "crm.schemas.contacts.write": reader.post("/crm/v3/properties/contacts", {}),
        "crm.schemas.deals.read": reader.get("/crm/v3/pipelines/deals"),
    }
    for scope, answer in refused.items():
        body = answer.json()
        assert (answer.status_code, body["category"]) == (403, "MISSING_SCOPES")
        assert scope in body["errors"][0]["context"]["requiredGranularScopes"]


def test_a_revoked_token_is_worth_nothing(http: Http, portal: Portal) -> None:
    portal.access.revoke("pat-na1-sandbox")
    assert http.get(CONTACTS).status_code == 401


def test_ordinary_answers_tell_the_limits_and_search_does_not(http: Http) -> None:
    http.get(CONTACTS)
    headers = http.get(CONTACTS).headers
    assert headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert headers["X-HubSpot-RateLimit-Max"] == "190"
    assert headers["X-HubSpot-RateLimit-Remaining"] == "188"
    assert headers["X-HubSpot-RateLimit-Daily"] == "650000"
    assert headers["X-HubSpot-RateLimit-Daily-Remaining"] == "649998"
    searched = http.post(f"{CONTACTS}/search", {}).headers
    assert not [name for name in searched if "ratelimit" in name.lower()]


def test_oauth_tokens_are_not_told_the_daily_limit(http: Http, as_token: Callable[[str], Http]) -> None:
    headers = as_token(renew(http)[1]["access_token"]).get(CONTACTS).headers
    assert headers["X-HubSpot-RateLimit-Max"] == "110"
    assert "X-HubSpot-RateLimit-Daily" not in headers


def test_the_burst_limit_is_by_app_and_rolls(
    http: Http, portal: Portal, clock: Hands, as_token: Callable[[str], Http]
) -> None:
    portal.settings.enforce_limits, portal.settings.burst_limit = True, 3
    portal.access.add_token("other", app_id="7")
    statuses = []
    for _ in range(4):
        statuses.append(http.get(CONTACTS).status_code)
        clock.forward(1)
    assert statuses == [200, 200, 200, 429]
    refused = http.get(CONTACTS)
    body = refused.json()
    assert body["message"] == "You have reached your ten_secondly_rolling limit."
    assert (body["errorType"], body["policyName"]) == ("RATE_LIMIT", "TEN_SECONDLY_ROLLING")
    assert set(body) == {
        "status",
        "message",
        "errorType",
        "correlationId",
        "policyName",
        "groupName",
        "requestId",
    }
    assert "Retry-After" not in refused.headers
    assert refused.headers["X-HubSpot-RateLimit-Remaining"] == "0"
    assert as_token("other").get(CONTACTS).status_code == 200
    clock.forward(6)
    assert http.get(CONTACTS).status_code == 200
    assert http.get(CONTACTS).status_code == 429


def test_the_search_limit_is_the_accounts_and_says_little(
    http: Http, portal: Portal, clock: Hands, as_token: Callable[[str], Http]
) -> None:
    portal.settings.enforce_limits = True
    portal.access.add_token("other", app_id="7")
    clients = [http, as_token("other")] * 3
    answers = [client.post(f"{CONTACTS}/search", {}) for client in clients]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    body = answers[-1].json()
    assert set(body) == {"status", "message", "correlationId", "category"}
    assert (body["message"], body["category"]) == ("You have reached your secondly limit.", "RATE_LIMITS")
    assert "Retry-After" not in answers[-1].headers
    assert http.get(CONTACTS).status_code == 200
    clock.forward(1)
    assert http.post(f"{CONTACTS}/search", {}).status_code == 200


def test_oauth_apps_do_not_use_up_the_day(
    http: Http, portal: Portal, as_token: Callable[[str], Http]
) -> None:
    app = as_token(renew(http)[1]["access_token"])
    portal.settings.enforce_limits, portal.settings.daily_limit = True, 1
    assert [http.get(CONTACTS).status_code for _ in range(2)] == [200, 429]
    assert [app.get(CONTACTS).status_code for _ in range(2)] == [200, 200]


def test_the_day_ends_at_midnight_where_the_account_is(http: Http, portal: Portal, clock: Hands) -> None:
    portal.settings.enforce_limits, portal.settings.daily_limit = True, 2
    statuses = [http.get(CONTACTS).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    body = http.get(CONTACTS).json()
    assert (body["policyName"], body["message"]) == ("DAILY", "You have reached your daily limit.")
    assert http.post(f"{CONTACTS}/search", {}).status_code == 200
    clock.forward(13 * 3600)
    assert http.get(CONTACTS).status_code == 429
    clock.forward(6 * 3600)
    assert http.get(CONTACTS).status_code == 200


def test_the_account_tells_what_was_used_and_when_the_day_ends(http: Http) -> None:
    http.get(CONTACTS)
    (usage,) = http.get("/account-info/v3/api-usage/daily/private-apps").json()["results"]
    assert (usage["usageLimit"], usage["currentUsage"]) == (650_000, 2)
    assert usage["resetsAt"] == "2026-11-23T05:00:00Z"
    details = http.get("/account-info/2026-03/details").json()
    assert (details["timeZone"], details["utcOffset"]) == ("America/New_York", "-05:00")


def test_associations_have_a_limit_of_their_own(http: Http, portal: Portal) -> None:
    portal.settings.enforce_limits, portal.settings.association_burst_limit = True, 1
    labels = "/crm/v4/associations/contacts/companies/labels"
    assert [http.get(labels).status_code for _ in range(2)] == [200, 429]
    assert http.get(CONTACTS).status_code == 200


def test_limits_are_off_until_they_are_asked_for(http: Http, portal: Portal) -> None:
    portal.settings.burst_limit = portal.settings.search_limit = 1
    assert {http.get(CONTACTS).status_code for _ in range(5)} == {200}
    assert {http.post(f"{CONTACTS}/search", {}).status_code for _ in range(5)} == {200}
