"""Writes the revision that leads from the migrated tables to those of today: make revision ARGS='words'."""

import sys

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine

from connector.store.schema import HEAD, MIGRATIONS


def config_for(connection: Connection) -> Config:
    """Alembic's view of the shipped migrations, on a connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def main(words: str) -> None:
    """Write the file, for a person to read and correct."""
    with create_engine("sqlite://").begin() as connection:
        config = config_for(connection)
        command.upgrade(config, "head")
        command.revision(config, message=words, autogenerate=True, rev_id=f"{int(HEAD) + 1:04d}")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
