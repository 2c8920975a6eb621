"""The whole file as one type, collected from each room's own settings."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from connector.notices.settings import NoticesSettings
from connector.routing.partner_settings import TimeZone
from connector.routing.settings import RoutingSettings
from connector.sources.registry import kinds
from connector.sources.settings import HubSpotSettings, SalesforceSettings
from connector.store.engine import StoreSettings
from connector.sync.settings import SafetySettings, ScheduleSettings

if TYPE_CHECKING:
    CrmSettings = SalesforceSettings | HubSpotSettings
else:
    _shapes: Any = reduce(or_, (kind.settings for kind in kinds().values()))
    CrmSettings = Annotated[_shapes, Field(discriminator="kind")]
CrmName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]


class Settings(RoutingSettings):
    """config.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timezone: TimeZone = "UTC"
    mode: Literal["shadow", "live"] = "shadow"
    store: StoreSettings = StoreSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    safety: SafetySettings = SafetySettings()
    notices: NoticesSettings | None = None
    crm: Mapping[CrmName, CrmSettings]
