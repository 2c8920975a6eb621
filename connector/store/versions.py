"""The rules that were in use: whole, since when, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from connector.store.tables import ConfigUseRow, ConfigVersionRow, DecisionRow


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that decisions were made by: config.toml, the files that it names, partners from CRMs.

    Passwords are not in the texts; `roster` holds the rows of `[crm.NAME.roster]` by CRM.
    """

    hash: str
    text: str
    files: Mapping[str, str] = field(default_factory=dict)
    roster: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Use:
    """From when on rules were in use, who started the connector with them, and the decisions made by them."""

    hash: str
    at: datetime
    by: str
    app_version: str
    decisions: int = 0


def note_use(session: Session, rules: Rules, use: Use) -> bool:
    """Keep the rules, and that they are in use from now on; False if those in use already are the same."""
    if session.get(ConfigVersionRow, rules.hash) is None:
        session.add(
            ConfigVersionRow(
                hash=rules.hash, text=rules.text, files=dict(rules.files), roster=dict(rules.roster)
            )
        )
    latest = select(col(ConfigUseRow.hash)).order_by(col(ConfigUseRow.id).desc()).limit(1)
    if session.scalars(latest).first() == rules.hash:
        return False
    session.add(ConfigUseRow(hash=use.hash, at=use.at, by=use.by, app_version=use.app_version))
    return True


def rules_of(session: Session, config_hash: str) -> Rules | None:
    """The rules with this hash, or that begin like this if only one does."""
    rows = session.scalars(
        select(ConfigVersionRow)
        .where(col(ConfigVersionRow.hash).startswith(config_hash, autoescape=True))
        .limit(2)
    ).all()
    if len(rows) != 1:
        return None
    return Rules(rows[0].hash, rows[0].text, rows[0].files, rows[0].roster)


def uses(session: Session) -> list[Use]:
    """Every change of the rules in use, oldest first."""
    counts = select(col(DecisionRow.config_hash), func.count()).group_by(col(DecisionRow.config_hash))
    made: dict[str, int] = {row[0]: row[1] for row in session.execute(counts)}
    rows = session.scalars(select(ConfigUseRow).order_by(col(ConfigUseRow.id)))
    return [Use(row.hash, row.at, row.by, row.app_version, made.get(row.hash, 0)) for row in rows]
