"""Every endpoint: its paths, its handler, and the scopes of which one is needed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from connector.sandbox.hubspot import (
    account_api,
    batch_api,
    links_api,
    lists_api,
    objects_api,
    owners_api,
    pipelines_api,
    properties_api,
)
from connector.sandbox.hubspot.call import Answer, Call

VERSIONS = ("2026-03", "2026-09")

# The same endpoint in the old form and in the date-based one.
FAMILIES = {
    "objects": ("/crm/v3/objects", "/crm/objects/{version}"),
    "linked": ("/crm/v4/objects", "/crm/objects/{version}"),
    "associations": ("/crm/v4/associations", "/crm/associations/{version}"),
    "owners": ("/crm/v3/owners", "/crm/owners/{version}"),
    "properties": ("/crm/v3/properties", "/crm/properties/{version}"),
    "lists": ("/crm/v3/lists", "/crm/lists/{version}"),
    "pipelines": ("/crm/v3/pipelines", "/crm/pipelines/{version}"),
    "account": ("/account-info/v3", "/account-info/{version}"),
}


@dataclass(frozen=True)
class Endpoint:
    """A method on a path."""

    method: str
    family: str
    path: str
    handler: Callable[[Call], Answer]
    needs: str = ""

    @property
    def is_search(self) -> bool:
        """Search has its own limit and sends no rate limit headers."""
        return self.path.endswith("/search")

    @property
    def is_association(self) -> bool:
        """Associations are counted apart from other calls."""
        return self.family in ("associations", "linked")

    def paths(self) -> Iterator[str]:
        """The paths under which it is served."""
        old, new = FAMILIES[self.family]
        yield old + self.path
        for version in VERSIONS:
            yield new.replace("{version}", version) + self.path

    def scopes(self, call: Call) -> tuple[str, ...]:
        """The scopes, any one of which is enough."""
        if self.family == "account":
            return ()
        if self.family == "owners":
            return ("crm.objects.owners.read",)
        if self.family == "lists":
            return (f"crm.lists.{self.needs}",)
        if self.needs.startswith("schemas"):
            also = (f"crm.objects.{call.kind.scope}.read",) if self.needs == "schemas.read" else ()
            return (*(f"crm.{part}.{call.kind.scope}.{how}" for part, how in [self.needs.split(".")]), *also)
        return (f"crm.objects.{call.kind.scope}.{self.needs}",)


def _objects() -> Iterator[Endpoint]:
    one = objects_api
    yield Endpoint("POST", "objects", "/{type}/search", one.search, "read")
    for name, needs in (("read", "read"), ("create", "write"), ("update", "write")):
        yield Endpoint("POST", "objects", f"/{{type}}/batch/{name}", getattr(batch_api, name), needs)
    yield Endpoint("POST", "objects", "/{type}/batch/upsert", batch_api.upsert, "write")
    yield Endpoint("POST", "objects", "/{type}/batch/archive", batch_api.archive, "write")
    yield Endpoint("POST", "objects", "/{type}/merge", one.merge, "write")
    yield Endpoint("POST", "objects", "/{type}/gdpr-delete", one.erase, "write")
    yield Endpoint("GET", "objects", "/{type}", one.get_page, "read")
    yield Endpoint("POST", "objects", "/{type}", one.create, "write")
    yield Endpoint("GET", "objects", "/{type}/{id}", one.get_one, "read")
    yield Endpoint("PATCH", "objects", "/{type}/{id}", one.update, "write")
    yield Endpoint("DELETE", "objects", "/{type}/{id}", one.archive, "write")


def _associations() -> Iterator[Endpoint]:
    api, batch = links_api, "/{type}/{to}/batch"
    yield Endpoint("POST", "associations", f"{batch}/read", api.batch_read, "read")
    yield Endpoint("POST", "associations", f"{batch}/create", api.batch_create, "write")
    yield Endpoint("POST", "associations", f"{batch}/associate/default", api.batch_default, "write")
    yield Endpoint("POST", "associations", f"{batch}/archive", api.batch_archive, "write")
    yield Endpoint("POST", "associations", f"{batch}/labels/archive", api.batch_archive_labels, "write")
    yield Endpoint("GET", "associations", "/{type}/{to}/labels", api.labels, "read")
    yield Endpoint("POST", "associations", "/{type}/{to}/labels", api.create_label, "schemas.write")
    between = "/{type}/{id}/associations"
    yield Endpoint("PUT", "linked", f"{between}/default/{{to}}/{{to_id}}", api.put_default, "write")
    yield Endpoint("GET", "linked", f"{between}/{{to}}", api.get_page, "read")
    yield Endpoint("PUT", "linked", f"{between}/{{to}}/{{to_id}}", api.put_one, "write")
    yield Endpoint("DELETE", "linked", f"{between}/{{to}}/{{to_id}}", api.remove_one, "write")


def _schemas() -> Iterator[Endpoint]:
    read, write = "schemas.read", "schemas.write"
    yield Endpoint("GET", "account", "/details", account_api.details)
    yield Endpoint("GET", "account", "/api-usage/daily/private-apps", account_api.daily_usage)
    yield Endpoint("GET", "owners", "", owners_api.owners)
    yield Endpoint("GET", "owners", "/{id}", owners_api.owner)
    api = properties_api
    yield Endpoint("GET", "properties", "/{type}", api.properties, read)
    yield Endpoint("POST", "properties", "/{type}", api.create_property, write)
    yield Endpoint("GET", "properties", "/{type}/groups", api.groups, read)
    yield Endpoint("POST", "properties", "/{type}/groups", api.create_group, write)
    yield Endpoint("POST", "properties", "/{type}/batch/read", api.batch_read, read)
    yield Endpoint("POST", "properties", "/{type}/batch/create", api.batch_create, write)
    yield Endpoint("POST", "properties", "/{type}/batch/archive", api.batch_archive, write)
    yield Endpoint("GET", "properties", "/{type}/{name}", api.get_property, read)
    yield Endpoint("PATCH", "properties", "/{type}/{name}", api.update_property, write)
    yield Endpoint("DELETE", "properties", "/{type}/{name}", api.archive_property, write)
    yield Endpoint("GET", "pipelines", "/{type}", pipelines_api.pipelines, read)
    yield Endpoint("POST", "pipelines", "/{type}", pipelines_api.create_pipeline, write)
    yield Endpoint("GET", "pipelines", "/{type}/{id}", pipelines_api.get_pipeline, read)
    yield Endpoint("GET", "pipelines", "/{type}/{id}/stages", pipelines_api.stages, read)
    yield Endpoint("POST", "pipelines", "/{type}/{id}/stages", pipelines_api.create_stage, write)


def _lists() -> Iterator[Endpoint]:
    api, members = lists_api, "/{id}/memberships"
    yield Endpoint("POST", "lists", "", api.create, "write")
    yield Endpoint("GET", "lists", "/object-type-id/{type}/name/{name}", api.get_by_name, "read")
    yield Endpoint("GET", "lists", "/{id}", api.get_by_id, "read")
    yield Endpoint("GET", "lists", members, api.memberships, "read")
    yield Endpoint("PUT", "lists", f"{members}/add", api.add, "write")
    yield Endpoint("PUT", "lists", f"{members}/remove", api.remove, "write")
    yield Endpoint("PUT", "lists", f"{members}/add-and-remove", api.add_and_remove, "write")


ENDPOINTS = (*_objects(), *_associations(), *_schemas(), *_lists())
