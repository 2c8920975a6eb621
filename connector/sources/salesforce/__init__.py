"""Salesforce Leads through simple-salesforce."""

from connector.sources.salesforce.source import SalesforceSource

__all__ = ["SalesforceSource"]
