"""HubSpot contacts through hubspot-api-client."""

from connector.sources.hubspot.source import HubSpotSource

__all__ = ["HubSpotSource"]
