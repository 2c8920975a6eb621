"""What the admin says of standing, understood."""

from collections.abc import Collection, Mapping
from datetime import tzinfo

from connector.routing.csv_tables import FindInFile
from connector.routing.named_accounts import NamedAccounts, named_accounts, read_named_accounts
from connector.routing.settings import StandingSettings
from connector.routing.standing import KINDS, StandingRules
from connector.routing.understanding import Find

DUPLICATE = "duplicate_of"
"""The field that holds another open record of the same person in the same CRM."""


def recognises(rules: StandingRules, used: Collection[str]) -> bool:
    """Whether it matters who leads are, across time and CRMs: to a standing, or to a condition."""
    return DUPLICATE in used or any(KINDS[kind].recognises for kind in rules.order if kind in KINDS)


def understand_standing(
    settings: StandingSettings,
    files: Mapping[str, str],
    partner_ids: Mapping[str, str],
    zone: tzinfo,
    find: Find,
    find_in: FindInFile,
) -> StandingRules:
    """The rules of standing; every mistake goes to `find`, or to `find_in` where it is in the table."""
    for place, kind in enumerate(settings.order):
        where = ("standing", "order", place)
        if kind not in KINDS:
            find(where, f"there is no standing {kind!r}", tuple(KINDS), kind)
        elif kind in settings.order[:place]:
            find(where, f"{kind!r} is in the order already")
    asked = "order" in settings.model_fields_set and "named_account" in settings.order
    if asked and settings.named_accounts is None:
        message = "'named_account' needs the table: write named_accounts = \"named_accounts.csv\""
        find(("standing", "order"), message)
    return StandingRules(
        order=settings.order,
        partner_ids=partner_ids,
        named_accounts=_accounts(settings, files, partner_ids, find_in),
        kept_accounts_to=settings.kept_accounts_to,
        person_within=settings.same_person_within,
        company_within=settings.same_company_within,
        company_from=settings.same_company_from,
        if_they_disagree=settings.if_they_disagree,
        takes_turn=settings.takes_turn,
        zone=zone,
    )


def _accounts(
    settings: StandingSettings,
    files: Mapping[str, str],
    partner_ids: Mapping[str, str],
    find_in: FindInFile,
) -> NamedAccounts:
    name = settings.named_accounts
    if name is None or name not in files:
        return NamedAccounts()
    return named_accounts(read_named_accounts(name, files[name], partner_ids, find_in))
