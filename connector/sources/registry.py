"""The CRMs that can be connected, by the `kind` of their table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from connector.sources.base import Source
from connector.sources.secrets import secret
from connector.sources.settings import CrmBase, HubSpotSettings, SalesforceSettings

GROUP = "connector.sources"
"""The entry point group in which an installed package offers a Kind under the name of its `kind`."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A CRM that can be connected: the shape of its table, and how to open it."""

    settings: type[CrmBase]
    open: Callable[[str, Any, Path], Source]


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind of CRM, our own and those of installed packages, by name."""
    own = {"salesforce": Kind(SalesforceSettings, _salesforce), "hubspot": Kind(HubSpotSettings, _hubspot)}
    return {entry.name: entry.load() for entry in entry_points(group=GROUP)} | own


def open_source(crm: str, settings: Any, folder: Path) -> Source:
    """A connection to one CRM; `file:` secrets start at `folder`. MissingSecret when one is not there."""
    return kinds()[settings.kind].open(crm, settings, folder)


def _salesforce(crm: str, settings: SalesforceSettings, folder: Path) -> Source:
    from connector.sources.salesforce import SalesforceSource
    from connector.sources.salesforce.connection import Connection
    from connector.sources.salesforce.login import ClientCredentials, JwtBearer, Login

    said = settings.login
    key = secret(said.key, folder)
    login: Login
    if said.flow == "client_credentials":
        login = ClientCredentials(said.domain, key, secret(said.secret, folder))
    else:
        private_key = secret(said.private_key, folder)
        login = JwtBearer(said.domain, key, said.username, private_key, sandbox=said.sandbox)
    connection = Connection(login=login, version=settings.api_version, base_url=settings.base_url)
    return SalesforceSource(crm, settings, connection)


def _hubspot(crm: str, settings: HubSpotSettings, folder: Path) -> Source:
    from connector.sources.hubspot import HubSpotSource
    from connector.sources.hubspot.connection import Connection
    from connector.sources.hubspot.tokens import LastingToken, Login, RefreshedToken

    said = settings.login
    login: Login
    if said.flow == "token":
        login = LastingToken(secret(said.token, folder))
    else:
        client = secret(said.client_id, folder), secret(said.client_secret, folder)
        login = RefreshedToken(*client, secret(said.refresh_token, folder))
    connection = Connection(login=login, version=settings.api_version, base_url=settings.base_url)
    return HubSpotSource(crm, settings, connection)
