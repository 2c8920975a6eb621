"""What a route asks of its partners, from what the admin wrote."""

from collections.abc import Mapping, Sequence

from connector.model.partner import Partner
from connector.routing.choosing import Where
from connector.routing.facts import fold
from connector.routing.matching import Needs
from connector.routing.partner_settings import CertificationNeeded, PartnerSettings
from connector.routing.partners import understand_caps
from connector.routing.settings import RouteSettings, RoutingSettings
from connector.routing.understanding import Find


def read_needs(
    route: RouteSettings,
    where: Where,
    rules: RoutingSettings,
    partners: Mapping[str, Partner],
    fields: frozenset[str],
    find: Find,
) -> Needs:
    """The needs of a route; every mistake goes to `find`."""
    if "territory" in route.must_cover and rules.territories is None:
        place = route.must_cover.index("territory")
        find((*where, "must_cover", place), 'territories need a table; write territories = "territories.csv"')
    tiers = tuple(tier.casefold() for tier in rules.tiers)
    certifications, field, names = _certifications(
        route, (*where, "needs_certification"), partners, fields, find
    )
    return Needs(
        must_cover=route.must_cover,
        tier=_tier(route.minimum_tier, (*where, "minimum_tier"), rules.tiers, find),
        tiers=tiers,
        certifications=certifications,
        field=field,
        names=names,
        hours_required=route.working_hours == "required",
        caps=understand_caps(route.max_new_leads),
        backups=route.pool.backups,
    )


def _tier(written: str | None, where: Where, tiers: Sequence[str], find: Find) -> int | None:
    if written is None:
        return None
    folded = [tier.casefold() for tier in tiers]
    if written.casefold() in folded:
        return folded.index(written.casefold())
    find(where, f"there is no tier {written!r} in tiers", tiers, written)
    return None


def _certifications(
    route: RouteSettings,
    where: Where,
    partners: Mapping[str, Partner],
    fields: frozenset[str],
    find: Find,
) -> tuple[frozenset[str], str | None, Mapping[str, str] | None]:
    held = sorted({name for partner in partners.values() for name in partner.certifications})
    written = route.needs_certification
    if isinstance(written, CertificationNeeded):
        if written.field not in fields:
            find((*where, "field"), f"there is no field {written.field!r}", sorted(fields), written.field)
        names = None
        if written.names is not None:
            names = {str(fold(value)): name.casefold() for value, name in written.names.items()}
            for value, name in written.names.items():
                _held(name, (*where, "names", value), held, find)
        return frozenset(), written.field, names
    for place, name in enumerate(written):
        _held(name, (*where, place), held, find)
    return frozenset(name.casefold() for name in written), None, None


def _held(name: str, where: Where, held: Sequence[str], find: Find) -> None:
    if name.casefold() not in held:
        find(where, f"no partner holds the certification {name!r}", held, name)


def check_backups(partners: Sequence[PartnerSettings], find: Find) -> None:
    """Backups that are nobody, or the partner itself, go to `find`."""
    known = [partner.id for partner in partners]
    for index, partner in enumerate(partners):
        where: Where = ("partner", index, "backup")
        if partner.backup == partner.id:
            find(where, f"{partner.id!r} cannot stand in for itself; name another partner")
        elif partner.backup is not None and partner.backup not in known:
            find(where, f"there is no partner {partner.backup!r}", known, partner.backup)
