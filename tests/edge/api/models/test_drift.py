"""The drift watch over the API: what it states, who decides, and what is refused."""

import time

from edge.feedback.drift.course import REFERENCE_EXAMS
from tests.edge.feedback.drift.site import Site

API = "/api/v1"
PATIENCE_S = 240


def computed(client, view):
    view.drift.look()
    end = time.monotonic() + PATIENCE_S
    while (found := client.get(f"{API}/drift").json())["running"]:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert not found["failed"]
    return found


def test_nothing_is_stated_before_the_first_exams_and_then_how_many_are_collected(client, view):
    found = client.get(f"{API}/drift").json()
    assert (found["state"], found["watch"], found["about"], found["evidence"]) == (None, None, None, [])
    Site(view.store).exams(3, release=view.models.release.ident)
    found = computed(client, view)
    assert (found["state"], found["watch"]["reference"]["exams"], found["watch"]["reference"]["wanted"]) == (
        "collecting",
        3,
        REFERENCE_EXAMS,
    )
    assert "not a diagnosis" in found["notice"]


def test_a_stop_is_shown_with_its_evidence_and_an_over_reader_or_administrator_decides(crew, view):
    ident = view.models.release.ident
    site = Site(view.store)
    site.exams(REFERENCE_EXAMS + 5, release=ident)
    site.exams(20, gain=4, release=ident)
    found = computed(crew.admin, view)
    assert (found["state"], found["abstains"]) == ("stop", False)
    assert "bright" in {each["channel"] for each in found["evidence"]}
    assert len(found["watch"]["lines"][0]["shares"]) == len(found["watch"]["at_exams"])
    given = {"decision": "watch-again", "reason": "The gain is corrected", "release": ident, "exam_id": found["about"]}
    stale = crew.admin.post(f"{API}/drift/decisions", json={**given, "exam_id": "another"})
    assert (stale.status_code, stale.json()["type"]) == (412, "urn:sonoedge:record-stale")
    answer = crew.admin.post(f"{API}/drift/decisions", json=given)
    assert answer.status_code == 201
    assert [(each["act"], each["reason"]) for each in answer.json()["events"]] == [("watch-again", given["reason"]), ("stopped", "")]
    assert (answer.json()["about"], computed(crew.admin, view)["state"]) == (None, "steady")
    refused = crew.admin.post(f"{API}/drift/decisions", json=given)
    assert (refused.status_code, refused.json()["type"], refused.json()["says"]["code"]) == (
        409,
        "urn:sonoedge:drift-nothing-to-decide",
        "drift_nothing",
    )


def test_a_decision_needs_a_reason_and_a_known_word(crew, view):
    given = {"decision": "watch-again", "reason": " ", "release": view.models.release.ident, "exam_id": "x"}
    refused = crew.admin.post(f"{API}/drift/decisions", json=given)
    assert (refused.status_code, refused.json()["says"]["code"]) == (422, "drift_no_reason")
    assert crew.admin.post(f"{API}/drift/decisions", json={**given, "decision": "nothing"}).status_code == 422
