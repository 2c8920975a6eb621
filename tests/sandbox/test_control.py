"""The control endpoint: faults, calls, clock, settings, and what people do on the screen."""

import pytest
import requests

from connector.sandbox.server import Sandbox


class Desk:
    """The control endpoint of the pretend HubSpot."""

    def __init__(self, sandbox: Sandbox, http: requests.Session) -> None:
        self._base = sandbox.hubspot_url + "/__sandbox__"
        self._http = http

    def __call__(self, method: str, path: str, body: object = None) -> requests.Response:
        return self._http.request(method, self._base + path, json=body, timeout=5)


@pytest.fixture
def desk(sandbox: Sandbox, http: requests.Session) -> Desk:
    return Desk(sandbox, http)


def _any_contact(sandbox: Sandbox) -> str:
    return sandbox.run(lambda: sandbox.portal.columns()[0].cards[0].id)


def test_a_fault_is_added_listed_and_removed(desk: Desk) -> None:
    added = desk("POST", "/faults", {"kind": "503", "crm": "hubspot", "nth": 2, "retry_after": 5}).json()
    assert added == {
        "id": added["id"], "kind": "503", "crm": "hubspot", "nth": 2, "seed": 0, "retry_after": "5"
    }  # fmt: skip
    listed = desk("GET", "/faults").json()["faults"]
    assert listed == [{**added, "seen": 0, "fired": 0}]
    assert desk("DELETE", f"/faults/{added['id']}").json() == {"removed": True}
    assert desk("GET", "/faults").json()["faults"] == []


def test_a_fault_that_happened_is_counted_even_when_cleared(
    desk: Desk, sandbox: Sandbox, http: requests.Session
) -> None:
    fault = desk("POST", "/faults", {"kind": "500"}).json()["id"]
    http.get(sandbox.hubspot_url + "/crm/v3/owners", timeout=5)
    desk("DELETE", "/faults")
    assert desk("GET", "/faults").json()["fired"][fault] == 1


def test_calls_are_told_by_crm_and_forgotten_when_asked(
    desk: Desk, sandbox: Sandbox, http: requests.Session
) -> None:
    http.get(sandbox.hubspot_url + "/crm/v3/owners", timeout=5)
    assert desk("GET", "/calls").json() == {"salesforce": {}, "hubspot": {"GET /crm/v3/owners": 1}}
    assert desk("DELETE", "/calls").json() == {"salesforce": {}, "hubspot": {}}


def test_the_clock_is_moved_and_skewed(desk: Desk, sandbox: Sandbox) -> None:
    before = sandbox.clock()
    moved = desk("POST", "/clock", {"advance": 3600, "skew": 90}).json()
    assert (sandbox.clock() - before).total_seconds() == 3600
    assert moved["salesforce"] == moved["time"] != moved["hubspot"]
    assert (sandbox.portal.now() - sandbox.org.now()).total_seconds() == 90
    desk("POST", "/clock", {"skew": 0})


def test_a_setting_is_changed_and_told(desk: Desk, sandbox: Sandbox) -> None:
    assert desk("PATCH", "/settings", {"index_delay": "12.5"}).json()["index_delay"] == 12.5
    assert sandbox.portal.settings.index_delay == 12.5
    desk("PATCH", "/settings", {"index_delay": 0})


def test_a_person_edits_and_deletes_a_record(desk: Desk, sandbox: Sandbox) -> None:
    record = _any_contact(sandbox)
    edited = desk("PATCH", f"/records/{record}?by=dora.direct@acme.example", {"city": "Oslo"}).json()
    assert edited["fields"]["City"] == "Oslo"
    assert edited["history"][0][1:] == ["Dora Direct", "City: Oslo"]
    assert desk("DELETE", f"/records/{record}").json() == {"deleted": record}
    assert desk("GET", f"/records/{record}").status_code == 404


def test_two_records_are_merged(desk: Desk, sandbox: Sandbox) -> None:
    winner, loser = sandbox.run(lambda: [card.id for card in sandbox.portal.columns()[0].cards[:2]])
    survivor = desk("POST", "/merge", {"winner": winner, "loser": loser}).json()["survivor"]
    assert desk("GET", f"/records/{survivor}").ok


def test_new_leads_come_in_while_it_runs(desk: Desk, sandbox: Sandbox) -> None:
    before = sandbox.run(lambda: len(sandbox.portal.table("contacts")))
    lead = {"last_name": "Neu", "email": "neu@firma.example"}
    assert desk("POST", "/leads", {"leads": [lead]}).json() == {"added": 1}
    assert sandbox.run(lambda: len(sandbox.portal.table("contacts"))) == before + 1


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("POST", "/faults", {"kind": "teapot"}, 'There is no kind "teapot"'),
        ("POST", "/faults", ["kind"], "The body must be a JSON object."),
        ("POST", "/clock", {"advance": "soon"}, 'Seconds must be a number, not "soon".'),
        ("POST", "/clock", {"stop": 1}, 'A clock takes "advance" or "skew" in seconds, not "stop".'),
        ("PATCH", "/settings", {"index_dealy": 1}, 'There is no setting "index_dealy"'),
        ("PATCH", "/settings", {"index_delay": "x"}, 'index_delay must be a number, not "x".'),
        ("POST", "/merge", {"winner": "1"}, 'The body lacks "loser".'),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    desk: Desk, method: str, path: str, body: object, message: str
) -> None:
    answer = desk(method, path, body)
    assert answer.status_code == 400
    assert message in answer.json()["error"]


def test_an_unknown_path_or_method_of_the_desk_is_refused(desk: Desk) -> None:
    assert desk("GET", "/nothing").status_code == 404
    assert desk("PUT", "/faults").status_code == 405
