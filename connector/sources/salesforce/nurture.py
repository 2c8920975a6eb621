"""The campaign in which leads ripen."""

from collections.abc import Iterator, Mapping, Sequence

from connector.sources.base import SourceError, SourceLocked, SourceRefused
from connector.sources.salesforce.catalog import Catalog
from connector.sources.salesforce.connection import Connection
from connector.sources.salesforce.soql import MOST_IN_LIST, among, chunks, select
from connector.sources.salesforce.soql import test as tested
from connector.sources.salesforce.writing import COLLECTION, bisected, row_answers

NO_CAMPAIGN = "NO_CAMPAIGN"
_THERE = "DUPLICATE_VALUE"


class NurtureCampaign:
    """Makes leads members of a campaign, known by its name, and ends that; both may be done twice."""

    def __init__(self, connection: Connection, catalog: Catalog, name: str, status: str | None):
        self._connection = connection
        self._catalog = catalog
        self._name = name
        self._status = status

    def keep(self, into: Sequence[str], out: Sequence[str]) -> list[SourceError | None]:
        """An answer for each."""
        ids = self._campaigns()
        if len(ids) != 1:
            return [SourceRefused(self._not_one(ids), NO_CAMPAIGN)] * (len(into) + len(out))
        members = self._members(ids[0], [*into, *out])
        missing = [lead for lead in into if lead not in members]
        made = dict(zip(missing, self._make(ids[0], missing), strict=True))
        leaving = [lead for lead in out if lead in members]
        ended = dict(zip(leaving, self._end([members[lead] for lead in leaving]), strict=True))
        return [made.get(lead) for lead in into] + [ended.get(lead) for lead in out]

    def _campaigns(self) -> list[str]:
        soql = select(["Id"], "Campaign", [tested("Name = {}", self._name)])
        return [row["Id"] for row in self._connection.query("metadata", soql)]

    def _not_one(self, ids: Sequence[str]) -> str:
        count = f"{len(ids)} campaigns" if ids else "no campaign"
        return f"there is {count} called {self._name!r}, which nurture names"

    def _members(self, campaign: str, leads: Sequence[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for some in chunks(leads, MOST_IN_LIST):
            tests = [tested("CampaignId = {}", campaign), among("LeadId", some)]
            rows = self._connection.query("write", select(["Id", "LeadId"], "CampaignMember", tests))
            found |= {row["LeadId"]: row["Id"] for row in rows}
        return found

    def _make(self, campaign: str, leads: Sequence[str]) -> list[SourceError | None]:
        status = {"Status": self._status} if self._status else {}
        rows = [
            {"attributes": {"type": "CampaignMember"}, "CampaignId": campaign, "LeadId": lead, **status}
            for lead in leads
        ]
        answers: list[SourceError | None] = []
        for some in chunks(rows, COLLECTION):
            answers += bisected(some, self._create)
        # Somebody else may have put it there since we looked.
        return [None if answer and answer.code == _THERE else answer for answer in answers]

    def _create(self, rows: Sequence[Mapping[str, str]]) -> list[SourceError | None]:
        body = {"allOrNone": False, "records": list(rows)}
        answer = self._connection.call(
            "write", lambda sf: sf.restful("composite/sobjects", method="POST", json=body)
        )
        return row_answers(answer, len(rows))

    def _end(self, members: Sequence[str]) -> list[SourceError | None]:
        answers: list[SourceError | None] = []
        for some in chunks(members, COLLECTION):
            answers += bisected(some, self._delete)
        return [None if isinstance(answer, SourceRefused) and answer.gone else answer for answer in answers]

    def _delete(self, members: Sequence[str]) -> list[SourceError | None]:
        params = {"ids": ",".join(members), "allOrNone": "false"}
        answer = self._connection.call(
            "write", lambda sf: sf.restful("composite/sobjects", params=params, method="DELETE")
        )
        return row_answers(answer, len(members))

    def problems(self) -> Iterator[str]:
        """What is wrong with the campaign, in a sentence."""
        try:
            ids = self._campaigns()
            if len(ids) != 1:
                yield self._not_one(ids)
            if not self._catalog.of("CampaignMember").createable:
                yield "the user may not create CampaignMembers, which nurture needs"
        except SourceLocked as error:
            yield f"nurture: {error}"
