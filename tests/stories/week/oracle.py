"""Recomputes every number of the reports from the CRMs' own histories; it shares no code with the product.

It reads over HTTP what each CRM remembers of its records, and the admin's file with the standard library.
What people do counts from the moment of the connector's next reading on, so those moments are given.
"""

import tomllib
import urllib.parse
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any

from tests.eyes import Org, Portal

SALESFORCE = {
    "Owner": "owner",
    "Partner__c": "partner",
    "Routing_Status__c": "status",
    "Routing_Route__c": "route",
    "Partner_Answer__c": "answer",
    "Status": "stage",
    "Claimed_By__c": "claim",
}
HUBSPOT = {
    "hubspot_owner_id": "owner",
    "partner": "partner",
    "routing_status": "status",
    "routing_route": "route",
    "partner_answer": "answer",
    "hs_lead_status": "stage",
    "claimed_by": "claim",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a record got a value, by the integration (`ours`) or by a person."""

    at: datetime
    field: str
    to: str | None
    ours: bool


@dataclass(slots=True)
class Record:
    """A lead as its CRM remembers it; `deal` is (closed, won, amount, when that was last changed)."""

    crm: str
    id: str
    created_at: datetime
    changes: list[Change]
    converted_at: datetime | None = None
    deal: tuple[bool, bool, float, datetime] | None = None
    owner: str | None = None
    values: dict[str, str | None] = field(default_factory=dict)
    breaches: int = 0


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("+0000", "+00:00").replace("Z", "+00:00")).astimezone(UTC)


class SalesforceEye:
    """Looks at Leads, LeadHistory and Opportunities with SOQL."""

    def __init__(self, base: str, key: str, secret: str):
        self._org = Org(base, key, secret)

    def records(self) -> list[Record]:
        owners, integration = self._org.owners(), self._org.integration()
        found = {row["Id"]: self._record(row, owners) for row in self._org.query(LEADS)}
        for row in self._org.query(HISTORY):
            record, ours = found[row["LeadId"]], row["CreatedById"] == integration
            at, to = _time(row["CreatedDate"]), row["NewValue"]
            to = None if to is None else str(to)
            if row["Field"] == "leadConverted":
                record.converted_at = at
            elif row["Field"] == "Owner" and to not in owners:
                continue  # told twice, by name and by id
            elif row["Field"] in SALESFORCE:
                name = SALESFORCE[row["Field"]]
                record.changes.append(Change(at, name, owners.get(to or "", to), ours))
        return list(found.values())

    def ripening(self) -> set[str]:
        """The members of the campaign in which leads ripen."""
        return {str(row["LeadId"]) for row in self._org.query("SELECT LeadId FROM CampaignMember")}

    def _record(self, row: Mapping[str, Any], owners: Mapping[str, str]) -> Record:
        deal = row["ConvertedOpportunity"]
        return Record(
            "salesforce",
            row["Id"],
            _time(row["CreatedDate"]),
            [],
            deal=None
            if deal is None
            else (deal["IsClosed"], deal["IsWon"], float(deal["Amount"]), _time(deal["LastModifiedDate"])),
            owner=owners.get(row["OwnerId"]),
            values={"status": row["Routing_Status__c"], "due": row["Accept_By__c"]},
            breaches=int(row["Breaches__c"] or 0),
        )


LEADS = (
    "SELECT Id, CreatedDate, OwnerId, Routing_Status__c, Accept_By__c, Breaches__c, "
    "ConvertedOpportunity.IsClosed, ConvertedOpportunity.IsWon, "
    "ConvertedOpportunity.Amount, ConvertedOpportunity.LastModifiedDate FROM Lead"
)
HISTORY = "SELECT LeadId, Field, NewValue, CreatedById, CreatedDate FROM LeadHistory ORDER BY CreatedDate, Id"


class HubSpotEye:
    """Looks at contacts, the histories of their properties, and their deals."""

    def __init__(self, base: str, token: str):
        self._portal = Portal(base, token)

    def records(self) -> list[Record]:
        owners = self._portal.owners()
        names = ",".join([*HUBSPOT, "accept_by", "breaches"])
        deals = {
            row["id"]: row
            for row in self._portal.records(
                "deals", {"properties": "dealstage,amount", "propertiesWithHistory": "dealstage"}
            )
        }
        query = {"properties": names, "propertiesWithHistory": names, "associations": "deals"}
        return [self._record(row, owners, deals) for row in self._portal.records("contacts", query)]

    def _record(self, row: Mapping[str, Any], owners: Mapping[str, str], deals: Mapping[str, Any]) -> Record:
        held, past = row["properties"], row["propertiesWithHistory"]
        changes = [
            Change(
                _time(each["timestamp"]),
                name,
                owners.get(str(each["value"]), each["value"]) or None,
                each["sourceType"] == "INTEGRATION",
            )
            for own, name in HUBSPOT.items()
            for each in reversed(past.get(own, ()))
        ]
        linked = [e["id"] for e in (row.get("associations") or {}).get("deals", {}).get("results", ())]
        deal, converted_at = None, None
        if linked:
            found = deals[linked[0]]
            stage = found["properties"]["dealstage"]
            history = found["propertiesWithHistory"]["dealstage"]
            changed = _time(history[0]["timestamp"])
            converted_at = _time(history[-1]["timestamp"])
            closed = stage in ("closedwon", "closedlost")
            deal = closed, stage == "closedwon", float(found["properties"]["amount"]), changed
        changes.sort(key=lambda change: change.at)
        return Record(
            "hubspot",
            row["id"],
            _time(row["createdAt"]),
            changes,
            converted_at,
            deal,
            owners.get(held["hubspot_owner_id"] or ""),
            {"status": held["routing_status"] or None, "due": held["accept_by"] or None},
            int(held["breaches"] or 0),
        )

    def ripening(self) -> set[str]:
        """The members of the list in which leads ripen."""
        name = urllib.parse.quote("Partner nurture")
        found = self._portal.ask(f"/crm/v3/lists/object-type-id/0-1/name/{name}")
        answer = self._portal.ask(f"/crm/v3/lists/{found['list']['listId']}/memberships?limit=250")
        assert "paging" not in answer
        return {str(row["recordId"]) for row in answer["results"]}


@dataclass(slots=True)
class Stay:
    """The time that a lead was with a partner: what it made of it, and how that ended."""

    record: Record
    partner: str
    route: str
    since: datetime
    claimed: bool
    accepted_at: datetime | None = None
    touched_at: datetime | None = None
    ended_at: datetime | None = None
    how: str | None = None
    amount: float | None = None
    turn_returned: bool = False

    @property
    def open(self) -> bool:
        return self.how is None


class Oracle:
    """What became of every lead, and each number that follows from it."""

    def __init__(self, config: Path, records: Sequence[Record], readings: Sequence[datetime]):
        with config.open("rb") as file:
            self.rules = tomllib.load(file)
        self.readings = sorted(readings)
        self.ids = {each["name"]: each["id"] for each in self.rules["partner"]}
        self.seats = {
            each["name"]: {owner.casefold() for owners in each["owners"].values() for owner in owners}
            for each in self.rules["partner"]
        }
        self.routes = {each["name"]: each for each in self.rules["route"]}
        self.meaning = {
            crm: {
                value: state
                for state, values in self.rules["crm"][crm]["progress"].items()
                for value in values
                if state != "new"
            }
            for crm in self.rules["crm"]
        }
        self.records = records
        self.stays = [stay for record in records for stay in self._stays(record)]
        self.last = {id(stay.record): stay for stay in self.stays}
        self._return_turns()

    def heard(self, at: datetime) -> datetime:
        """When the connector next read the CRM; what is written in a cycle is read in the one after."""
        return self.readings[bisect_left(self.readings, at)]

    # ---- one lead ---------------------------------------------------------------------------------

    def _stays(self, record: Record) -> Iterator[Stay]:
        """Go through a lead's history: each partner that the integration gave it begins a stay."""
        values: dict[str, str | None] = dict.fromkeys(SALESFORCE.values())
        stay: Stay | None = None
        moments = {change.at for change in record.changes if not change.ours}
        by_moment: defaultdict[datetime, list[Change]] = defaultdict(list)
        for change in record.changes:
            by_moment[change.at].append(change)
        steps = set(by_moment) | {self.heard(at) for at in moments} | set(self._deadlines(record))
        steps |= {self.heard(at) for at in self._outcomes(record)}
        unheard = False
        for now in sorted(steps):
            ours = [c for c in by_moment[now] if c.ours]
            theirs = [c for c in by_moment[now] if not c.ours]
            assert not (ours and theirs), f"{record.crm}:{record.id} was changed by both at {now}"
            if now in self.readings:
                # A reading comes before what is written in the same cycle.
                if stay and stay.open:
                    self._hear(stay, values, now, unheard)
                unheard = False
            for change in ours + theirs:
                values[change.field] = change.to
            unheard = unheard or bool(theirs)
            given = [c for c in ours if c.field == "partner" and c.to]
            if given:
                assert stay is None or not stay.open, f"{record.crm}:{record.id} was with two at {now}"
                partner = str(given[0].to)
                claimed = values["claim"] == partner
                stay = Stay(record, partner, str(values["route"]), now, claimed)
                stay.accepted_at = now if claimed else None
                yield stay

    def _deadlines(self, record: Record) -> Iterator[datetime]:
        for change in record.changes:
            if change.ours and change.field == "partner" and change.to:
                late = change.at + timedelta(hours=24)
                place = bisect_left(self.readings, late)
                if place < len(self.readings):
                    yield self.readings[place]

    def _outcomes(self, record: Record) -> Iterator[datetime]:
        if record.converted_at:
            yield record.converted_at
        if record.deal and record.deal[0]:
            yield record.deal[3]

    def _hear(self, stay: Stay, values: Mapping[str, str | None], now: datetime, news: bool) -> None:
        """What the record says at a reading of the partner that has it."""
        record = stay.record
        owner = (values["owner"] or "").casefold()
        if news and owner not in self.seats[stay.partner]:
            stay.how, stay.ended_at = "taken_over", now
            return
        said = [self.meaning[record.crm].get(values[name] or "") for name in ("answer", "stage")]
        told = [state for state in said if state]
        state = "declined" if "declined" in told else told[-1] if told else None
        if record.converted_at and self.heard(record.converted_at) <= now:
            state = "converted"
        first_seat = self._first_seat(stay)
        if state is None and news and owner != first_seat:
            state = "accepted"  # a colleague took the record over
        if state in ("accepted", "working", "converted"):
            stay.accepted_at = stay.accepted_at or now
        if state in ("working", "converted"):
            stay.touched_at = stay.touched_at or now
        if state in ("declined", "lost"):
            stay.how, stay.ended_at = state, now
        deal = record.deal
        if state == "converted" and deal and deal[0] and self.heard(deal[3]) <= now:
            stay.how, stay.ended_at = ("won" if deal[1] else "lost"), now
            stay.amount = deal[2] if deal[1] else None
        elif state == "converted" and stay.how is None:
            stay.ended_at = stay.ended_at or now  # no load any more, and its outcome still to come
        if stay.how is None and stay.accepted_at is None and self._late(stay, now):
            stay.how, stay.ended_at = "late", now

    def _first_seat(self, stay: Stay) -> str:
        partner = next(each for each in self.rules["partner"] if each["name"] == stay.partner)
        return str(partner["owners"][stay.record.crm][0]).casefold()

    def _late(self, stay: Stay, now: datetime) -> bool:
        within = self.routes[stay.route].get("accept_within")
        return within is not None and now >= stay.since + timedelta(hours=int(within.removesuffix("h")))

    def _return_turns(self) -> None:
        """An early refusal gives the turn back, so many times in a month."""
        used: Counter[str] = Counter()
        declined = [stay for stay in self.stays if stay.how == "declined"]
        for stay in sorted(declined, key=lambda stay: (stay.ended_at or stay.since, stay.since)):
            back = self.routes[stay.route].get("give_turn_back")
            if back is None or stay.claimed or stay.ended_at is None:
                continue
            # A partner without hours works all day on weekdays: a working day is 24 hours of those.
            if (
                stay.ended_at <= _a_working_day_after(stay.since)
                and used[stay.partner] < back["most_per_month"]
            ):
                used[stay.partner] += 1
                stay.turn_returned = True

    # ---- the reports --------------------------------------------------------------------------------

    def outcomes(self) -> Counter[str]:
        """Leads by outcome, as the main report names them."""
        return Counter(self._outcome(record) for record in self.records)

    def _outcome(self, record: Record) -> str:
        owners = [c for c in record.changes if c.field == "owner"]
        last = owners[-1] if owners else None
        status = (record.values["status"] or "waiting").casefold()
        if last is None or last.ours:
            return status
        stay = self.last.get(id(record))
        # Whoever takes a record over that is on its way to the next partner has it.
        meanwhile = status == "assigned" and stay and stay.ended_at and last.at >= stay.ended_at
        return "left_alone" if meanwhile or record.owner == "user:sam.selling@acme.example" else status

    def ripening(self, crm: str) -> set[str]:
        """The leads of a CRM that are left to ripen."""
        return {r.id for r in self.records if r.crm == crm and self._outcome(r) == "nurture"}

    def given_up(self) -> int:
        """Leads that are the fallback owner's after partners had them."""
        had = {id(stay.record) for stay in self.stays}
        return sum(self._outcome(each) == "fallback" and id(each) in had for each in self.records)

    def misplaced(self) -> list[str]:
        """Leads that are held by somebody whom their outcome does not name, a sentence each."""
        return [wrong for record in self.records if (wrong := self._misplaced(record))]

    def _misplaced(self, record: Record) -> str | None:
        rules, outcome = self.rules["crm"][record.crm], self._outcome(record)
        stays = [stay for stay in self.stays if stay.record is record]
        last, late = stays[-1:], sum(stay.how == "late" for stay in stays)
        if record.breaches != late and outcome != "left_alone":  # a person's record is not written to
            return f"{record.crm}:{record.id} shows {record.breaches} breaches, and had {late}"
        holders = {
            "assigned": self.seats[last[0].partner] if last else set(),
            "offered": {rules["offer_to"].casefold()},
            "fallback": {rules["fallback_owner"].casefold()},
            "left_alone": {"user:sam.selling@acme.example"}
            | (self.seats[last[0].partner] if last else set()),
        }
        before = {"nobody" if o == "nobody" else o.casefold() for o in rules["take_from"]}
        given_up = {rules["fallback_owner"].casefold()} if last else set()
        allowed = holders.get(outcome, before | given_up)
        owner = (record.owner or "nobody").casefold()
        if owner not in allowed:
            return f"{record.crm}:{record.id} is {outcome}, but {owner} holds it"
        due, wanted = record.values["due"], self._due(last[0]) if last and last[0].open else None
        if outcome == "assigned" and (_time(due) if due else None) != wanted:
            return f"{record.crm}:{record.id} is due {due} rather than {wanted}"
        return None

    def _due(self, stay: Stay) -> datetime | None:
        """By when an open lead is still to be accepted."""
        within = self.routes[stay.route].get("accept_within")
        if within is None or stay.accepted_at:
            return None
        return stay.since + timedelta(hours=int(within.removesuffix("h")))

    def assigned(self) -> Counter[str]:
        """Open leads by partner."""
        return Counter(self.ids[s.partner] for s in self.stays if s.open and not _over(s))

    def open_by_route(self) -> Counter[str]:
        return Counter(s.route for s in self.stays if s.open and not _over(s))

    def turns(self) -> Counter[str]:
        """Turns by partner: every stay that was not claimed took one, unless it was given back."""
        return Counter(self.ids[s.partner] for s in self.stays if not s.claimed and not s.turn_returned)

    def turns_by_rotation(self) -> Counter[str]:
        """The same by rotation; a route without one of its own name has one for itself."""
        named = {name: each.get("rotation", {}).get("name", name) for name, each in self.routes.items()}
        return Counter(named[s.route] for s in self.stays if not s.claimed and not s.turn_returned)

    def late(self) -> Counter[str]:
        return Counter(self.ids[s.partner] for s in self.stays if s.how == "late")

    def performance(self) -> dict[str, dict[str, Any]]:
        """By partner, every figure of `report --performance`."""
        found: dict[str, dict[str, Any]] = {}
        by_partner: defaultdict[str, list[Stay]] = defaultdict(list)
        for stay in self.stays:
            by_partner[self.ids[stay.partner]].append(stay)
        for partner, stays in by_partner.items():
            asked = [s for s in stays if not s.claimed]
            accepted = [s for s in asked if s.accepted_at]
            declined = [s for s in asked if s.how == "declined" and not s.accepted_at]
            late = [s for s in asked if s.how == "late"]
            answers = [(s.accepted_at, s.since) for s in accepted] + [(s.ended_at, s.since) for s in declined]
            minutes = [_minutes(since, at) for at, since in answers if at]
            won = [s for s in stays if s.how == "won"]
            lost = [s for s in stays if s.how == "lost"]
            claimed = [s for s in stays if s.claimed]
            contacted = [s for s in stays if s.touched_at]
            found[partner] = {
                "given": len(stays),
                "claimed": len(claimed),
                "acceptance": (len(accepted), len(accepted) + len(declined) + len(late)),
                "contact": (len(contacted), len(accepted) + len(claimed)),
                "win": (len(won), len(won) + len(lost)),
                "declined": len(declined),
                "lapsed": len(late),
                "responses": len(minutes),
                "response_minutes": median(minutes) if minutes else None,
                "value_won": sum(s.amount or 0 for s in won),
            }
        return found

    def speed(self) -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
        """Every figure of `report --speed`."""
        ways = {
            "in_all": lambda s: "in all",
            "by_partner": lambda s: s.partner,
            "by_route": lambda s: s.route,
        }
        return {name: self._speed(by) for name, by in ways.items()}

    def _speed(self, by: Any) -> dict[str, dict[str, dict[str, Any]]]:
        times: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for stay in self.stays:
            if stay.how == "taken_over" and not stay.accepted_at:
                continue
            spans = {
                "created_to_routed": (stay.record.created_at, stay.since),
                "routed_to_accepted": (stay.since, stay.accepted_at),
                "accepted_to_touched": (stay.accepted_at, stay.touched_at),
                "created_to_touched": (stay.record.created_at, stay.touched_at),
            }
            for step, (since, until) in spans.items():
                times[by(stay)][step]  # a line for each, measured or not
                if since and until:
                    times[by(stay)][step].append(_minutes(since, until))
        return {key: {step: _took(t) for step, t in steps.items()} for key, steps in times.items()}


def _over(stay: Stay) -> bool:
    return stay.record.converted_at is not None and stay.ended_at is not None


def _minutes(since: datetime, until: datetime) -> float:
    return max((until - since).total_seconds() / 60, 0)


def _took(times: Sequence[float]) -> dict[str, Any]:
    if not times:
        return {"count": 0, "median": None, "p90": None}
    ranked = sorted(times)
    return {"count": len(ranked), "median": median(ranked), "p90": ranked[ceil(0.9 * len(ranked)) - 1]}


def _a_working_day_after(since: datetime) -> datetime:
    until = since + timedelta(days=1)
    while until.weekday() > 4:
        until += timedelta(days=1)
    return until
