"""A lead of the same company is or was with a partner, in whichever CRM."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from connector.model.durations import in_words
from connector.model.identity import Holding
from connector.routing.accounts import LIKELY, LOOKED_AT, Account, best_match, index
from connector.routing.standing.base import Kind, Seen, Standing

Company = tuple[str, str | None]
"""A name without its legal form, and a country."""


def _find(seen: Seen) -> Standing | None:
    by_domain = _counted(seen, seen.snapshot.holdings.by_domain.get(seen.identity.domain or "", ()))
    if by_domain:
        return _with(_best(by_domain), {"by": "domain", "domain": seen.identity.domain})
    return _by_name(seen) if seen.identity.company else None


def _by_name(seen: Seen) -> Standing | None:
    """The company whose name is most alike, among those of the same country or the same brand."""
    who = seen.identity
    companies = _companies(seen)
    accounts = [_account(company, held) for company, held in companies.items()]
    match = best_match(index(accounts), who.company, who.country, who.domain, seen.rules.company_from)
    if match is None:
        return None
    held = companies[match.account.name, match.account.country]
    told = {"company": match.account.name, "score": match.score, "signs": dict(match.evidence)}
    return _with(_best(held), {"by": "name", **told})


def _companies(seen: Seen) -> Mapping[Company, list[Holding]]:
    """Holdings by company: of the same brand, and of the names in the country that are most alike.

    A company that is known by another domain is another company.
    """
    who, holdings = seen.identity, seen.snapshot.holdings
    begun_alike = holdings.by_opening.get((who.opening or "", who.country or ""), ())
    neighbours = _by_company(seen, (h for h in begun_alike if not (who.domain and h.identity.domain)))
    names = sorted(name for name, _ in neighbours)
    likely = process.extract(
        who.company, names, scorer=JaroWinkler.similarity, limit=LOOKED_AT, score_cutoff=LIKELY
    )
    brand = _by_company(seen, holdings.by_brand.get(who.brand or "", ()))
    return {**brand, **{(name, who.country): neighbours[name, who.country] for name, _, _ in likely}}


def _by_company(seen: Seen, found: Iterable[Holding]) -> Mapping[Company, list[Holding]]:
    companies: defaultdict[Company, list[Holding]] = defaultdict(list)
    for each in _counted(seen, found):
        if each.identity.company:
            companies[each.identity.company, each.identity.country].append(each)
    return companies


def _account(company: Company, held: Iterable[Holding]) -> Account:
    """A company as the account that a lead may belong to; domains that differ say nothing."""
    domains = {each.identity.domain for each in held if each.identity.domain}
    name, country = company
    domain = next(iter(domains)) if len(domains) == 1 else None
    return Account(f"{name}|{country}", name, country, domain)


def _counted(seen: Seen, found: Iterable[Holding]) -> list[Holding]:
    since = seen.facts.now - seen.rules.company_within
    own = seen.ref
    return [
        each for each in found if each.ref != own and each.since >= since and seen.rules.knows(each.partner)
    ]


def _best(held: Iterable[Holding]) -> Holding:
    return max(held, key=lambda holding: holding.rank)


def _with(best: Holding, evidence: Mapping[str, Any]) -> Standing:
    told = {**evidence, "record": str(best.ref), "since": best.since.isoformat(), "open": best.open}
    return Standing("same_company", best.partner, told, firm=False)


def _said(evidence: Mapping[str, Any]) -> str:
    known = evidence["domain"] if evidence["by"] == "domain" else evidence["company"]
    return f"the same company as {evidence['record']}, by {evidence['by']} ({known})"


SAME_COMPANY = Kind(
    find=_find,
    said=_said,
    rule=lambda rules: (
        f"the partner that was given a lead of the same company in the last {in_words(rules.company_within)}"
    ),
    recognises=True,
)
