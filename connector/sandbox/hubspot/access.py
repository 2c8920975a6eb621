"""Who may call: tokens with their scopes, and the OAuth app that renews its own."""

from collections.abc import Iterable
from dataclasses import dataclass

from connector.sandbox.hubspot.errors import HubSpotError, expired, missing_scopes, unauthorized

SANDBOX_TOKEN = "pat-na1-sandbox"  # noqa: S105
SANDBOX_CLIENT = ("sandbox-client", "sandbox-secret")
SANDBOX_REFRESH_TOKEN = "refresh-sandbox"  # noqa: S105
TOKEN_LIFE = 1800

_READ_AND_WRITE = ("contacts", "companies", "deals", "leads", "custom")
ALL_SCOPES = frozenset(
    [
        *(f"crm.{what}.{name}.{how}" for what in ("objects", "schemas") for name in _READ_AND_WRITE
          for how in ("read", "write")),
        "crm.objects.owners.read",
        "crm.lists.read",
        "crm.lists.write",
        "oauth",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Token:
    """A bearer token; without `expires_at` it is a service key or a private app's."""

    value: str
    app_id: str
    scopes: frozenset[str] = ALL_SCOPES
    expires_at: int | None = None

    @property
    def oauth(self) -> bool:
        """Whether it came from a refresh token."""
        return self.expires_at is not None

    def demand(self, scopes: Iterable[str]) -> None:
        """Raise 403 unless one of these scopes was granted."""
        wanted = tuple(scopes)
        if wanted and not self.scopes.intersection(wanted):
            raise missing_scopes(wanted)


@dataclass(frozen=True)
class Grant:
    """What a refresh token stands for."""

    client_id: str
    client_secret: str
    scopes: frozenset[str]


class Access:
    """All tokens of the portal; starts with the sandbox's service key and one OAuth app."""

    def __init__(self) -> None:
        self.tokens: dict[str, Token] = {}
        self.grants: dict[str, Grant] = {}
        self._issued = 0
        self.add_token(SANDBOX_TOKEN, app_id="1160452")
        self.add_grant(SANDBOX_REFRESH_TOKEN, *SANDBOX_CLIENT)

    def add_token(self, value: str, *, app_id: str, scopes: Iterable[str] = ALL_SCOPES) -> Token:
        """Grant scopes to a service key."""
        self.tokens[value] = Token(value, app_id, frozenset(scopes))
        return self.tokens[value]

    def add_grant(
        self, refresh_token: str, client_id: str, client_secret: str, scopes: Iterable[str] = ALL_SCOPES
    ) -> None:
        """Let an OAuth app renew its access tokens."""
        self.grants[refresh_token] = Grant(client_id, client_secret, frozenset(scopes))

    def revoke(self, value: str) -> None:
        """Make a token or refresh token worthless."""
        self.tokens.pop(value, None)
        self.grants.pop(value, None)

    def bearer(self, header: str | None, now: int) -> Token:
        """The token of an Authorization header; raises 401."""
        kind, _, value = (header or "").partition(" ")
        token = self.tokens.get(value.strip()) if kind.lower() == "bearer" else None
        if token is None:
            raise unauthorized()
        if token.expires_at is not None and token.expires_at <= now:
            raise expired((now - token.expires_at) // 1000)
        return token

    def refresh(self, refresh_token: str, client_id: str, client_secret: str, now: int) -> Token:
        """A new access token; the refresh token stays good."""
        grant = self.grants.get(refresh_token)
        if grant is None:
            raise _oauth_error("BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked")
        if (grant.client_id, grant.client_secret) != (client_id, client_secret):
            raise _oauth_error("BAD_CLIENT_SECRET", "client id or client secret is wrong", "invalid_client")
        self._issued += 1
        value = f"access-{self._issued}-{now:x}"
        token = Token(value, client_id, grant.scopes, now + TOKEN_LIFE * 1000)
        self.tokens[value] = token
        return token


class OAuthError(HubSpotError):
    """The token endpoint's own error body, which has no envelope."""

    def body(self, correlation_id: str) -> dict[str, str]:
        """`error` and `error_description` as the OAuth standard has them, `status` and `message` beside."""
        return {
            "status": self.category or "",
            "message": self.message,
            "correlationId": correlation_id,
            "error": self.more["error"],
            "error_description": self.message,
        }


def _oauth_error(status: str, message: str, error: str = "invalid_grant") -> OAuthError:
    return OAuthError(400, message, status, error=error)


def unsupported_grant(grant_type: str) -> OAuthError:
    """400 for any other grant than the refresh token."""
    return _oauth_error(
        "BAD_GRANT_TYPE", f"grant type {grant_type} is not supported", "unsupported_grant_type"
    )
