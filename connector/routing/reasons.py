"""Each reason's code in words: one short sentence that a CRM user can read."""

from collections.abc import Callable, Mapping
from typing import Any

from connector.model.decision import Decision, Reason
from connector.routing.methods import METHODS
from connector.routing.standing import KINDS

REFUSALS: Mapping[str, str] = {
    "suspended": "suspended",
    "no_owner_in_crm": "without an owner in this CRM",
    "outside_country": "outside region",
    "outside_territory": "outside territory",
    "outside_industry": "outside industry",
    "outside_product": "outside product",
    "outside_lead_source": "outside lead source",
    "outside_language": "outside language",
    "below_tier": "below the tier",
    "without_certification": "without the certification",
    "declined_before": "declined before",
    "held_before": "had it before",
    "paused": "paused",
    "retiring": "retiring",
    "away": "away",
    "outside_working_hours": "outside working hours",
    "at_capacity": "at capacity",
    "cap_per_hour": "at this hour's cap",
    "cap_per_day": "at today's cap",
    "cap_per_week": "at this week's cap",
    "cap_per_month": "at this month's cap",
    "cap_rolling": "at a rolling cap",
    "owners_at_cap": "with all owners at their cap",
    "route_cap_per_hour": "at the route's cap for this hour",
    "route_cap_per_day": "at the route's cap for today",
    "route_cap_per_week": "at the route's cap for this week",
    "route_cap_per_month": "at the route's cap for this month",
    "route_cap_rolling": "at the route's rolling cap",
}
"""Why a partner may not have a lead, in words, by code."""

TAKEN_BACK: Mapping[str, str] = {
    "declined": "declined by the partner before",
    "breached": "not accepted in time by the partner before",
    "recycled": "no progress with the partner before",
    "recalled": "taken back from the partner before",
    "released": "released from the partner before, which leaves",
    "leader_moved": "the same person's other lead is no longer with that partner",
}
"""Why a lead is given to another partner, in words, by how the last assignment ended."""

_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "converted": lambda f: "already converted",
    "owner_not_ours_to_take": lambda f: f"held by {f['owner'] or 'nobody'}, who is not on the take_from list",
    "screened": lambda f: f"screen {f['screen']!r}",
    "email_not_known": lambda f: "no e-mail address",
    "email_not_valid": lambda f: "the e-mail address cannot be one",
    "email_not_corporate": lambda f: "the e-mail address is not a company's",
    "competitor": lambda f: "a competitor's domain",
    "our_own": lambda f: "our own domain",
    "test_record": lambda f: "a test record",
    "duplicate": lambda f: (
        f"the same person as {_held(f, 'value')}" if _held(f) else "the same person's second record"
    ),
    "no_consent": lambda f: "no consent to share with partners",
    "embargoed": lambda f: "a country under embargo",
    "data_missing": lambda f: f"missing: {_held(f)}" if _held(f) else "required data is missing",
    "no_need": lambda f: "no need",
    "no_budget": lambda f: "no budget",
    "no_timeline": lambda f: "no timeline",
    "no_authority": lambda f: "not the one who decides",
    "standing": lambda f: (
        f"a record whose place this one takes was {f['named']}'s"
        if f["kind"] == "merged"
        else KINDS[f["kind"]].said(f)
    ),
    "standings_disagree": lambda f: f"{_right(f['first'])}, but {_right(f['other'])}; a person decides",
    "kept_account": lambda f: f"{KINDS[f['kind']].said(f)} that the vendor keeps",
    "registration_undecided": lambda f: f"{KINDS['registration'].said(f)}, but that is not decided yet",
    "registered_for_channel_manager": lambda f: f"{KINDS['registration'].said(f)}; for the channel manager",
    "registered_without_owner": lambda f: (
        f"{KINDS['registration'].said(f)}, but {f['partner']} has no owner in {f['crm']}"
    ),
    "follows_person": lambda f: f"goes along with {f['leader']}, the same person by {f['by']}",
    "person_without_owner": lambda f: (
        f"the same person as {f['leader']}, but {f['partner']} has no owner in {f['crm']}"
    ),
    "standing_of_unknown_partner": lambda f: f"the record names {f['named']}, who is no partner here",
    "standing_set_aside": lambda f: f"{f['partner']} is named but {REFUSALS[f['because']]}",
    "ripened": lambda f: "left to ripen until now",
    "urgent": lambda f: "urgent, and before others",
    "route": lambda f: f"route {f['route']!r}",
    "territory": lambda f: _territory(f),
    "stands_in": lambda f: (
        f"{f['partner']} stands in for {f['instead_of']}, away"
        + (f" until {f['until'][:10]}" if f["until"] else "")
    ),
    "deals_weigh": lambda f: (
        f"{len(f['partners'])} at capacity only with the open deals from their earlier leads"
    ),
    "preferred": lambda f: f"{len(f['kept'])} of {f['of']} best by {f['by']}",
    "picked": lambda f: _picked(f),
    "by_hand": lambda f: f"{f['who']} gave it to {f['partner']}: {f['because']}",
    "waived": lambda f: f"although: {say(Reason(f['objection'], f['facts']))}",
    "refused": lambda f: f"{f['partner']} is {REFUSALS[f['because']]}",
    "already_theirs": lambda f: f"it is with {f['partner']} already",
    "not_in_pool": lambda f: f"{f['partner']} is not in the pool of route {f['route']!r}",
    "no_turn_to_take": lambda f: "no route with a rotation covers this lead, so there is no turn to take",
    "leader_decides": lambda f: f"it follows {f['leader']}: assign that one",
    "offered": lambda f: f"offered to {f['among']} of {f['pool']} that could have it",
    "owner_in_turn": lambda f: f"{f['owner']} is next in turn among {f['among']} owners",
    "nobody_fits": lambda f: _nobody(f["pool"], f["refused"]),
    "no_route": lambda f: "no route covers this lead",
    "held_long_enough": lambda f: "held for its time",
    "no_fallback_owner": lambda f: "this CRM has no fallback owner",
    "taken_back": lambda f: TAKEN_BACK[f["how"]],
    "tried_enough": lambda f: (
        f"{len(f['partners'])} partner{'s' if len(f['partners']) > 1 else ''} had it and did not take it, "
        "which is enough"
    ),
    "nobody_left": lambda f: f"every partner of route {f['route']!r} had it, so waiting changes nothing",
    "never_at_work": lambda f: f"{f['partner']}'s working hours never come, so there is no time to accept by",
    "claimed": lambda f: f"claimed by {f['partner']}, first of {f['among']} that it was offered to",
    "claim_refused": lambda f: f"the claim of {f['by']} does not count: {_why(f['why'])}",
    "claim_beaten": lambda f: f"{f['by']} took it over as well, and the field goes before the owner",
    "claim_by_unknown": lambda f: f"{f['by']} is no partner here, or the user of several",
    "claims_open": lambda f: f"{f['partner']} has {f['most']} claims open, which is the most",
    "claims_today": lambda f: f"{f['partner']} has claimed {f['most']} leads today, which is the most",
    "claims_cooling": lambda f: (
        f"{f['partner']} let claims lapse and may claim again from {f['until'][:16]} UTC"
    ),
    "not_claimed": lambda f: f"none of {f['offered_to']} claimed it in time",
    "changed_by_person": lambda f: f"{f['owner'] or 'nobody'} was made owner by hand",
    "route_paused": lambda f: f"route {f['route']!r} is paused",
    "standing_waits": lambda f: f"it is {f['partner']}'s, who is paused",
    "dropped": lambda f: f"{f['by']} gave the write up: {f['because']}",
    "follows": lambda f: f"follows {f['leader']}",
    "leader_undecided": lambda f: f"follows {f['leader']}, which is not decided yet",
    "merged": lambda f: f"merged into {f['into']}",
    "gone": lambda f: "the record was deleted in the CRM",
    "erased": lambda f: "the person was erased",
}

