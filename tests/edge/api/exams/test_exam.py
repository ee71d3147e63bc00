"""The open exam by the API, on frames of the simulated chest."""

from dataclasses import replace

import pytest

from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

EXAMS = "/api/v1/exams"
CURRENT = f"{EXAMS}/current"
CHEST = Chest(2, size=200)


def zone(stated, zone_id):
    return next(each for each in stated["zones"] if each["id"] == zone_id)


def begin(client):
    """The address of a new exam under the protocol of the last one."""
    begun = client.post(EXAMS, json={})
    assert begun.status_code == 201
    return begun.headers["Location"]


def test_every_protocol_is_listed_and_can_be_read_whole(client):
    listed = client.get("/api/v1/protocols").json()
    assert {each["id"]: each["zones"] for each in listed} == {"blue-6": 6, "lus-8": 8, "lus-12": 12, "lus-14": 14}
    whole = client.get("/api/v1/protocols/lus-12").json()
    assert len(whole["zones"]) == 12
    assert whole["score"]["patterns"]


def test_before_an_exam_every_zone_is_not_examined(client):
    stated = client.get(CURRENT).json()
    assert not stated["running"]
    assert {each["state"] for each in stated["zones"]} == {"not examined"}
    assert stated["sum"] == "No total yet: 0 of 6 zones scored"
    assert stated["notice"] == "research use, not a diagnosis"


def test_zones_are_kept_skipped_reopened_and_never_silently_normal(client, view, scan):
    exam = begin(client)
    scan.show(view.exam, CHEST, 5)
    kept = client.post(f"{exam}/zones/L1/keep").json()
    assert (kept["done"], kept["selected"], zone(kept, "L1")["state"]) == (1, "L2", "done")
    assert {finding["key"] for finding in zone(kept, "L1")["findings"]} == {"b_lines", "a_lines", "severity_2_plus"}
    assert zone(kept, "L1")["quality"] > 0
    skipped = client.post(f"{exam}/zones/L2/skip", json={"reason": "other", "note": "burnt skin"}).json()
    assert (zone(skipped, "L2")["state"], skipped["skipped"]) == ("skipped", 1)
    assert "burnt skin" in zone(skipped, "L2")["reason"]
    chosen = client.post(f"{exam}/zones/R3/select").json()
    assert chosen["selected"] == "R3"
    again = client.post(f"{exam}/zones/L1/reopen").json()
    assert zone(again, "L1")["state"] == "not examined"
    assert client.post(f"{exam}/end").json()["state"] == "preliminary"
    ended = client.get(CURRENT).json()
    assert (ended["running"], exam) == (False, f"{EXAMS}/{ended['id']}")
    assert zone(ended, "R1")["state"] == "not examined"


def test_recording_anyway_is_marked_and_counted(client, view, scan):
    exam = begin(client)
    scan.show(view.exam, replace(CHEST, depth_mm=60.0), 5)
    asked = client.get(CURRENT).json()
    assert [each["code"] for each in asked["gate"]["refusals"]] == ["TOO_SHALLOW"]
    anyway = client.post(f"{exam}/zones/L1/record-anyway").json()
    assert (anyway["gate"]["state"], anyway["recorded_anyway"]) == ("overridden", 1)
    scan.show(view.exam, replace(CHEST, depth_mm=60.0), 5)
    kept = client.post(f"{exam}/zones/L1/keep").json()
    assert zone(kept, "L1")["recorded_anyway"] == ["TOO_SHALLOW"]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (("post", EXAMS, {"protocol": "lus-13"}), (404, "urn:sonoedge:protocol-unknown")),
        *((("post", f"{EXAMS}/none/zones/L1/{act}", None), (404, "urn:sonoedge:record-unknown")) for act in ("keep", "select", "reopen")),
        (("post", f"{EXAMS}/none/end", None), (404, "urn:sonoedge:record-unknown")),
        (("get", "/api/v1/exam", None), (404, "about:blank")),
        (("get", "/api/v1/protocols/none", None), (404, "urn:sonoedge:protocol-unknown")),
        (("post", f"{EXAMS}/none/zones/L1/skip", {"reason": "bored"}), (422, "about:blank")),
        (("post", EXAMS, {"protocl": "lus-8"}), (422, "about:blank")),
    ],
)
def test_what_cannot_be_done_is_a_problem_with_the_next_step(client, asked, answered):
    method, path, body = asked
    answer = client.request(method, path, json=body)
    assert (answer.status_code, answer.json()["type"]) == answered
    assert answer.json()["fix"]


def test_a_zone_that_the_protocol_has_not_is_named(client):
    answer = client.post(f"{begin(client)}/zones/Q9/select")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:sonoedge:zone-unknown")
    assert "L1" in answer.json()["fix"]


def test_an_act_on_an_exam_that_is_not_open_changes_nothing_of_the_open_one(client):
    ended = begin(client)
    client.post(f"{ended}/end")
    running = begin(client)
    before = client.get(CURRENT)
    for act in ("select", "reopen", "keep", "record-anyway"):
        late = client.post(f"{ended}/zones/L2/{act}")
        assert (late.status_code, late.json()["type"]) == (409, "urn:sonoedge:exam-refused"), act
        assert "/exams/current" in late.json()["fix"]
    other = client.post(f"{running}/zones/R1/keep")
    assert (other.status_code, other.json()["detail"]) == (409, "Zone R1 is not selected; the selected zone is L1")
    assert {**client.get(CURRENT).json(), "as_of_ms": 0} == {**before.json(), "as_of_ms": 0}
    assert before.headers["ETag"] == f'"{before.json()["version"]}"'


def test_reasons_for_a_skip_are_offered(client):
    assert {"pain", "other"} <= {each["reason"] for each in client.get("/api/v1/skip-reasons").json()}


def test_a_chest_in_the_air_is_advised_on(client, view, scan):
    scan.show(view.exam, replace(CHEST, faults=Faults(air=1.0)), 3)
    assert view.exam.status.live.advice.code == "NO_CONTACT"
