"""The partner as a company that the lead is associated with."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from connector.sources.base import SourceBusy, SourceError, SourceLocked, SourceRefused
from connector.sources.hubspot.asking import Question, Search, condition
from connector.sources.hubspot.batches import Answers, in_halves, pieces, rows
from connector.sources.hubspot.connection import Connection
from connector.sources.hubspot.links import Link, Links, LinkType
from connector.sources.hubspot.objects import COMPANIES
from connector.sources.hubspot.records import Records
from connector.sources.settings import PartnerLink

Change = tuple[str, str | None, Sequence[Link]]
"""A record, the company that is to be its partner (None: nobody), and its links to companies before."""


class PartnerLinks:
    """Finds partners' companies by a property, links leads to them, and unlinks the former ones.

    With a label, the partner is whoever carries it. Without, it is whichever linked company is known to be
    a partner's: from the roster (`roster` gives its ids), or because a lead was given to it.
    """

    def __init__(
        self,
        connection: Connection,
        settings: PartnerLink,
        lead_type: str,
        roster: Callable[[], Iterable[str]],
    ):
        self._connection = connection
        self._settings = settings
        self._lead_type = lead_type
        self._links = Links(connection)
        self._records = Records(connection)
        self._search = Search(connection, COMPANIES)
        self._roster = roster
        self._names: dict[str, str] = {}
        self._ids: dict[str, str] = {}

    @cached_property
    def _types(self) -> Sequence[LinkType]:
        answer = self._connection.call(
            "metadata",
            self._connection.link_types.get_all,
            self._lead_type,
            COMPANIES,
            kind="association",
        )
        return [
            LinkType(str(each["category"]), int(each["typeId"]), each.get("label")) for each in rows(answer)
        ]

    @cached_property
    def _known(self) -> set[str]:
        return set(self._roster())

    @cached_property
    def _label(self) -> LinkType | None:
        """The kind of association with the configured label; None where there is no label."""
        wanted = self._settings.label
        if wanted is None:
            return None
        for each in self._types:
            if (each.label or "").casefold() == wanted.casefold():
                return each
        raise SourceLocked(
            f'associations of {self._lead_type} with companies have no label "{wanted}" in HubSpot; '
            "create it or correct partner_link.label"
        )

    def is_partner(self, link: Link) -> bool:
        """Whether a linked company is the lead's partner."""
        if self._label is not None:
            return link.has(self._label.id, self._label.category)
        return link.to in self._known

    def names(self, links: Mapping[str, Sequence[Link]]) -> dict[str, str | None]:
        """The partner of each record; of several, which only a person can have linked, all."""
        mine = {each: [link.to for link in ends if self.is_partner(link)] for each, ends in links.items()}
        self._learn(company for companies in mine.values() for company in companies)
        return {each: self._joined(companies) for each, companies in mine.items()}

    def _joined(self, companies: Sequence[str]) -> str | None:
        return "; ".join(sorted(self._names[each] for each in companies if each in self._names)) or None

    def _learn(self, companies: Iterable[str]) -> None:
        by = self._settings.by
        unknown = [each for each in dict.fromkeys(companies) if each not in self._names]
        for company, row in self._records.by_id("directory", COMPANIES, unknown, [by]).items():
            if row["properties"].get(by):
                self._names[company] = str(row["properties"][by])

    def links_of(self, purpose: str, ids: Iterable[str]) -> Mapping[str, Sequence[Link]]:
        """The companies that records are linked with."""
        return self._links.of(purpose, self._lead_type, COMPANIES, ids)

    def company(self, name: str) -> str | SourceRefused:
        """The id of the partner's company, or why there is none to link to."""
        key = name.casefold()
        if key not in self._ids:
            found = self._looked_up(name)
            if isinstance(found, SourceRefused):
                return found
            self._ids[key], self._names[found] = found, name
            self._known.add(found)
        return self._ids[key]

    def _looked_up(self, name: str) -> str | SourceRefused:
        by = self._settings.by
        question = Question([condition(by, "EQ", name)], [by], limit=10)
        found = self._search.first("directory", question).rows
        if len(found) == 1:
            return str(found[0]["id"])
        what = "no company" if not found else "more than one company"
        return SourceRefused(f"there is {what} in HubSpot whose {by} is {name}", "UNKNOWN_PARTNER")

    def assign(self, wanted: Mapping[str, str | None]) -> dict[str, SourceError | None]:
        """Let each record's partner be that company, or nobody; what went wrong, by record."""
        before = self.links_of("write", wanted)
        changes = [(each, company, before.get(each, ())) for each, company in wanted.items()]
        missing = [change for change in changes if not self._is_linked(change)]
        answers = dict.fromkeys(wanted, None) | self._linked(missing)
        self._unlink([change for change in changes if answers[change[0]] is None])
        return answers

    def _is_linked(self, change: Change) -> bool:
        _, company, links = change
        return company is None or any(link.to == company and self.is_marked(link) for link in links)

    def is_marked(self, link: Link) -> bool:
        """Whether a link needs nothing added to be one to a partner."""
        return self._label is None or link.has(self._label.id, self._label.category)

    def _linked(self, changes: Sequence[Change]) -> dict[str, SourceError | None]:
        answers: dict[str, SourceError | None] = {}
        for piece in pieces(changes, 1000):
            ends = in_halves(piece, self._link)
            answers |= {
                change[0]: self._verdict(change, end) for change, end in zip(piece, ends, strict=True)
            }
        return answers

    def _link(self, changes: Sequence[Change]) -> Answers:
        api = self._connection.links
        ask = api.create_default if self._label is None else api.create
        inputs = [self._input(change) for change in changes]
        answer = self._connection.attempt(
            "write", ask, self._lead_type, COMPANIES, {"inputs": inputs}, kind="association"
        )
        made = {_pair(row) for row in rows(answer)}
        # Errors of associations do not say which of the inputs they are about.
        told = "; ".join(str(entry.get("message", "")) for entry in answer.get("errors") or ())
        return [
            None if _ends(change) in made else SourceRefused(told or "no reason given") for change in changes
        ]

    def _verdict(self, change: Change, error: SourceError | None) -> SourceError | None:
        """The record or the company may be gone: to be compared, and looked up, again."""
        if error is None:
            return None
        self._forget(str(change[1]))
        message = f"HubSpot did not link {change[0]} with the partner's company: {error}"
        return SourceBusy(message, error.code or "UNCONFIRMED")

    def _forget(self, company: str) -> None:
        self._names.pop(company, None)
        self._ids = {name: each for name, each in self._ids.items() if each != company}

    def _input(self, change: Change) -> dict[str, Any]:
        record_id, company, links = change
        ends = {"from": {"id": record_id}, "to": {"id": company}}
        if self._label is None:
            return ends
        # What is sent replaces the labels that were there, so they are sent along.
        there = [each for link in links if link.to == company for each in link.types if each.label]
        return {**ends, "types": [each.spec for each in dict.fromkeys((*there, self._label))]}

    def _unlink(self, changes: Sequence[Change]) -> None:
        former = [
            (record_id, link.to)
            for record_id, company, links in changes
            for link in links
            if link.to != company and self.is_partner(link)
        ]
        for piece in pieces(former, 1000):
            self._connection.call("write", *self._unlinking(piece), kind="association")

    def _unlinking(self, former: Sequence[tuple[str, str]]) -> tuple[Any, str, str, dict[str, Any]]:
        api, label = self._connection.links, self._label
        if label is None:
            inputs = [{"from": {"id": each}, "to": [{"id": company}]} for each, company in former]
            return api.archive, self._lead_type, COMPANIES, {"inputs": inputs}
        labelled = [
            {"from": {"id": each}, "to": {"id": company}, "types": [label.spec]} for each, company in former
        ]
        return api.archive_labels, self._lead_type, COMPANIES, {"inputs": labelled}

    def problems(self) -> list[str]:
        """What stands in the way of linking."""
        found = []
        if self._settings.object != COMPANIES:
            found.append(f"partner_link.object must be companies in HubSpot, not {self._settings.object}")
        if self._settings.label is None and not self._known:
            found.append(
                "partner_link needs a label, or a roster of the partners' companies: without either, a "
                "lead's partner cannot be told from its own company"
            )
        try:
            self._label  # noqa: B018
        except SourceLocked as error:
            found.append(str(error))
        return found


def _ends(change: Change) -> tuple[str, str]:
    return change[0], str(change[1])


def _pair(row: Mapping[str, Any]) -> tuple[str, str]:
    """The two ends of a link that was made, which the two endpoints tell in different words."""
    if "from" in row:
        return str(row["from"]["id"]), str(row["to"]["id"])
    return str(row["fromObjectId"]), str(row["toObjectId"])
