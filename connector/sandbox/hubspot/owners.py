"""The owners of the portal: people with a seat, and those who had one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connector.sandbox.hubspot.stamps import stamp


@dataclass(frozen=True)
class Owner:
    """A user who may own records; `id` goes into hubspot_owner_id, `user_id` does not."""

    id: str
    user_id: int
    email: str
    first_name: str
    last_name: str
    created_at: int
    archived: bool = False
    team: str = ""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    def body(self) -> dict[str, Any]:
        """The owner as the owners API answers it."""
        body: dict[str, Any] = {
            "id": self.id,
            "email": self.email,
            "type": "PERSON",
            "firstName": self.first_name,
            "lastName": self.last_name,
            "userId": None if self.archived else self.user_id,
            "userIdIncludingInactive": self.user_id,
            "createdAt": stamp(self.created_at),
            "updatedAt": stamp(self.created_at),
            "archived": self.archived,
        }
        if self.team:
            body["teams"] = [{"id": "368389", "name": self.team, "primary": True}]
        return body


class Owners:
    """All owners; `in` asks whether an id may be written into hubspot_owner_id."""

    def __init__(self) -> None:
        self._by_id: dict[str, Owner] = {}
        self._by_email: dict[str, Owner] = {}

    def __contains__(self, owner_id: object) -> bool:
        owner = self._by_id.get(str(owner_id))
        return owner is not None and not owner.archived

    def __iter__(self) -> Iterator[Owner]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, owner: Owner) -> Owner:
        """Add an owner, or put a changed one in the place of the old."""
        self._by_id[owner.id] = owner
        self._by_email[owner.email.lower()] = owner
        return owner

    def by_id(self, owner_id: str) -> Owner | None:
        """The owner with this id, archived or not."""
        return self._by_id.get(owner_id)

    def by_user_id(self, user_id: str) -> Owner | None:
        """The owner with this user id."""
        return next((owner for owner in self if str(owner.user_id) == user_id), None)

    def by_email(self, email: str) -> Owner | None:
        """The owner with this e-mail address, archived or not."""
        return self._by_email.get(email.lower())

    def name(self, owner_id: str | None) -> str:
        """What a person reads for an owner id."""
        owner = self._by_id.get(owner_id or "")
        return owner.name if owner else ""
