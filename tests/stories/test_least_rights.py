"""Exactly the rights that docs/security.md lists suffice; and no secret is ever told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connector.app import App
from connector.commands.demo import _prove
from connector.sandbox.faults import Fault
from connector.sandbox.salesforce.permissions import Permissions
from connector.sources.base import SourceError
from tests.stories.registration_homes import CUSTOM
from tests.stories.world import World, opened

SCOPES = (
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.owners.read",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.objects.companies.read",
)
READ = ("Lead", "User", "Group", "QueueSobject", "Opportunity", "Account", "RecordType", "LeadStatus")
SECRETS = ("sandbox-secret", "pat-na1-sandbox", "AQ4AQ", "Bearer ")


def with_scopes(world: World, scopes: tuple[str, ...]) -> None:
    """Give the connector's token just these scopes."""
    access = world.sandbox.portal.access
    world.on_crm(lambda: access.add_token("pat-na1-sandbox", app_id="1160452", scopes=scopes))


def with_permissions(world: World) -> None:
    """Let the integration user see and do what docs/security.md lists."""
    org = world.sandbox.org
    org.integration_permissions = Permissions(
        unreadable={one.name for one in org.schema.values() if one.name not in READ},
        create=set(),
        edit={"Lead", "Opportunity"},
        delete=set(),
        view_setup=False,
    )


def test_the_listed_rights_suffice(world: World) -> None:
    with_scopes(world, SCOPES)
    world.on_crm(with_permissions, world)
    with opened(world.sandbox, world.config()) as app:
        for crm, source in app.sources.items():
            assert source.problems(app.owners(crm)) == []
        report = app.cycle.run()
        world.sandbox.clock.advance(16 * 60)
        outcomes = app.cycle.run()
        assert not report.troubles
        assert not outcomes.troubles
        proof = _prove(app)
    assert proof.verified == proof.written > 40


@pytest.mark.parametrize("missing", SCOPES)
def test_without_any_one_scope_something_is_refused_and_named(world: World, missing: str) -> None:
    with_scopes(world, tuple(scope for scope in SCOPES if scope != missing))
    with opened(world.sandbox, world.config()) as app:
        found: list[str] = []
        try:
            found += app.sources["hubspot"].problems(app.owners("hubspot"))
        except Exception as error:
            found.append(str(error))
        app.cycle.run()
        world.sandbox.clock.advance(16 * 60)
        found += app.cycle.run().troubles.values()
    assert any("scope" in problem.casefold() or missing in problem for problem in found), found


CUSTOM_OBJECT = ("crm.objects.custom.read", "crm.objects.custom.write")


@pytest.mark.parametrize("missing", ["", *CUSTOM_OBJECT])
def test_a_custom_object_for_registrations_needs_its_two_scopes(world: World, missing: str) -> None:
    with_scopes(world, (*SCOPES, *(scope for scope in CUSTOM_OBJECT if scope != missing)))
    with App(world.config(CUSTOM.change)) as app:
        desk = app.sources["hubspot"].registrations
        assert desk is not None
        try:
            found = desk.problems()
        except SourceError as error:
            found = [str(error)]
    assert [missing in problem for problem in found] == [True] * bool(missing)


def without_transfer(permissions: Permissions) -> None:
    permissions.transfer_leads = False


def without_edit(permissions: Permissions) -> None:
    permissions.edit = set()


def without_lead(permissions: Permissions) -> None:
    permissions.unreadable.add("Lead")


@pytest.mark.parametrize("take", [without_transfer, without_edit, without_lead])
def test_without_a_salesforce_right_it_is_told(world: World, take: Callable[[Permissions], None]) -> None:
    world.on_crm(with_permissions, world)
    world.on_crm(take, world.sandbox.org.integration_permissions)
    with opened(world.sandbox, world.config()) as app:
        found: list[str] = []
        try:
            found += app.sources["salesforce"].problems(app.owners("salesforce"))
        except Exception as error:
            found.append(str(error))
        found += app.cycle.run().troubles.values()
        with app.store.transaction() as session:
            from connector.store import reading

            found += [row.error for row in reading.parked(session)]
    assert found


def test_no_error_log_or_file_tells_a_secret(world: World, tmp_path: Path, capfd: Any) -> None:
    from connector.app import configure_logs

    configure_logs(readable=False)
    told: list[str] = []
    for crm in ("salesforce", "hubspot"):
        for kind in (
            "401",
            "403",
            "429",
            "500",
            "503",
            "reset_before",
            "reset_after",
            "truncated",
            "malformed_json",
        ):
            world.on_crm(world.sandbox.board.add, Fault(kind, crm=crm, nth=2, times=8))
            (report,) = world.run()
            told += report.troubles.values()
            world.on_crm(world.sandbox.board.clear)
    captured = capfd.readouterr()
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("connector.db*"))
    assert told
    assert captured.err
    for secret in SECRETS:
        assert secret not in " ".join(told) + captured.out + captured.err
        assert secret.encode() not in files
