"""Logging in: client credentials, JWT bearer, and sessions that end."""

from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from connector.sandbox.salesforce import Org
from tests.sandbox.salesforce.serving import Client, Clock, Served, error

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ALICE, MALLORY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


def ask(served: Served, form: dict[str, str], **more: Any) -> requests.Response:
    return requests.post(f"{served.url}/services/oauth2/token", data=form, timeout=10, **more)


def refusal(answer: requests.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["error"], answer.json()["error_description"]


@pytest.fixture
def assertion(org: Org, clock: Clock) -> Any:
    """Makes JWTs for an app whose public key is registered."""
    app = org.apps["sandbox-key"]
    pem = ALICE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    app.public_key = pem.decode()

    def make(key: rsa.RSAPrivateKey = ALICE, algorithm: str = "RS256", **changed: Any) -> dict[str, str]:
        claims = {
            "iss": "sandbox-key",
            "sub": "channel.emea@acme.example",
            "aud": "https://login.salesforce.com",
            # simple-salesforce sends the expiry as a string.
            "exp": str(int(clock().timestamp()) + 180),
            **changed,
        }
        return {"grant_type": JWT_BEARER, "assertion": jwt.encode(claims, key, algorithm)}

    return make


def test_client_credentials_work_by_basic_authentication_and_by_form(served: Served) -> None:
    form = {"grant_type": "client_credentials"}
    by_header = ask(served, form, auth=("sandbox-key", "sandbox-secret"))
    by_form = ask(served, {**form, "client_id": "sandbox-key", "client_secret": "sandbox-secret"})
    for answer in (by_header, by_form):
        assert answer.status_code == 200
        assert answer.json()["token_type"] == "Bearer"
        assert answer.json()["instance_url"] == served.url


def test_a_wrong_secret_is_refused_in_oauths_own_shape(served: Served) -> None:
    form = {"grant_type": "client_credentials"}
    wrong = ask(served, form, auth=("sandbox-key", "guess"))
    unknown = ask(served, form, auth=("nobody", "guess"))
    assert refusal(wrong) == (400, "invalid_client", "invalid client credentials")
    assert refusal(unknown) == (400, "invalid_client_id", "client identifier invalid")


@pytest.mark.parametrize("host", ["login.salesforce.com", "test.salesforce.com"])
def test_client_credentials_need_the_orgs_own_domain(served: Served, host: str) -> None:
    form = {"grant_type": "client_credentials"}
    answer = ask(served, form, auth=("sandbox-key", "sandbox-secret"), headers={"Host": host})
    assert refusal(answer) == (400, "invalid_grant", "request not supported on this domain")


def test_a_my_domain_is_answered_with_its_own_address(served: Served) -> None:
    form = {"grant_type": "client_credentials"}
    headers = {"Host": "acme.my.salesforce.com"}
    answer = ask(served, form, auth=("sandbox-key", "sandbox-secret"), headers=headers)
    assert answer.json()["instance_url"] == "https://acme.my.salesforce.com"


def test_a_jwt_signed_with_the_registered_key_logs_its_user_in(
    served: Served, org: Org, client: Client, assertion: Any
) -> None:
    token = ask(served, assertion()).json()["access_token"]
    client.http.headers["Authorization"] = f"Bearer {token}"
    lead = client.lead()
    assert client.read("Lead", lead, "CreatedById") == org.owner_id("channel.emea@acme.example")


@pytest.mark.parametrize(
    ("changed", "description"),
    [
        ({"key": MALLORY}, "invalid assertion"),
        ({"aud": "https://example.com"}, "Audience validation failed"),
        ({"exp": "1700000000"}, "expired authorization code"),
        ({"sub": "nobody@acme.example"}, "authentication failure"),
    ],
)
def test_a_jwt_that_is_not_right_in_every_part_is_refused(
    served: Served, assertion: Any, changed: dict[str, Any], description: str
) -> None:
    answer = ask(served, assertion(**changed))
    assert refusal(answer) == (400, "invalid_grant", description)


def test_a_jwt_signed_by_another_algorithm_is_refused(served: Served, assertion: Any) -> None:
    answer = ask(served, assertion(algorithm="RS512"))
    assert refusal(answer) == (400, "invalid_grant", "invalid assertion")


def test_an_inactive_user_cannot_log_in(served: Served, assertion: Any) -> None:
    answer = ask(served, assertion(sub="former.rep@acme.example"))
    assert refusal(answer)[1] == "inactive_user"


def test_other_grants_are_refused(served: Served) -> None:
    assert refusal(ask(served, {"grant_type": "password"}))[1] == "unsupported_grant_type"


def test_a_session_expires_when_it_is_idle_and_lives_while_it_is_used(
    served: Served, org: Org, client: Client, clock: Clock
) -> None:
    org.settings.session_idle_seconds = 60
    for _ in range(3):
        clock.advance(50)
        assert client.call("GET", "/limits").status_code == 200
    clock.advance(61)
    assert error(client.call("GET", "/limits")) == (401, "INVALID_SESSION_ID")
    client.login()
    assert client.call("GET", "/limits").status_code == 200


def test_a_revoked_token_no_longer_works(served: Served, client: Client) -> None:
    token = str(client.http.headers["Authorization"]).removeprefix("Bearer ")
    revoked = client.http.post(f"{served.url}/services/oauth2/revoke", data={"token": token}, timeout=10)
    assert revoked.status_code == 200
    assert error(client.call("GET", "/limits")) == (401, "INVALID_SESSION_ID")


def test_an_admin_can_end_every_session(served: Served, org: Org, client: Client) -> None:
    served.run(org.sessions.revoke_all)
    assert error(client.call("GET", "/limits")) == (401, "INVALID_SESSION_ID")


def test_a_request_without_a_token_is_refused(served: Served) -> None:
    answer = requests.get(f"{served.url}/services/data/v62.0/limits", timeout=10)
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
