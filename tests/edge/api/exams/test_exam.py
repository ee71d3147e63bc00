"""An exam by its API, on frames of the simulated chest."""

from dataclasses import replace

import pytest

from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

EXAM = "/api/v1/exam"
CHEST = Chest(2, size=200)


def zone(said, zone_id):
    return next(each for each in said["zones"] if each["id"] == zone_id)


def test_every_protocol_is_listed_and_can_be_read_whole(client):
    listed = client.get("/api/v1/protocols").json()
    assert {each["id"]: each["zones"] for each in listed} == {"blue-6": 6, "lus-8": 8, "lus-12": 12, "lus-14": 14}
    whole = client.get("/api/v1/protocols/lus-12").json()
    assert len(whole["zones"]) == 12
    assert whole["score"]["patterns"]


def test_before_an_exam_every_zone_is_not_examined(client):
    said = client.get(EXAM).json()
    assert not said["running"]
    assert {each["state"] for each in said["zones"]} == {"not examined"}
    assert said["sum"].startswith("incomplete: 0 of 6")
    assert said["notice"] == "research use, not a diagnosis"


def test_zones_are_kept_skipped_reopened_and_never_silently_normal(client, view, scan):
    assert client.post(EXAM, json={}).status_code == 201
    scan.show(view.exam, CHEST, 5)
    kept = client.post(f"{EXAM}/keep").json()
    assert (kept["done"], kept["selected"], zone(kept, "L1")["state"]) == (1, "L2", "done")
    assert {finding["key"] for finding in zone(kept, "L1")["findings"]} == {"b_lines", "a_lines", "severity_2_plus"}
    assert zone(kept, "L1")["quality"] > 0
    skipped = client.post(f"{EXAM}/skip", json={"zone": "L2", "reason": "other", "note": "burnt skin"}).json()
    assert (zone(skipped, "L2")["state"], skipped["skipped"]) == ("skipped", 1)
    assert "burnt skin" in zone(skipped, "L2")["reason"]
    chosen = client.put(f"{EXAM}/zone", json={"zone": "R3"}).json()
    assert chosen["selected"] == "R3"
    again = client.post(f"{EXAM}/reopen", json={"zone": "L1"}).json()
    assert zone(again, "L1")["state"] == "not examined"
    ended = client.delete(EXAM).json()
    assert not ended["running"]
    assert zone(ended, "R1")["state"] == "not examined"


def test_recording_anyway_is_marked_and_counted(client, view, scan):
    client.post(EXAM, json={})
    scan.show(view.exam, replace(CHEST, depth_mm=60.0), 5)
    asked = client.get(EXAM).json()
    assert [each["code"] for each in asked["gate"]["refusals"]] == ["TOO_SHALLOW"]
    anyway = client.post(f"{EXAM}/record-anyway").json()
    assert (anyway["gate"]["state"], anyway["recorded_anyway"]) == ("overridden", 1)
    scan.show(view.exam, replace(CHEST, depth_mm=60.0), 5)
    kept = client.post(f"{EXAM}/keep").json()
    assert zone(kept, "L1")["recorded_anyway"] == ["TOO_SHALLOW"]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (("post", EXAM, {"protocol": "lus-13"}), (404, "urn:sonoedge:protocol-unknown")),
        (("post", f"{EXAM}/keep", None), (409, "urn:sonoedge:exam-refused")),
        (("delete", EXAM, None), (409, "urn:sonoedge:exam-refused")),
        (("put", f"{EXAM}/zone", {"zone": "L1"}), (409, "urn:sonoedge:exam-refused")),
        (("get", "/api/v1/protocols/none", None), (404, "urn:sonoedge:protocol-unknown")),
        (("post", f"{EXAM}/skip", {"zone": "L1", "reason": "bored"}), (422, "about:blank")),
        (("post", EXAM, {"protocl": "lus-8"}), (422, "about:blank")),
    ],
)
def test_what_cannot_be_done_is_a_problem_with_the_next_step(client, asked, answered):
    method, path, body = asked
    answer = client.request(method, path, json=body)
    assert (answer.status_code, answer.json()["type"]) == answered
    assert answer.json()["fix"]


def test_a_zone_that_the_protocol_has_not_is_named(client):
    client.post(EXAM, json={})
    answer = client.put(f"{EXAM}/zone", json={"zone": "Q9"})
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:sonoedge:zone-unknown")
    assert "L1" in answer.json()["fix"]


def test_reasons_for_a_skip_are_offered(client):
    assert {"pain", "other"} <= {each["reason"] for each in client.get("/api/v1/skip-reasons").json()}


def test_a_chest_in_the_air_is_advised_on(client, view, scan):
    scan.show(view.exam, replace(CHEST, faults=Faults(air=1.0)), 3)
    assert view.exam.status.live.advice.code == "NO_CONTACT"
