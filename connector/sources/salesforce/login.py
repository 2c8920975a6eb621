"""How an access token is asked for: client credentials, or a JWT signed with a private key."""

import warnings
from abc import ABC, abstractmethod
from datetime import timedelta

import jwt
import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from connector.sources.base import SourceBusy, SourceError, SourceLocked

_LASTING_STATUS = frozenset(range(400, 500)) - {408, 420, 429}
_BUSY = ("unknown_error", "server_error", "temporarily_unavailable")
_RATE_PAUSE = timedelta(minutes=15)


class Login(ABC):
    """Gets tokens; neither its repr nor its errors tell a secret."""

    def token(self, session: requests.Session) -> tuple[str, str]:
        """An access token and the host that it is for; SourceBusy or SourceLocked when there is none."""
        try:
            # The library warns with the consumer key in its text when an app is not approved.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                session_id, host = self._ask(session)
        except SalesforceAuthenticationFailed as error:
            raise _refused(error) from None
        except AttributeError:
            # The library stumbles over an answer that names no instance.
            raise SourceBusy("Salesforce's login gave an answer that cannot be read") from None
        return str(session_id), str(host)

    @abstractmethod
    def _ask(self, session: requests.Session) -> tuple[str, str]: ...


class ClientCredentials(Login):
    """OAuth client credentials; `domain` is the My Domain prefix, such as acme.my."""

    def __init__(self, domain: str, key: str, secret: str):
        self._domain, self._key, self._secret = domain, key, secret

    def _ask(self, session: requests.Session) -> tuple[str, str]:
        answer: tuple[str, str] = SalesforceLogin(
            session=session, domain=self._domain, consumer_key=self._key, consumer_secret=self._secret
        )
        return answer


class JwtBearer(Login):
    """OAuth JWT bearer as `username`; `private_key` is PEM, `sandbox` picks the audience."""

    def __init__(self, domain: str, key: str, username: str, private_key: str, *, sandbox: bool):
        self._domain, self._key, self._username = domain, key, username
        self._private_key = private_key.replace("\\n", "\n")  # as environments hold it on one line
        self._audience = "test" if sandbox else "login"

    def _ask(self, session: requests.Session) -> tuple[str, str]:
        try:
            answer: tuple[str, str] = SalesforceLogin(
                session=session,
                domain=self._audience,
                instance_url=self._domain,
                username=self._username,
                consumer_key=self._key,
                privatekey=self._private_key,
            )
        except (ValueError, TypeError, jwt.PyJWTError):
            raise SourceLocked(
                "login.private_key is not an RSA private key in PEM; it begins with -----BEGIN", "PRIVATE_KEY"
            ) from None
        return answer


def _refused(error: SalesforceAuthenticationFailed) -> SourceError:
    # The code is a status where the answer was no JSON; else the text is one of OAuth's fixed descriptions.
    is_status = isinstance(error.code, int)
    if error.code in _BUSY or (is_status and error.code not in _LASTING_STATUS):
        return SourceBusy(f"Salesforce's login answers {error.code}", str(error.code))
    told = "" if is_status else f": {error.auth_message}"
    if "login rate exceeded" in told:
        return SourceBusy(f"Salesforce's login answers {error.code}{told}", str(error.code), _RATE_PAUSE)
    return SourceLocked(
        f"Salesforce refuses the login ({error.code}{told}); check [crm] login", str(error.code)
    )
