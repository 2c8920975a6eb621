"""Decisions told: to people, and as data."""
