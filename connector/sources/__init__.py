"""Ports to the CRMs: their names, pages and exceptions stop here."""
