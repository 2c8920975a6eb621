"""The contract through simple-salesforce itself, which speaks https only and so is led to the sandbox."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_soql

from connector.sandbox.salesforce import Org
from tests.sandbox.salesforce.serving import START, Clock, Served

LEAD = {"LastName": "Lovelace", "Company": "Engines Ltd"}
OFF = {"Sforce-Auto-Assign": "FALSE"}


class ToSandbox(requests.adapters.HTTPAdapter):
    """Sends what is meant for https://….salesforce.com to the sandbox, and keeps the host's name."""

    def __init__(self, origin: str) -> None:
        self._origin = urlsplit(origin)
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        asked = urlsplit(str(request.url))
        request.headers.setdefault("Host", asked.netloc)
        request.url = urlunsplit((*self._origin[:2], asked.path, asked.query, ""))
        return super().send(request, *args, **more)


@pytest.fixture
def session(served: Served) -> Any:
    """A session that ends up in the sandbox."""
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", ToSandbox(served.url))
        session.headers.update(OFF)
        yield session


@pytest.fixture
def sf(session: requests.Session) -> Any:
    """simple-salesforce, logged in by client credentials."""
    return Salesforce(
        consumer_key="sandbox-key",
        consumer_secret="sandbox-secret",
        domain="acme.my",
        session=session,
        version="62.0",
    )


def code(error: pytest.ExceptionInfo[Any]) -> str:
    return str(error.value.content[0]["errorCode"])


def test_it_logs_in_by_client_credentials(sf: Any) -> None:
    assert sf.auth_type == "client-credentials"
    assert sf.sf_instance == "acme.my.salesforce.com"


def test_a_wrong_secret_is_its_own_error(session: requests.Session) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        Salesforce(consumer_key="sandbox-key", consumer_secret="x", domain="acme.my", session=session)
    assert refused.value.code == "invalid_client"


def test_it_logs_in_by_jwt(session: requests.Session, org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    org.apps["sandbox-key"].public_key = pem.decode()
    # The library takes the expiry from the machine's clock, which is not the org's.
    encode = jwt.encode
    expiry = str(int(START.timestamp()) + 180)
    monkeypatch.setattr(jwt, "encode", lambda claims, *a, **k: encode({**claims, "exp": expiry}, *a, **k))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    sf: Any = Salesforce(
        username="channel.emea@acme.example",
        consumer_key="sandbox-key",
        privatekey=private,
        instance_url="acme.my",
        domain="login",
        session=session,
    )
    made = sf.Lead.create(LEAD)
    assert sf.Lead.get(made["id"])["CreatedById"] == org.owner_id("channel.emea@acme.example")


def test_rows_are_made_read_changed_and_deleted(sf: Any) -> None:
    made = sf.Lead.create(LEAD)
    assert made["success"] is True
    assert sf.Lead.update(made["id"], {"City": "Graz"}) == 204
    assert sf.Lead.get(made["id"], params={"fields": "City"})["City"] == "Graz"
    assert sf.Lead.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound) as gone:
        sf.Lead.get(made["id"])
    assert code(gone) == "ENTITY_IS_DELETED"


def test_external_ids_find_rows_and_upsert_them(served: Served, sf: Any, org: Org) -> None:
    served.run(org.declare_field, "Lead", "Web_Id__c", size="40", flags="EIQ")
    assert sf.Lead.upsert("Web_Id__c/form 17", LEAD) == 201
    assert sf.Lead.upsert("Web_Id__c/form 17", {"City": "Graz"}) == 200
    assert sf.Lead.get("Web_Id__c/form%2017")["City"] == "Graz"
    sf.Lead.create({**LEAD, "Email": "a@b.example"})
    sf.Lead.create({**LEAD, "Email": "a@b.example"})
    with pytest.raises(SalesforceMoreThanOneRecord) as several:
        sf.Lead.get_by_custom_id("Email", "a@b.example")
    assert len(several.value.content) == 2


def test_queries_follow_their_pages(served: Served, sf: Any, org: Org) -> None:
    served.run(org.add_leads, ({"last_name": f"O'Hara {n}", "company": "C"} for n in range(2500)))
    soql = format_soql("SELECT Id, LastName FROM Lead WHERE LastName LIKE '{:like}%' ORDER BY Id", "O'Hara")
    first = sf.query(soql)
    assert (first["totalSize"], len(first["records"]), first["done"]) == (2500, 2000, False)
    rest = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert (len(rest["records"]), rest["done"]) == (500, True)
    assert len(list(sf.query_all_iter(soql))) == 2500
    locator = first["nextRecordsUrl"].rsplit("/", 1)[1]
    assert len(sf.query_more(locator)["records"]) == 500


