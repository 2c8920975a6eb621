"""Let what is paused go on."""

from connector.commands.pause import resume

__all__ = ["resume"]