CODES = tuple(_SENTENCES)


def say(reason: Reason) -> str:
    """One reason in words: the admin's, where the screen has a text of its own."""
    text = reason.facts.get("text")
    return str(text) if text else _SENTENCES[reason.code](reason.facts)


def summary(decision: Decision, longest: int = 255) -> str:
    """The whole path in one line of at most `longest` characters, for a field of the CRM."""
    text = "; ".join(say(reason) for reason in decision.reasons)
    text = text[:1].upper() + text[1:]
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _held(facts: Mapping[str, Any], part: str = "field") -> str:
    """The fields, or another part, of the clauses that held."""
    return ", ".join(str(clause[part]) for clause in facts.get("clauses", ()) if clause["holds"])


def _right(right: Mapping[str, Any]) -> str:
    return f"{right['kind'].replace('_', ' ')} says {right['named'] or 'the vendor'}"


def _picked(facts: Mapping[str, Any]) -> str:
    fit, among = facts.get("fit", facts["among"]), facts["among"]
    if fit == 1:
        return f"the only one of {facts['pool']} that fits"
    whole = f"{facts['pool']} that fit" if among == fit else f"{fit} of {facts['pool']} that fit"
    if among == 1:
        return f"the best of {whole}"
    return f"{METHODS[facts.get('method', 'round_robin')].said(facts)} of {whole}"


def _why(refused: Mapping[str, Any]) -> str:
    return say(Reason(refused["code"], refused["facts"]))


def _nobody(pool: int, refused: Mapping[str, int]) -> str:
    """The refusals, the most frequent first."""
    order = list(REFUSALS)
    ranked = sorted(refused.items(), key=lambda item: (-item[1], order.index(item[0])))
    counts = ", ".join(f"{count} {REFUSALS[code]}" for code, count in ranked)
    return f"0 of {pool} fit: {counts}"


def _territory(facts: Mapping[str, Any]) -> str:
    place = " ".join(str(facts[name]) for name in ("country", "postal_code") if name in facts)
    return f"{place} is the territory of {' and '.join(facts['partners'])} ({', '.join(facts['rows'])})"
