"""OAuth 2.0: client credentials and JWT bearer."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jwt

from connector.sandbox.salesforce.errors import OAuthError
from connector.sandbox.salesforce.sessions import App

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
CLOCK_SKEW = 180


def token(org: Org, form: Mapping[str, str], authorization: str, host: str) -> dict[str, str]:
    """The answer to a token request; raises OAuthError."""
    grant = form.get("grant_type", "")
    if grant == "client_credentials":
        app, username = _by_secret(org, form, authorization, host)
    elif grant == JWT_BEARER:
        app, username = _by_assertion(org, form.get("assertion", ""), host)
    else:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    user = next(org.store.find("User", Username=username), None)
    if user is None or not user["IsActive"]:
        raise OAuthError("inactive_user", "user is inactive") if user else _denied("authentication failure")
    if not org.permissions_of(str(user["Id"])).api_enabled:
        raise OAuthError("invalid_grant", "user is not API enabled")
    session = org.sessions.start(str(user["Id"]), app.key)
    return {
        "access_token": session.token,
        "signature": base64.b64encode(session.token[-32:].encode()).decode(),
        "scope": "api",
        "instance_url": _origin(host),
        "id": f"https://login.salesforce.com/id/{org.organization_id}/{user['Id']}",
        "token_type": "Bearer",
        "issued_at": str(int(org.now().timestamp() * 1000)),
    }


def _origin(host: str) -> str:
    """Where the API is: a My Domain by https, the sandbox itself as it was reached."""
    name = host.split(":")[0]
    if name in LOGIN_HOSTS:
        return "https://acme.my.salesforce.com"
    return f"https://{host}" if name.endswith(".salesforce.com") else f"http://{host}"


def _by_secret(org: Org, form: Mapping[str, str], authorization: str, host: str) -> tuple[App, str]:
    if host.split(":")[0] in LOGIN_HOSTS:
        raise OAuthError("invalid_grant", "request not supported on this domain")
    key, secret = _basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
    app = _app(org, key)
    if app.secret != secret:
        raise OAuthError("invalid_client", "invalid client credentials")
    if not app.run_as:
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    return app, app.run_as


def _basic(authorization: str) -> tuple[str, str] | None:
    kind, _, given = authorization.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        key, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthError("invalid_client", "invalid client credentials") from None
    return key, secret


def _by_assertion(org: Org, assertion: str, host: str) -> tuple[App, str]:
    try:
        claims: dict[str, Any] = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise _denied("invalid assertion") from None
    app = _app(org, str(claims.get("iss", "")))
    _check_signature(app, assertion)
    _check_claims(org, claims, host)
    username = str(claims.get("sub", ""))
    if app.approved and username not in app.approved:
        raise _denied("user hasn't approved this consumer")
    return app, username


def _check_signature(app: App, assertion: str) -> None:
    # The clock of the claims is the org's, which PyJWT does not know.
    options: Any = {"verify_exp": False, "verify_aud": False, "verify_iat": False, "verify_nbf": False}
    try:
        jwt.decode(assertion, app.public_key, algorithms=["RS256"], options=options)
    except (jwt.InvalidTokenError, ValueError):
        raise _denied("invalid assertion") from None


def _check_claims(org: Org, claims: Mapping[str, Any], host: str) -> None:
    audiences = {f"https://{name}" for name in (*LOGIN_HOSTS, host)}
    if str(claims.get("aud", "")).rstrip("/") not in audiences:
        raise _denied("Audience validation failed")
    try:
        expires = int(claims.get("exp", 0))
    except (TypeError, ValueError):
        expires = 0
    if expires + CLOCK_SKEW < org.now().timestamp():
        raise _denied("expired authorization code")


def _app(org: Org, key: str) -> App:
    app = org.apps.get(key)
    if app is None:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    return app


def _denied(description: str) -> OAuthError:
    return OAuthError("invalid_grant", description)
