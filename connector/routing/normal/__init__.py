"""Data that can be trusted before it is judged: normalised copies beside the CRM's own values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from connector.routing.normal.domains import host
from connector.routing.normal.industries import Synonyms, understood
from connector.routing.normal.money import Rates


@dataclass(frozen=True, slots=True)
class Normal:
    """How values are understood where that is for the admin to say.

    `rates` says what one unit of a currency is worth in `base_currency`; without a base currency, amounts
    stay in their own. The domains are lower-case ASCII. `phones` is false where nothing asks for telephone
    numbers, which cost as much to understand as all else.
    """

    base_currency: str | None = None
    rates: Rates = field(default_factory=dict)
    industries: Synonyms = field(default_factory=dict)
    treat_as_company: frozenset[str] = frozenset()
    treat_as_free_mail: frozenset[str] = frozenset()
    phones: bool = True

    @classmethod
    def written(
        cls,
        base_currency: str | None = None,
        rates: Rates | None = None,
        industry_synonyms: Mapping[str, list[str] | tuple[str, ...]] | None = None,
        treat_as_company: Iterable[str] = (),
        treat_as_free_mail: Iterable[str] = (),
        phones: bool = True,
    ) -> Self:
        """The settings as an admin writes them; ValueError when an industry's spelling is given to two."""
        return cls(
            base_currency=base_currency.upper() if base_currency else None,
            rates={currency.upper(): rate for currency, rate in (rates or {}).items()},
            industries=understood(industry_synonyms or {}),
            treat_as_company=frozenset(filter(None, map(host, treat_as_company))),
            treat_as_free_mail=frozenset(filter(None, map(host, treat_as_free_mail))),
            phones=phones,
        )
