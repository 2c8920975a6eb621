"""Everything that changes a record: create, update, archive, merge; each leaves its trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connector.sandbox.hubspot.errors import (
    HubSpotError,
    Problem,
    conflict,
    invalid_properties,
    not_found,
)
from connector.sandbox.hubspot.kinds import CONTACTS, Kind
from connector.sandbox.hubspot.pipelines import STAGES
from connector.sandbox.hubspot.records import CALCULATED, MERGE, WORKFLOW, Record, Source
from connector.sandbox.hubspot.shapes import text
from connector.sandbox.hubspot.stamps import stamp
from connector.sandbox.hubspot.standard import LIFECYCLE
from connector.sandbox.hubspot.table import Table
from connector.sandbox.hubspot.values import BadValueError, checked, problem, unknown

if TYPE_CHECKING:
    from connector.sandbox.hubspot.portal import Portal

MAX_MERGED = 250
PEOPLE = ("CRM_UI", "IMPORT")


def check(portal: Portal, table: Table, raw: Mapping[str, Any]) -> dict[str, str]:
    """The values as they would be stored ("" clears, null is left out); raises 400 with all problems."""
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for name, given in raw.items():
        definition = table.properties.get(name)
        if definition is None:
            problems.append(unknown(name))
        elif given is not None:
            try:
                values[name] = checked(definition, text(given), portal.owners)
            except BadValueError as error:
                problems.append(problem(definition, error))
    if problems:
        raise invalid_properties(problems, portal.portal_id)
    return values


def existing(table: Table, key: str, id_property: str | None = None) -> Record:
    """The live record of an id; raises HubSpot's 404."""
    record = table.find(key, id_property)
    if record is None:
        raise not_found(key)
    return record


def check_unique(table: Table, values: Mapping[str, str], record_id: int | None = None) -> None:
    """Raise 409 if another record has one of these unique values."""
    for name in table.unique:
        holder = table.holder(name, values.get(name, "")) if values.get(name) else None
        if holder is not None and holder != record_id:
            raise conflict(holder)


def create(portal: Portal, table: Table, values: Mapping[str, str], source: Source) -> Record:
    """A new record of checked values."""
    check_fits(portal, table, values, None)
    record = _insert(portal, table, values, source)
    if portal.settings.bump_after_create:
        portal.later(portal.settings.bump_after_create, lambda due: touch(portal, table, record, due))
    return record


def check_fits(portal: Portal, table: Table, values: Mapping[str, str], record: Record | None) -> None:
    """Raise for what a new record lacks, a stage of another pipeline, or a value that another record has."""
    if record is None:
        _check_required(table.kind, values)
    _check_stage(portal, table, values, record)
    check_unique(table, values, record.id if record else None)


def _check_required(kind: Kind, values: Mapping[str, str]) -> None:
    missing = [name for name in kind.required if not values.get(name)]
    if missing:
        raise HubSpotError(
            400,
            f"Error creating {kind.singular.upper()}. Some required properties were not set.",
            "VALIDATION_ERROR",
            context={"properties": [f"[{', '.join(missing)}]"]},
        )


def _check_stage(portal: Portal, table: Table, values: Mapping[str, str], record: Record | None) -> None:
    names = STAGES.get(table.kind.name)
    if names is None or not values.get(names.stage):
        return
    held = record.values.get(names.pipeline) if record else names.default
    pipeline = portal.pipelines[table.kind.name].get(values.get(names.pipeline) or held or "")
    if pipeline and values[names.stage] not in pipeline.stages:
        allowed = ", ".join(pipeline.stages)
        message = f"{values[names.stage]} was not one of the allowed options: [{allowed}]"
        raise invalid_properties([Problem(names.stage, "INVALID_OPTION", message)], portal.portal_id)


def _insert(portal: Portal, table: Table, values: Mapping[str, str], source: Source) -> Record:
    now = portal.now_ms()
    kept = {name: value for name, value in values.items() if value}
    record = Record(table.new_id(), now, now, _completed(table.kind, kept, now), source)
    delay = portal.search_delay(record.id)
    table.index.before_change(record.id, delay)
    table.insert(record)
    table.index.changed(record.id, now, delay)
    _run_automation(portal, table, record, frozenset(kept), source)
    return record


def _completed(kind: Kind, values: dict[str, str], now: int) -> dict[str, str]:
    if "hubspot_owner_id" in values:
        values["hubspot_owner_assigneddate"] = stamp(now)
    if kind.name in STAGES:
        values.setdefault(STAGES[kind.name].pipeline, STAGES[kind.name].default)
    if kind.name == "leads":
        values.setdefault("hs_pipeline_stage", "new-stage-id")
    return values


def update(
    portal: Portal,
    table: Table,
    record: Record,
    values: Mapping[str, str],
    source: Source,
    at: int | None = None,
) -> None:
    """Write checked values, now or `at` another time; the change stamp moves even if nothing is different."""
    check_unique(table, values, record.id)
    now = portal.now_ms() if at is None else at
    delay = portal.search_delay(record.id)
    table.index.before_change(record.id, delay)
    changed = _different(table, record, values, source)
    table.release(record)
    for name, value in changed.items():
        record.change(name, value, now, source)
    if "hubspot_owner_id" in changed:
        assigned = stamp(now) if changed["hubspot_owner_id"] else ""
        record.change("hubspot_owner_assigneddate", assigned, now, CALCULATED)
    table.claim(record)
    record.modified = now
    table.index.changed(record.id, now, delay)
    _run_automation(portal, table, record, frozenset(changed), source)


