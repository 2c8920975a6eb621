"""How the portal behaves beyond what HubSpot always does; every value may be changed at any time."""

from dataclasses import dataclass


@dataclass
class Settings:
    """All times are in seconds. Of the limits the headers always tell; they refuse only if enforced.

    `index_delay`: how far search is behind the records; of every `late_every`-th record (0: none) by
    `late_by` more. `bump_after_create`: when HubSpot's own work moves the change stamp of a new record
    (0: never). `reset_owner_to`: the owner's e-mail address (or "nobody") that an automation sets whenever
    anyone else changes an owner, `reset_owner_after` that time. `association_page`: how many links of one
    record a batch read tells at once.
    """

    index_delay: float = 0.0
    late_every: int = 0
    late_by: float = 300.0
    bump_after_create: float = 0.0
    merge_makes_new_record: bool = False
    reset_owner_to: str = ""
    reset_owner_after: float = 0.0
    enforce_limits: bool = False
    burst_limit: int = 190
    oauth_burst_limit: int = 110
    search_limit: int = 5
    association_burst_limit: int = 150
    daily_limit: int = 650_000
    association_daily_limit: int = 500_000
    association_page: int = 500
    time_zone: str = "America/New_York"
