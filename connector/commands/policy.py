"""The rules, told."""

from pathlib import Path

import click

from connector.commands.common import CONFIG


@click.command
@CONFIG
@click.option("--html", "as_html", is_flag=True, help="An HTML page instead of Markdown.")
def policy(config_path: Path, as_html: bool) -> None:
    """The distribution policy in plain words, for partners to read."""
    from connector.config import load
    from connector.reports.policy_page import html, markdown

    config = load(config_path)
    click.echo((html if as_html else markdown)(config.policy, config.settings), nl=False)
