"""What a HubSpot user sees: contacts by routing status, deals by stage, one record in full."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from connector.sandbox.cards import Card, Column, Detail
from connector.sandbox.hubspot.kinds import COMPANIES, CONTACTS, DEALS, LEADS, REGISTRATIONS, Kind
from connector.sandbox.hubspot.pipelines import STAGES
from connector.sandbox.hubspot.records import Record, Source
from connector.sandbox.hubspot.stamps import moment
from connector.sandbox.hubspot.writes import existing

if TYPE_CHECKING:
    from connector.sandbox.hubspot.portal import Portal

NO_STATUS = "New"


def columns(portal: Portal, kind: Kind, partner: str | None, limit: int) -> list[Column]:
    """Columns in the order in which a record of them comes up first, stages in pipeline order."""
    name_of = _column_name(portal, kind)
    totals: dict[str, int] = dict.fromkeys(_stage_labels(portal, kind), 0)
    cards: dict[str, list[Card]] = {}
    for record in portal.table(kind).records.values():
        if record.archived_at is not None or (partner and record.values.get("partner") != partner):
            continue
        name = name_of(record)
        totals[name] = totals.get(name, 0) + 1
        shown = cards.setdefault(name, [])
        if len(shown) < limit:
            shown.append(card(portal, kind, record))
    return [Column(name, total, tuple(cards.get(name, ()))) for name, total in totals.items()]


def _stage_labels(portal: Portal, kind: Kind) -> list[str]:
    return [stage.label for each in portal.pipelines[kind.name].values() for stage in each.stages.values()]


def _column_name(portal: Portal, kind: Kind) -> Callable[[Record], str]:
    if kind.name not in STAGES:
        return lambda record: (
            record.values.get("routing_status") or record.values.get("hs_lead_status") or NO_STATUS
        )
    stage_property = STAGES[kind.name].stage
    labels = {
        stage.id: stage.label
        for each in portal.pipelines[kind.name].values()
        for stage in each.stages.values()
    }
    return lambda record: labels.get(record.values.get(stage_property, ""), NO_STATUS)


def card(portal: Portal, kind: Kind, record: Record) -> Card:
    """A record as a card."""
    values = record.values
    return Card(
        id=str(record.id),
        title=_title(kind, record),
        company=values.get("company") or values.get("end_customer_name", ""),
        owner=portal.owners.name(values.get("hubspot_owner_id")),
        partner=values.get("partner", ""),
        score=values.get("routing_score", ""),
        route=values.get("routing_route", ""),
        status=values.get("routing_status") or values.get("hs_lead_status", ""),
        country=values.get("country") or values.get("end_customer_country", ""),
        amount=values.get("expected_amount") or values.get("amount") or values.get("deal_amount", ""),
        reason=values.get("registration_reason", ""),
        until=values.get("registration_expires_at", "")[:16].replace("T", " "),
    )


def _title(kind: Kind, record: Record) -> str:
    values = record.values
    if kind is CONTACTS:
        name = f"{values.get('firstname', '')} {values.get('lastname', '')}".strip()
        return name or values.get("email") or str(record.id)
    names = {
        COMPANIES: "name",
        DEALS: "dealname",
        LEADS: "hs_lead_name",
        REGISTRATIONS: "registration_name",
    }
    return values.get(names.get(kind, ""), str(record.id))


def detail(portal: Portal, kind: Kind, record_id: str) -> Detail:
    """A record with its fields by label and everything that happened to it, newest first."""
    table = portal.table(kind)
    record = existing(table, record_id)
    names = sorted(record.values)
    changes = sorted(record.changes or (), key=lambda change: change.at, reverse=True)
    history = [
        (
            moment(each.at),
            _who(each.source),
            f"{_label(portal, kind, each.name)}: {_shown(portal, each.name, each.value) or '(cleared)'}",
        )
        for each in changes
        if each.at > record.created
    ]
    return Detail(
        card=card(portal, kind, record),
        fields={_label(portal, kind, name): _shown(portal, name, record.values[name]) for name in names},
        reason=record.values.get("routing_reason") or record.values.get("registration_reason", ""),
        history=[*history, (moment(record.created), _who(record.source), "Created")],
    )


def _label(portal: Portal, kind: Kind, name: str) -> str:
    definition = portal.table(kind).properties.get(name)
    return definition.label if definition else name


def _shown(portal: Portal, name: str, value: str) -> str:
    return portal.owners.name(value) if name == "hubspot_owner_id" else value


def _who(source: Source) -> str:
    return source.label or source.type
