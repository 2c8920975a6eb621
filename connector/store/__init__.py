"""What must be remembered: the only room that speaks SQL."""

from connector.store.engine import StoreSettings
from connector.store.store import Store

__all__ = ["Store", "StoreSettings"]
