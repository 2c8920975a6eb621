"""A pretend Salesforce and a pretend HubSpot over HTTP; they know nothing of the connector."""
