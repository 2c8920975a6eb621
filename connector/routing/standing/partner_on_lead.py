"""The record already names a partner."""

from connector.routing.standing.base import Kind, Seen, Standing


def _find(seen: Seen) -> Standing | None:
    named = seen.facts.shown.get("partner")
    if named is None or seen.ref in seen.snapshot.taken_back:  # where it was taken back, we wrote the name
        return None
    partner = seen.rules.partner_ids.get(str(named).casefold())
    return Standing("partner_on_lead", partner, {"named": str(named)})


PARTNER_ON_LEAD = Kind(
    find=_find,
    said=lambda evidence: f"the record already names {evidence['named']}",
    rule=lambda rules: "the partner that the record already names",
)
