"""The tables of version 0.1.0, before migrations were kept."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

Kind = sa.types.TypeEngine[Any]
TEXT: Kind = sa.String()
WHOLE: Kind = sa.Integer()
YES_NO: Kind = sa.Boolean()
TIME: Kind = sa.DateTime(timezone=True)
DATA: Kind = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make every table."""
    _leads()
    _decisions()
    _outbox()
    _bookkeeping()


def _make(table: str, key: list[str], required: dict[str, Kind], **more: Kind) -> None:
    """A table; columns named as keywords may be empty."""
    columns = [sa.Column(name, kind, nullable=False) for name, kind in required.items()]
    columns += [sa.Column(name, kind, nullable=True) for name, kind in more.items()]
    op.create_table(table, *columns, sa.PrimaryKeyConstraint(*key))


def _leads() -> None:
    _make(
        "lead",
        ["crm", "id"],
        dict.fromkeys(("crm", "id", "fingerprint", "state", "seen_by"), TEXT)
        | {"created_at": TIME, "changed_at": TIME, "fields": DATA, "converted": YES_NO, "overwrites": WHOLE},
        **dict.fromkeys(("owner", "ledger", "outcome", "partner", "route", "wanted_owner"), TEXT),
        **dict.fromkeys(("written_partner", "linked"), TEXT),
        **dict.fromkeys(("look_again_at", "held_since", "settled_at"), TIME),
    )
    op.create_index("lead_waiting", "lead", ["state", "created_at", "crm", "id"])
    op.create_index("lead_look_again", "lead", ["look_again_at"])
    op.create_index("ix_lead_outcome", "lead", ["outcome"])
    op.create_index("ix_lead_linked", "lead", ["linked"])
    _make("alias", ["crm", "old_id"], dict.fromkeys(("crm", "old_id", "new_id"), TEXT))
    op.create_index("ix_alias_new_id", "alias", ["new_id"])
    _make(
        "progress",
        ["crm", "id"],
        {
            "crm": TEXT,
            "id": TEXT,
            "open": YES_NO,
            "converted": YES_NO,
            "open_deals": WHOLE,
            "checked_at": TIME,
        },
        status=TEXT,
        won=YES_NO,
        amount=sa.Float(),
        currency=TEXT,
    )


def _decisions() -> None:
    _make(
        "decision",
        ["id"],
        {"id": WHOLE, "crm": TEXT, "lead_id": TEXT, "at": TIME}
        | {"ledger": TEXT, "outcome": TEXT, "config_hash": TEXT, "data": DATA},
    )
    op.create_index("decision_of_lead", "decision", ["crm", "lead_id"])
    op.create_index("ix_decision_at", "decision", ["at"])
    _make(
        "assignment",
        ["id"],
        {"id": WHOLE, "crm": TEXT, "lead_id": TEXT, "decision_id": WHOLE, "ledger": TEXT, "partner": TEXT}
        | {"owner": TEXT, "entry": DATA, "since": TIME, "open": YES_NO},
        route=TEXT,
        rotation=TEXT,
        ended_at=TIME,
        ended_because=TEXT,
    )
    op.create_index("assignment_load", "assignment", ["ledger", "open", "partner"])
    op.create_index("assignment_since", "assignment", ["ledger", "partner", "since"])
    op.create_index("assignment_of_lead", "assignment", ["crm", "lead_id"])
    key = ["ledger", "rotation", "partner"]
    _make("credit", key, dict.fromkeys(key, TEXT) | {"units": sa.BigInteger(), "turns": WHOLE})


def _outbox() -> None:
    _make(
        "outbox",
        ["id"],
        {"id": WHOLE, "crm": TEXT, "lead_id": TEXT, "decision_id": WHOLE, "values": DATA, "follows": YES_NO}
        | {"state": TEXT, "attempts": WHOLE, "next_at": TIME, "created_at": TIME},
        owner_before=TEXT,
        note=TEXT,
        error=TEXT,
        settled_at=TIME,
    )
    op.create_index("outbox_due", "outbox", ["crm", "state", "next_at"])
    op.create_index("outbox_of_lead", "outbox", ["crm", "lead_id"])


def _bookkeeping() -> None:
    _make("cursor", ["crm", "reading"], {"crm": TEXT, "reading": TEXT, "since": TIME}, until=TIME, after=TEXT)
    _make("rate_limit", ["account", "kind"], {"account": TEXT, "kind": TEXT, "due_at": TIME})
    _make("heartbeat", ["host"], {"host": TEXT, "at": TIME})
    key = ["crm", "day", "purpose"]
    _make("api_call", key, dict.fromkeys(key, TEXT) | {"calls": WHOLE})
    _make("schema_version", ["version"], {"version": WHOLE})
    op.execute("INSERT INTO schema_version (version) VALUES (1)")
