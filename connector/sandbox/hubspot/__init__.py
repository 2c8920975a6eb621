"""A pretend HubSpot account over HTTP."""

from connector.sandbox.hubspot.app import hubspot_app
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.settings import Settings

__all__ = ["Portal", "Settings", "hubspot_app"]
