"""Who should have a lead, as a route writes it: preferences, a method with its options, and a rotation."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from connector.model.partner import Partner
from connector.routing.case import ByValue, Rotation
from connector.routing.making_up import MakeUp
from connector.routing.methods import METHODS, Method
from connector.routing.owners import PREFIX
from connector.routing.preferences import PREFERENCES, Preference
from connector.routing.settings import RotationSettings, RouteSettings
from connector.routing.shapes import Written

Where = tuple[str | int, ...]
"""The way to a value in the config file, such as ("route", 0, "when", "country")."""

Find = Callable[[Where, str, Sequence[str], str], None]
"""Notes what is wrong: where, what, the words that would have been right, and the wrong one."""

ABSENCES = frozenset({"away", "outside_working_hours"})
"""The refusals of partners that are only not there; a rotation may let them gain."""


class ChoosingReader:
    """Reads how routes choose, and checks that routes agree on a rotation that they share."""

    def __init__(self, fields: frozenset[str], find: Find):
        self._fields = fields
        self._find = find
        self.partners: Collection[str] = ()
        self._terms: dict[str, tuple[str, tuple[MakeUp | None, ByValue | None]]] = {}

    def preferences(self, names: Sequence[str], where: Where) -> tuple[Preference, ...]:
        """The preferences of a route, in order."""
        for place, name in enumerate(names):
            if name not in PREFERENCES:
                self._find(
                    (*where, "prefer", place), f"there is no preference {name!r}", tuple(PREFERENCES), name
                )
        return tuple(PREFERENCES[name] for name in names if name in PREFERENCES)

    def method(self, written: Written, where: Where, key: Where = ("pick",)) -> Method[Any]:
        """The method of a route with its options; plain round robin where that is wrong."""
        name = str(written.get("method", ""))
        kind = METHODS.get(name)
        options = {key: value for key, value in written.items() if key != "method"}
        if kind is None:
            wrong = f"there is no method {name!r}" if name else 'pick needs a method, such as "round_robin"'
            self._find((*where, *key, "method"), wrong, tuple(METHODS), name)
            kind, options = METHODS["round_robin"], {}
        try:
            known = {"fields": self._fields, "partners": self.partners}
            return kind(kind.takes.model_validate(options, context=known))
        except ValidationError as error:
            for details in _innermost(error.errors()):
                self._wrong_option(name, kind, details, (*where, *key))
            return METHODS["round_robin"](METHODS["round_robin"].takes())

    def _wrong_option(self, name: str, kind: type[Method[Any]], details: Any, where: Where) -> None:
        steps = tuple(step for step in details["loc"] if step != "[key]")
        option = next((str(step) for step in reversed(steps) if isinstance(step, str)), name)
        if details["type"] == "extra_forbidden" and len(steps) == 1:
            known = tuple(kind.takes.model_fields)
            self._find((*where, *steps), f"{name} has no option {option!r}", known, option)
        elif details["type"] == "missing":
            self._find((*where, *steps), f"{name} needs {option!r}; add it here", (), "")
        else:
            told = str(details.get("ctx", {}).get("error", details["msg"]))
            self._find((*where, *steps), f"{option}: {told[:1].lower()}{told[1:]}", (), "")

    def rotation(self, route: RouteSettings, pool: Sequence[Partner], where: Where) -> Rotation:
        """The rotation of a route, by default one of its own, with the weights of its pool."""
        settings = route.rotation
        if (settings.name if settings else route.name).startswith(PREFIX):
            place = (*where, "rotation", "name") if settings else (*where, "name")
            self._find(
                place, f"{PREFIX!r} begins the rotations between a partner's owners; rename it", (), ""
            )
        if settings is None:
            return Rotation(route.name)
        terms = self._making_up(settings, where), self._by_value(settings, where)
        first = self._terms.setdefault(settings.name, (route.name, terms))
        if first[1] != terms:
            self._find(
                (*where, "rotation"),
                f"route {first[0]!r} shares rotation {settings.name!r} on other terms; "
                "give both the same absence and fair_by",
                (),
                "",
            )
        return Rotation(settings.name, self._weights(settings, pool, where), *terms)

    def _making_up(self, settings: RotationSettings, where: Where) -> MakeUp | None:
        if settings.absence == "forgive":
            return None
        if settings.fair_by == "value":
            self._find(
                (*where, "rotation", "absence"),
                'make_up counts leads, so it does not go with fair_by = "value"; leave one of them out',
                (),
                "",
            )
        return MakeUp(settings.make_up_limit, settings.make_up_within, settings.make_up_every)

    def _by_value(self, settings: RotationSettings, where: Where) -> ByValue | None:
        if settings.fair_by == "count":
            return None
        if settings.typical_value is None:
            self._find(
                (*where, "rotation", "fair_by"),
                'fair_by = "value" needs typical_value, the deal_value that counts as one lead',
                (),
                "",
            )
        return ByValue(settings.typical_value or 1, settings.count_at_most)

    def _weights(
        self, settings: RotationSettings, pool: Sequence[Partner], where: Where
    ) -> Mapping[str, int]:
        by_tier = {tier.casefold(): weight for tier, weight in settings.weight_by_tier.items()}
        known = {partner.id for partner in pool}
        for wrong in sorted(settings.weights.keys() - known):
            self._find(
                (*where, "rotation", "weights", wrong),
                f"there is no partner {wrong!r} in this pool",
                tuple(sorted(known)),
                wrong,
            )
        weights = {p.id: settings.weights.get(p.id, by_tier.get((p.tier or "").casefold(), 1)) for p in pool}
        if pool and not any(weights.values()):
            self._find((*where, "rotation"), "every weight is zero, so nobody could ever be picked", (), "")
        return weights


def _innermost(errors: Sequence[Any]) -> list[Any]:
    """The mistakes but for those of a whole that its parts explain: a list of wrong groups is not empty."""
    places = [details["loc"] for details in errors]
    return [
        details
        for details in errors
        if not any(place[: len(details["loc"])] == details["loc"] != place for place in places)
    ]
