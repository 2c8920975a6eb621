"""The account itself: its time zone, and what was used of its daily limit."""

from zoneinfo import ZoneInfo

from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.stamps import moment, stamp


def details(call: Call) -> Answer:
    """GET …/details."""
    zone = call.portal.settings.time_zone
    offset = moment(call.now).astimezone(ZoneInfo(zone)).utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    return Answer(
        200,
        {
            "portalId": call.portal.portal_id,
            "accountType": "STANDARD",
            "timeZone": zone,
            "companyCurrency": "EUR",
            "additionalCurrencies": [],
            "utcOffset": f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}",
            "utcOffsetMilliseconds": minutes * 60_000,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "na1",
        },
    )


def daily_usage(call: Call) -> Answer:
    """GET …/api-usage/daily/private-apps."""
    portal = call.portal
    usage = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": portal.settings.daily_limit,
        "currentUsage": portal.limits.used_today(),
        "collectedAt": stamp(call.now),
        "fetchStatus": "SUCCESS",
        "resetsAt": stamp(portal.limits.midnight(call.now)),
    }
    return Answer(200, {"results": [usage]})