def _different(table: Table, record: Record, values: Mapping[str, str], source: Source) -> dict[str, str]:
    held = record.values
    wanted = {name: _appended(table, held.get(name, ""), name, value) for name, value in values.items()}
    changed = {name: value for name, value in wanted.items() if held.get(name, "") != value}
    if source.type not in PEOPLE and _backward(record.values.get("lifecyclestage"), changed):
        # HubSpot answers 200 and leaves the stage as it is.
        del changed["lifecyclestage"]
    return changed


def _appended(table: Table, held: str, name: str, value: str) -> str:
    """A value with a semicolon in front is added to the others of a multiple checkbox."""
    if not value.startswith(";") or table.properties[name].field_type != "checkbox":
        return value
    return ";".join(dict.fromkeys(filter(None, [*held.split(";"), *value.split(";")])))


def _backward(current: str | None, changed: Mapping[str, str]) -> bool:
    wanted = changed.get("lifecyclestage")
    known = current in LIFECYCLE and wanted in LIFECYCLE
    return known and LIFECYCLE.index(str(wanted)) < LIFECYCLE.index(str(current))


def _run_automation(
    portal: Portal, table: Table, record: Record, changed: frozenset[str], source: Source
) -> None:
    if source is WORKFLOW or not changed:
        return
    if portal.automation:
        values = portal.automation(table.kind, record, changed)
        if values:
            update(portal, table, record, values, WORKFLOW)
    if "hubspot_owner_id" in changed and portal.settings.reset_owner_to:
        portal.later(portal.settings.reset_owner_after, lambda due: _reset_owner(portal, table, record, due))


def _reset_owner(portal: Portal, table: Table, record: Record, due: int) -> None:
    owner = portal.owners.by_email(portal.settings.reset_owner_to)
    wanted = owner.id if owner else ""
    if record.archived_at is None and record.values.get("hubspot_owner_id", "") != wanted:
        update(portal, table, record, {"hubspot_owner_id": wanted}, WORKFLOW, due)


def touch(portal: Portal, table: Table, record: Record, at: int) -> None:
    """HubSpot's own work on a record: nothing to see but a later change stamp."""
    if record.archived_at is None and record.id in table.records:
        delay = portal.search_delay(record.id)
        table.index.before_change(record.id, delay)
        record.modified = max(record.modified, at)
        table.index.changed(record.id, at, delay)


def edit(portal: Portal, kind: Kind, record_id: str, values: Mapping[str, str], by: str) -> None:
    """What a person does on the screen, which may also move a lifecycle stage back."""
    table = portal.table(kind)
    record = existing(table, record_id)
    update(portal, table, record, check(portal, table, _by_name(portal, values)), portal.person(by))


def _by_name(portal: Portal, values: Mapping[str, str]) -> Mapping[str, str]:
    owner = portal.owners.by_email(values.get("hubspot_owner_id", ""))
    return {**values, "hubspot_owner_id": owner.id} if owner else values


def bulk_edit(portal: Portal, kind: Kind, values: Mapping[str, str], by: str, count: int | None) -> int:
    """The same change to many records in the same millisecond; returns how many there were."""
    table, now = portal.table(kind), portal.now_ms()
    checked_values = check(portal, table, _by_name(portal, values))
    live = [record for record in table.records.values() if record.archived_at is None]
    for record in live[:count]:
        update(portal, table, record, checked_values, portal.person(by), now)
    return len(live[:count])


def archive(portal: Portal, table: Table, record: Record) -> None:
    """Into the recycling bin: gone for reads, there for a listing with archived=true."""
    now, delay = portal.now_ms(), portal.search_delay(record.id)
    table.index.before_change(record.id, delay)
    table.release(record)
    record.archived_at = record.modified = now
    portal.links.forget(table.kind.type_id, record.id)
    table.index.changed(record.id, now, delay)


def erase(portal: Portal, table: Table, record: Record) -> None:
    """For good, as a GDPR deletion does."""
    now, delay = portal.now_ms(), portal.search_delay(record.id)
    table.index.before_change(record.id, delay)
    table.remove(record)
    portal.links.forget(table.kind.type_id, record.id)
    table.index.changed(record.id, now, delay)


def merge(portal: Portal, table: Table, winner: Record, loser: Record) -> Record:
    """One record out of two: the winner's values, the loser's where the winner has none.

    Under the winner's id, or under a new one if the portal is set so; the old ids lead to it.
    """
    merged = [*(winner.merged or ()), *(loser.merged or ()), (loser.id, portal.now_ms())]
    if len(merged) > MAX_MERGED:
        raise HubSpotError(414, f"Cannot have more than {MAX_MERGED} identities on a profile")
    values = {**loser.values, **winner.values}
    _keep_addresses(table.kind, values, winner, loser)
    heir = winner
    if portal.settings.merge_makes_new_record:
        heir = _insert(portal, table, {}, MERGE)
        merged.append((winner.id, portal.now_ms()))
        _hand_over(portal, table, winner, heir)
    _hand_over(portal, table, loser, heir)
    heir.merged = merged
    update(portal, table, heir, values, MERGE)
    return heir


def _hand_over(portal: Portal, table: Table, old: Record, heir: Record) -> None:
    portal.links.move(table.kind.type_id, old.id, heir.id)
    archive(portal, table, old)
    table.merged[old.id] = heir.id


def _keep_addresses(kind: Kind, values: dict[str, str], winner: Record, loser: Record) -> None:
    if kind is not CONTACTS or "email" not in loser.values:
        return
    held = (record.values.get("hs_additional_emails", "") for record in (winner, loser))
    other = loser.values["email"] if winner.values.get("email") else ""
    additional = ";".join(filter(None, [*held, other]))
    if additional:
        values["hs_additional_emails"] = additional
