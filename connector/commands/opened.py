"""The config and the store of a command that asks no CRM."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.config import Config
    from connector.store import Store


@contextmanager
def opened_store(config_path: Path) -> "Iterator[tuple[Config, Store]]":
    """Both, for as long as they are needed."""
    from connector.config import load
    from connector.store import Store

    config = load(config_path)
    store = Store.open(config.settings.store, config.folder)
    try:
        yield config, store
    finally:
        store.close()
