"""Who is logged in: access tokens that expire when they are not used, and the apps that may ask for one."""

import hashlib
from dataclasses import dataclass, field

from connector.sandbox.cards import Clock
from connector.sandbox.salesforce.errors import SalesforceError


@dataclass
class App:
    """An external client app: its secret, its run-as user, and the public key for JWTs as PEM."""

    key: str
    secret: str
    run_as: str
    public_key: str = ""
    approved: set[str] = field(default_factory=set)


@dataclass
class Session:
    """One access token."""

    token: str
    user_id: str
    app: str
    last_used: float


class Sessions:
    """The tokens that were given out; `idle` is read at each use, so that it can be changed."""

    def __init__(self, now: Clock, organization_id: str) -> None:
        self._now = now
        self._organization_id = organization_id
        self._open: dict[str, Session] = {}
        self.given = 0

    def start(self, user_id: str, app: str) -> Session:
        """A new token."""
        self.given += 1
        secret = hashlib.sha256(f"{self._organization_id}{self.given}{app}".encode()).hexdigest()
        token = f"{self._organization_id[:15]}!AQ4AQ{secret}"
        self._open[token] = Session(token, user_id, app, self._now().timestamp())
        return self._open[token]

    def use(self, token: str, idle: float) -> Session:
        """The session of a token, which lives on; raises SalesforceError when it has ended."""
        session, now = self._open.get(token), self._now().timestamp()
        if session is None or now - session.last_used > idle:
            self._open.pop(token, None)
            raise SalesforceError("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        session.last_used = now
        return session

    def revoke(self, token: str) -> bool:
        """End one session; False when there is none."""
        return self._open.pop(token, None) is not None

    def revoke_all(self) -> None:
        """End every session, as an admin does."""
        self._open.clear()
