"""Which other lead is of the same person, and which of the same company, by how they are told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from connector.model.identity import Holding, Identity, Relative, Relatives
from connector.model.known import Holdings, Known
from connector.model.lead import Ref
from connector.model.snapshot import Snapshot
from connector.routing.accounts import LIKELY, LOOKED_AT, Account, best_match, index
from connector.routing.policy import Policy
from connector.routing.standing import StandingRules

Company = tuple[str, str | None]
"""A name without its legal form, and a country."""

NOBODY = Relatives()


def relatives_of(policy: Policy, snapshot: Snapshot, ref: Ref, who: Identity) -> Relatives:
    """What is known of a lead's person and company: looked for, or else as it was found before."""
    if not policy.recognises:
        return NOBODY
    if snapshot.known is not None:
        snapshot.relatives[ref] = _looked_for(policy, snapshot.known, snapshot.now, ref, who)
    return snapshot.relatives.get(ref, NOBODY)


def _looked_for(policy: Policy, known: Known, now: datetime, ref: Ref, who: Identity) -> Relatives:
    search = _Search(policy.standing, known.holdings, now, ref, who)
    order = policy.standing.order
    return Relatives(
        search.person() if "same_person" in order else None,
        search.company() if "same_company" in order else None,
        known.records.other(ref, who) if policy.finds_duplicates else None,
    )


@dataclass(frozen=True, slots=True)
class _Search:
    """One lead, and everything in which its relatives may be found."""

    rules: StandingRules
    holdings: Holdings
    now: datetime
    ref: Ref
    who: Identity

    def person(self) -> Relative | None:
        """Another lead of the same person: by e-mail, else by telephone with the same family name."""
        since = self.now - self.rules.person_within
        for by, found in (("email", self._by_email()), ("phone", self._by_phone())):
            counted = [each for each in self._others(found) if each.open or each.since >= since]
            if counted:
                return _latest(counted, {"by": by})
        return None

    def _by_email(self) -> Iterable[Holding]:
        return self.holdings.by_email.get(self.who.email or "", ())

    def _by_phone(self) -> Iterable[Holding]:
        """A telephone may be a whole company's, so the family name has to agree."""
        name = self.who.last_name
        found = self.holdings.by_phone.get(self.who.phone or "", ())
        return [each for each in found if name and each.identity.last_name == name]

    def company(self) -> Relative | None:
        """Another lead of the same company: by domain, else by name and country or brand."""
        domain = self.who.domain
        by_domain = self._lately(self.holdings.by_domain.get(domain or "", ()))
        if by_domain:
            return _latest(by_domain, {"by": "domain", "domain": domain})
        return self._by_name() if self.who.company else None

    def _by_name(self) -> Relative | None:
        who, companies = self.who, self._companies()
        if not companies:
            return None
        accounts = index(_account(company, held) for company, held in companies.items())
        match = best_match(accounts, who.company, who.country, who.domain, self.rules.company_from)
        if match is None:
            return None
        held = companies[match.account.name, match.account.country]
        signs = dict(match.evidence)
        told = {"by": "name", "company": match.account.name, "score": match.score, "signs": signs}
        return _latest(held, told)

    def _companies(self) -> Mapping[Company, list[Holding]]:
        """Holdings by company: of the same brand, and of the names in the country that are most alike.

        A company that is known by another domain is another company.
        """
        who = self.who
        by_name = self.holdings.by_bare_name if who.domain else self.holdings.by_name
        names = by_name.get(who.begins or "", {})
        companies = self._by_company(self.holdings.by_brand.get(who.branded or "", ()))
        neighbours = ((name, self._lately(names[name])) for name in _most_alike(who.company or "", names))
        counted = ((name, held) for name, held in neighbours if held)
        for name, held in islice(counted, LOOKED_AT):
            companies[name, who.country].extend(held)
        return companies

    def _by_company(self, found: Iterable[Holding]) -> defaultdict[Company, list[Holding]]:
        companies: defaultdict[Company, list[Holding]] = defaultdict(list)
        for each in self._lately(found):
            if each.identity.company:
                companies[each.identity.company, each.identity.country].append(each)
        return companies

    def _lately(self, found: Iterable[Holding]) -> list[Holding]:
        since = self.now - self.rules.company_within
        return [each for each in self._others(found) if each.since >= since]

    def _others(self, found: Iterable[Holding]) -> Iterable[Holding]:
        return (each for each in found if each.ref != self.ref and self.rules.knows(each.partner))


def _most_alike(company: str, names: Iterable[str]) -> list[str]:
    """The names that may be the company's, the most alike first."""
    likely = process.extract(
        company, list(names), scorer=JaroWinkler.similarity, limit=None, score_cutoff=LIKELY
    )
    return [name for name, _, _ in sorted(likely, key=lambda found: (-found[1], found[0]))]


def _account(company: Company, held: Iterable[Holding]) -> Account:
    """A company as the account that a lead may belong to; domains that differ say nothing."""
    domains = {each.identity.domain for each in held if each.identity.domain}
    name, country = company
    return Account(f"{name}|{country}", name, country, next(iter(domains)) if len(domains) == 1 else None)


def _latest(held: Iterable[Holding], evidence: Mapping[str, Any]) -> Relative:
    """The lead that counts: one that is still open before one that has ended, then the latest."""
    best = max(held, key=lambda holding: holding.rank)
    return Relative(best.ref, best.partner, best.owner, best.since, best.open, evidence)
