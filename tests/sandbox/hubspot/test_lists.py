"""Lists of the sandbox, as HubSpot's own client sees them."""

import pytest
from hubspot import HubSpot
from hubspot.crm.lists import ApiException, MembershipChangeRequest

from connector.sandbox.hubspot.access import SANDBOX_TOKEN
from connector.sandbox.server import Sandbox


def test_lists_are_found_by_name_and_take_members_once() -> None:
    with Sandbox([], [{"last_name": "Meier"}, {"last_name": "Roe"}]) as sandbox:
        client = HubSpot(access_token=SANDBOX_TOKEN)
        lists, members = client.crm.lists.lists_api, client.crm.lists.memberships_api
        for api in (lists, members):
            api.api_client.configuration.host = sandbox.hubspot_url
        found = lists.get_by_name("partner NURTURE", "0-1").list
        one, two = (str(each) for each in sandbox.portal.table("contacts").records)
        answer = members.add(found.list_id, [one, two, "17"])
        assert (answer.records_ids_added, answer.record_ids_missing) == ([one, two], ["17"])
        assert members.add(found.list_id, [one]).records_ids_added == []
        change = MembershipChangeRequest(record_ids_to_add=[], record_ids_to_remove=[one])
        assert members.add_and_remove(found.list_id, change).record_ids_removed == [one]
        assert [each.record_id for each in members.get_page(found.list_id).results] == [two]
        sandbox.run(sandbox.portal.lists.add, "Active", "0-1", "DYNAMIC", 0)
        active = lists.get_by_name("Active", "0-1").list
        with pytest.raises(ApiException) as refused:
            members.add(active.list_id, [one])
        assert refused.value.status == 400
        with pytest.raises(ApiException) as unknown:
            lists.get_by_name("Nowhere", "0-1")
        assert unknown.value.status == 404
