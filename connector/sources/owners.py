"""Owners by name: what stands in the way of giving one a record."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from connector.sources.base import Owner, SourceError, SourceRefused, Update


class OwnerDirectory:
    """The users and queues of a CRM, loaded when first asked for and again when an unknown id turns up."""

    def __init__(self, load: Callable[[], Iterable[Owner]], system: str):
        self._load = load
        self._system = system
        self._by_name: Mapping[str, Owner] | None = None
        self._names: Mapping[str, str] = {}
        self._unknown: set[str] = set()

    def get(self, name: str) -> Owner | None:
        """The owner of that name, in any case."""
        return self._owners().get(name.casefold())

    def name_of(self, record_id: str | None) -> str | None:
        """The name of an owner's id; `user:` and the id itself when the CRM does not list it."""
        if not record_id:
            return None
        self._owners()
        if record_id not in self._names and record_id not in self._unknown:
            self._by_name = None
            self._owners()
            if record_id not in self._names:
                self._unknown.add(record_id)
        return self._names.get(record_id, f"user:{record_id}")

    def problem(self, name: str) -> str | None:
        """Why the named owner cannot hold leads, in words, or None."""
        owner = self.get(name)
        if owner is None:
            return f"there is no {name} in {self._system}"
        if not owner.active:
            return f"{name} is inactive in {self._system}"
        return None if owner.may_own else f"{name} may not own leads in {self._system}"

    def write_known(
        self, updates: Sequence[Update], write: Callable[[Sequence[Update]], Sequence[SourceError | None]]
    ) -> list[SourceError | None]:
        """Write the updates whose owner can own and refuse the others, so one name stops one record."""
        refusals = [self._refusal(update) for update in updates]
        if any(refusals):
            self._by_name = None  # somebody may have been added or activated since
            refusals = [self._refusal(update) for update in updates]
        known = [update for update, refusal in zip(updates, refusals, strict=True) if refusal is None]
        answers = iter(write(known) if known else ())
        return [next(answers) if refusal is None else refusal for refusal in refusals]

    def _refusal(self, update: Update) -> SourceRefused | None:
        name = update.values.get("owner")
        because = self.problem(str(name)) if name else None
        if because is None:
            return None
        code = "CANNOT_OWN" if self.get(str(name)) else "UNKNOWN_OWNER"
        return SourceRefused(f"{because}; correct the owner in the config", code)

    def _owners(self) -> Mapping[str, Owner]:
        known = self._by_name
        if known is None:
            known = {owner.name.casefold(): owner for owner in self._load()}
            self._names = {owner.id: owner.name for owner in known.values()}
            self._by_name = known
        return known
