"""Whatever is sent, the answer is one of Salesforce's, and the org stays usable."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.salesforce.serving import Client

LEAD = "00QSb0000000001MAA"
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**63), max_value=2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(["nan", "inf", LEAD, "2026-13-01", "0001-01-01T00:00:00+14:00", "@{r0.id}", "Lead"]),
)
NAMES = st.sampled_from(
    (
        *("id", "Id", "attributes", "type", "records", "ids", "fields", "allOrNone", "LastName", "Company"),
        *(
            "NumberOfEmployees",
            "Accept_By__c",
            "OwnerId",
            "Share_OK__c",
            "AnnualRevenue",
            "Owner",
            "Username",
        ),
        *(
            "compositeRequest",
            "batchRequests",
            "method",
            "url",
            "referenceId",
            "body",
            "httpHeaders",
            "Email",
        ),
        "richInput",
    )
)
JSON = st.recursive(
    VALUES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=5)),
    max_leaves=14,
)
RECORD = st.dictionaries(NAMES, VALUES, max_size=6)
COLLECTION = st.fixed_dictionaries(
    {"records": st.lists(st.one_of(RECORD, JSON), max_size=3), "allOrNone": st.booleans()}
)
PART = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["GET", "PATCH", "POST", "DELETE", "nonsense"]),
        "url": st.sampled_from(
            [
                f"/services/data/v62.0/sobjects/Lead/{LEAD}",
                "/services/data/v62.0/query?q=SELECT",
                "",
                "%",
                "://",
            ]
        ),
        "referenceId": st.sampled_from(["r0", "r1", "r2", ""]),
    },
    optional={"body": JSON, "httpHeaders": JSON},
)
REQUESTS = st.one_of(
    st.tuples(
        st.sampled_from(["POST", "PATCH"]), st.just("/composite/sobjects"), st.one_of(COLLECTION, JSON)
    ),
    st.tuples(st.just("PATCH"), st.just("/composite/sobjects/Lead/Email"), st.one_of(COLLECTION, JSON)),
    st.tuples(st.just("POST"), st.just("/composite/sobjects/Lead"), JSON),
    st.tuples(st.just("POST"), st.just("/sobjects/Lead"), st.one_of(RECORD, JSON)),
    st.tuples(st.just("PATCH"), st.just(f"/sobjects/Lead/{LEAD}"), st.one_of(RECORD, JSON)),
    st.tuples(
        st.just("POST"), st.just("/composite"), st.fixed_dictionaries({"compositeRequest": st.lists(PART)})
    ),
    st.tuples(st.just("POST"), st.sampled_from(["/composite", "/composite/batch"]), JSON),
)
WORDS = st.sampled_from(
    (
        *(
            "SELECT",
            "FROM",
            "WHERE",
            "AND",
            "OR",
            "NOT",
            "IN",
            "LIKE",
            "(",
            ")",
            ",",
            "=",
            "!=",
            ">",
            "INCLUDES",
        ),
        *("'a'", "'%'", "null", "true", "1", "-1.5", "99999999999999999999", "TODAY", "2026-01-01"),
        *("Id", "Name", "Email", "OwnerId", "Owner.Name", "Owner.Type", "CreatedDate", "NumberOfEmployees"),
        *("Lead", "User", "COUNT()", "COUNT(Id)", "MAX(Id)", "FIELDS(ALL)", "CALENDAR_YEAR(CreatedDate)"),
        *("GROUP BY", "HAVING", "ORDER BY", "ASC", "NULLS LAST", "LIMIT", "OFFSET", "FOR UPDATE", "ALL ROWS"),
        *("LAST_N_DAYS:99999999999", "NEXT_N_YEARS:9999", "2026-99-99T00:00:00Z", "2026-01-01T00:00:00Z"),
        *("Address", "Description"),
    )
)
ROWS = "SELECT Id FROM Lead WHERE "
SOQL = st.one_of(
    st.lists(WORDS, max_size=14).map(" ".join),
    st.lists(WORDS, max_size=9).map(lambda words: ROWS + " ".join(words)),
    st.lists(WORDS, max_size=4).map(lambda words: f"SELECT {', '.join(words)} FROM Lead"),  # noqa: S608
    st.integers(1, 3000).map(lambda n: ROWS + "NOT " * n + "Name = 'a'"),
    st.integers(1, 2000).map(lambda n: f"{ROWS}{'(' * n}Name = 'a'{')' * n}"),
    st.integers(1, 900).map(lambda n: ROWS + " OR ".join(["Name = 'a'"] * n)),
)
RELAXED = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def check(client: Client, answer: Any) -> None:
    assert answer.status_code in (200, 201, 204, 400, 403, 404, 405, 412, 414), answer.text
    if answer.status_code >= 400:
        (first, *_) = answer.json()
        assert {"message", "errorCode"} <= first.keys()


@pytest.fixture
def lead(client: Client) -> str:
    """The lead that some requests aim at."""
    lead = client.lead()
    assert lead == LEAD
    return lead


@pytest.mark.usefixtures("lead")
@RELAXED
@given(request=REQUESTS)
def test_no_body_breaks_the_sandbox(client: Client, request: tuple[str, str, Any]) -> None:
    method, path, body = request
    check(client, client.call(method, path, json=body))


@pytest.mark.usefixtures("lead")
@RELAXED
@given(soql=SOQL)
def test_no_query_breaks_the_sandbox(client: Client, soql: str) -> None:
    check(client, client.call("GET", "/query", params={"q": soql}))
