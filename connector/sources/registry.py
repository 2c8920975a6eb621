"""The CRMs that can be connected, by the `kind` of their table."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from connector.sources.base import Source
from connector.sources.secrets import secret
from connector.sources.settings import HubSpotSettings, SalesforceSettings


def open_source(crm: str, settings: SalesforceSettings | HubSpotSettings, folder: Path) -> Source:
    """A connection to one CRM; `file:` secrets start at `folder`. MissingSecret when one is not there."""
    return _KINDS[settings.kind](crm, settings, folder)


def _salesforce(crm: str, settings: SalesforceSettings, folder: Path) -> Source:
    from connector.sources.salesforce import SalesforceSource
    from connector.sources.salesforce.connection import Connection

    connection = Connection(
        domain=settings.login.domain,
        key=secret(settings.login.key, folder),
        secret=secret(settings.login.secret, folder),
        version=settings.api_version,
        base_url=settings.base_url,
    )
    return SalesforceSource(crm, settings, connection)


def _hubspot(crm: str, settings: HubSpotSettings, folder: Path) -> Source:
    from connector.sources.hubspot import HubSpotSource
    from connector.sources.hubspot.connection import Connection

    connection = Connection(
        token=secret(settings.login.token, folder), version=settings.api_version, base_url=settings.base_url
    )
    return HubSpotSource(crm, settings, connection)


_KINDS: Mapping[str, Callable[[str, Any, Path], Source]] = {"salesforce": _salesforce, "hubspot": _hubspot}
