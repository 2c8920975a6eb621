"""A pretend Salesforce: an org in memory, and its REST API."""

from connector.sandbox.salesforce.api.app import salesforce_app
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.org import Org, Settings

__all__ = ["Org", "SalesforceError", "Settings", "salesforce_app"]
