"""Distributes CRM leads to channel partners."""