def test_deleted_rows_are_queried_when_asked_for(sf: Any) -> None:
    made = sf.Lead.create(LEAD)
    sf.Lead.delete(made["id"])
    soql = "SELECT Id FROM Lead WHERE IsDeleted = true"
    assert sf.query(soql)["totalSize"] == 0
    assert sf.query(soql, include_deleted=True)["totalSize"] == 1


def test_moments_are_written_as_the_library_writes_them(sf: Any) -> None:
    sf.Lead.create(LEAD)
    soql = format_soql(
        "SELECT Id FROM Lead WHERE SystemModstamp >= {} AND Company IN {}", START, ["Engines Ltd"]
    )
    assert sf.query(soql)["totalSize"] == 1


def test_replication_takes_aware_times(sf: Any, clock: Clock) -> None:
    kept, gone = sf.Lead.create(LEAD)["id"], sf.Lead.create(LEAD)["id"]
    sf.Lead.delete(gone)
    clock.advance(300)
    assert sf.Lead.updated(START, clock())["ids"] == [kept]
    assert [each["id"] for each in sf.Lead.deleted(START, clock())["deletedRecords"]] == [gone]


def test_collections_and_composites_go_through_restful(sf: Any, org: Org) -> None:
    dora = org.owner_id("dora.direct@acme.example")
    leads = [sf.Lead.create(LEAD)["id"] for _ in range(2)]
    records = [{"attributes": {"type": "Lead"}, "id": lead, "OwnerId": dora} for lead in leads]
    results = sf.restful("composite/sobjects", method="PATCH", json={"records": records})
    assert [each["success"] for each in results] == [True, True]
    wanted = {"ids": leads, "fields": ["OwnerId"]}
    read = sf.restful("composite/sobjects/Lead", method="POST", json=wanted)
    assert [each["OwnerId"] for each in read] == [dora, dora]
    part = {"method": "GET", "url": f"/services/data/v62.0/sobjects/Lead/{leads[0]}", "referenceId": "a"}
    answer = sf.restful("composite", method="POST", json={"compositeRequest": [part]})
    assert answer["compositeResponse"][0]["body"]["OwnerId"] == dora


def test_what_the_org_tells_can_be_read(sf: Any) -> None:
    assert sf.limits()["DailyApiRequests"]["Max"] == 100_000
    assert sf.restful("../")[-1]["version"] == "68.0"
    assert sf.Lead.describe()["keyPrefix"] == "00Q"
    assert sf.Lead.metadata()["objectDescribe"]["name"] == "Lead"
    assert "Lead" in {each["name"] for each in sf.describe()["sobjects"]}
    sf.query("SELECT Id FROM Lead")
    assert sf.api_usage["api-usage"].total == 100_000


def test_each_kind_of_refusal_is_the_exception_it_should_be(sf: Any, org: Org) -> None:
    lead = sf.Lead.create(LEAD)["id"]
    with pytest.raises(SalesforceMalformedRequest) as bad:
        sf.query("SELECT Nope FROM Lead")
    assert code(bad) == "INVALID_FIELD"
    with pytest.raises(SalesforceGeneralError) as conflict:
        sf.Lead.update(
            lead, {"City": "Graz"}, headers={"If-Unmodified-Since": "Mon, 23 Nov 2026 11:00:00 GMT"}
        )
    assert conflict.value.status == 412
    org.settings.daily_api_calls = org.limits.used
    with pytest.raises(SalesforceRefusedRequest) as limited:
        sf.query("SELECT Id FROM Lead")
    assert code(limited) == "REQUEST_LIMIT_EXCEEDED"


def test_an_expired_session_is_renewed_without_the_headers_of_the_call(
    served: Served, session: requests.Session, sf: Any, org: Org
) -> None:
    """Why the connector puts its headers on the session: the library drops those of a call it repeats."""
    del session.headers["Sforce-Auto-Assign"]
    dora = org.owner_id("dora.direct@acme.example")
    lead = sf.Lead.create(LEAD, headers=OFF)["id"]
    sf.Lead.update(lead, {"OwnerId": dora}, headers=OFF)
    assert sf.Lead.get(lead)["OwnerId"] == dora
    served.run(org.sessions.revoke_all)
    sf.Lead.update(lead, {"City": "Graz"}, headers=OFF)
    assert sf.Lead.get(lead)["OwnerId"] == org.owner_id("Web_Intake")


def test_a_session_that_was_handed_over_is_not_renewed(
    served: Served, session: requests.Session, sf: Any, org: Org
) -> None:
    direct = Salesforce(
        session_id=sf.session_id, instance_url="https://acme.my.salesforce.com", session=session
    )
    assert direct.query("SELECT Id FROM Lead")["totalSize"] == 0
    served.run(org.sessions.revoke_all)
    with pytest.raises(SalesforceExpiredSession) as expired:
        direct.query("SELECT Id FROM Lead")
    assert code(expired) == "INVALID_SESSION_ID"
