"""The admin's one file: read, located to the line, checked as a whole."""

from connector.config.load import BadConfig, Config, load
from connector.config.problems import Problem

__all__ = ["BadConfig", "Config", "Problem", "load"]
