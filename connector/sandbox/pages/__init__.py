"""The pipeline pages: each CRM's records as its users see them, by status, with partner and owner."""

from connector.sandbox.pages.views import Crm, Theme, pipeline_routes

__all__ = ["Crm", "Theme", "pipeline_routes"]
