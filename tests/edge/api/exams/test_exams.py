"""Exams, patients, clips and findings by their API, on frames of the simulated chest and with people who are signed in."""

import hashlib

import pytest

from edge.api.live.frame import frame_message
from edge.exam.review.showing import after_review
from firmware_bridge.virtual_probe.chest import Chest

API = "/api/v1"
EXAMS = f"{API}/exams"
CHEST = Chest(2, size=128)
ABEBE = {"identifier": "P-0001", "issuer": "site", "name": "አበበ ቢቂላ", "birth_date": "1984-03", "sex": "male"}


def seen(answer):
    return {"If-Match": answer.headers["ETag"]}


@pytest.fixture
def day(crew, view, scan):
    """A preliminary exam by a trainee, whose one zone is done; `trainee` and `reader` are signed in."""
    crew.enrol("trainee", "scan")
    crew.enrol("reader", "interpret")
    crew.trainee, crew.reader = crew.sign_in("trainee"), crew.sign_in("reader")
    crew.exam = crew.trainee.post(EXAMS, json={"protocol": "blue-6", "patient": ABEBE}).json()
    scan.show(view.exam, CHEST, 5)
    assert crew.trainee.post(f"{EXAMS}/{crew.exam['id']}/zones/L1/keep").status_code == 200
    crew.trainee.post(f"{EXAMS}/{crew.exam['id']}/end")
    return crew


def test_an_exam_begins_is_taken_and_ended_and_stands_as_what_it_is(client, view, scan):
    begun = client.post(EXAMS, json={"protocol": "lus-8", "patient": ABEBE, "context": {"spo2": {"value": 93, "unit": "%"}}})
    stated = begun.json()
    assert (begun.status_code, stated["state"], stated["protocol"], stated["patient"]["name"]) == (201, "draft", "lus-8", "አበበ ቢቂላ")
    assert stated["standing"].startswith("draft, needs review")
    assert (stated["context"]["spo2"]["by"], stated["notice"]) == ("a person without a sign-in", "research use, not a diagnosis")
    assert begun.headers["Location"] == f"{EXAMS}/{stated['id']}"
    zones = [zone["id"] for zone in stated["zones"]]
    path = f"{EXAMS}/{stated['id']}/zones"
    scan.show(view.exam, CHEST, 5)
    kept = client.post(f"{path}/{zones[0]}/keep").json()
    assert (kept["done"], kept["id"], kept["selected"]) == (1, stated["id"], zones[1])
    assert client.post(f"{path}/{zones[2]}/select").json()["selected"] == zones[2]
    assert client.post(f"{path}/{zones[1]}/skip", json={"reason": "pain"}).json()["skipped"] == 1
    assert client.post(f"{path}/{zones[0]}/reopen").json()["done"] == 0
    one = client.get(f"{EXAMS}/{stated['id']}")
    assert one.headers["ETag"] == f'"{one.json()["version"]}"'
    ended = client.post(f"{EXAMS}/{stated['id']}/end", headers=seen(one)).json()
    assert (ended["state"], ended["simulated"]) == ("preliminary", True)
    assert {zone["state"] for zone in ended["zones"]} == {"skipped", "not examined"}


def test_one_page_controls_an_exam_and_another_takes_it_over(client):
    first, second = {"SonoEdge-Page": "first"}, {"SonoEdge-Page": "second"}
    path = f"{EXAMS}/{client.post(EXAMS, json={}, headers=first).json()['id']}"
    assert client.get(f"{EXAMS}/current").json()["controlled_by"] == "first"
    for act, body in {"zones/L2/select": None, "zones/L2/skip": {"reason": "pain"}, "zones/L1/keep": None, "end": None}.items():
        refused = client.post(f"{path}/{act}", json=body, headers=second)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:sonoedge:controlled-elsewhere"), act
    assert client.post(f"{path}/control", headers=second).json()["controlled_by"] == "second"
    assert client.post(f"{path}/zones/L2/select", headers=first).status_code == 409
    assert client.post(f"{path}/zones/L2/select", headers=second).json()["selected"] == "L2"
    assert client.post(f"{path}/zones/L3/select").json()["selected"] == "L3"
    assert client.post(f"{path}/end", headers=second).status_code == 200
    assert client.get(f"{EXAMS}/current").json()["controlled_by"] == ""
    assert client.post(f"{path}/control", headers=first).status_code == 409


def test_two_tablets_that_end_the_same_exam_are_both_answered(client):
    begun = client.post(EXAMS, json={})
    path = f"{EXAMS}/{begun.json()['id']}/end"
    assert client.post(path, headers=seen(begun)).status_code == 200
    late = client.post(path, headers=seen(begun))
    assert (late.status_code, late.json()["detail"]) == (409, "The exam is preliminary: it is not possible to end it")
    other = client.post(EXAMS, json={})
    zone = client.post(f"{EXAMS}/{other.json()['id']}/zones/R1/select")
    assert zone.status_code == 200
    stale = client.post(f"{EXAMS}/{other.json()['id']}/end", headers=seen(other))
    assert (stale.status_code, stale.json()["type"]) == (412, "urn:sonoedge:record-stale")


def test_an_emergency_exam_is_named_later_and_another_persons_identifier_is_refused(client):
    begun = client.post(EXAMS, json={"emergency": True})
    path = f"{EXAMS}/{begun.json()['id']}/patient"
    assert (begun.json()["emergency"], begun.json()["patient"]) == (True, None)
    assert client.post(f"{API}/patients", json=ABEBE).status_code == 201
    assert client.put(path, json=ABEBE).status_code == 428
    other = client.put(path, json={**ABEBE, "name": "Other"}, headers=seen(begun))
    assert (other.status_code, other.json()["type"]) == (409, "urn:sonoedge:patient-other")
    named = client.put(path, json=ABEBE, headers=seen(begun))
    assert (named.status_code, named.json()["patient"]["identifier"]) == (200, "P-0001")
    assert client.put(path, json=ABEBE, headers=seen(begun)).status_code == 412
    reported = client.put(f"{EXAMS}/{begun.json()['id']}/context", json={"complaint": "cough"}, headers=seen(named))
    assert reported.json()["context"]["complaint"] == "cough"


@pytest.mark.parametrize(
    ("wanted", "stated"),
    [
        ({"patient": {**ABEBE, "name": "a" * 10_000}}, "256"),
        ({"patient": {**ABEBE, "name": "Abebe\u202eBikila"}}, "RIGHT-TO-LEFT OVERRIDE"),
        ({"patient": {**ABEBE, "name": "Abebe\x00"}}, "U+0000"),
        ({"patient": {**ABEBE, "birth_date": "2090-01-01"}}, "birth date in 2090"),
        ({"context": {"spo2": {"value": 140, "unit": "%"}}}, "140 % is not possible"),
        ({"context": {"spo2": {"value": 93}}}, "unit"),
        ({"protcol": "lus-8"}, "protcol"),
        ({"context": {"weight": 60}}, "weight"),
        ({"context": {"spo2": {"value": 93, "unit": "%", "site": "ear"}}}, "site"),
        ({"patient": {**ABEBE, "phone": "1"}}, "phone"),
    ],
)
def test_what_cannot_be_is_refused_and_no_exam_begins(client, wanted, stated):
    answer = client.post(EXAMS, json=wanted)
    assert (answer.status_code, stated in answer.json()["detail"]) == (422, True), answer.text
    assert answer.json()["fix"]
    assert client.get(EXAMS).json() == {"items": [], "next": None}


def test_exams_are_listed_a_page_at_a_time(client):
    ids = []
    for _ in range(3):
        ids.append(client.post(EXAMS, json={}).json()["id"])
        client.post(f"{EXAMS}/{ids[-1]}/end")
    first = client.get(EXAMS, params={"limit": 2}).json()
    assert [each["id"] for each in first["items"]] == [ids[2], ids[1]]
    assert [each["id"] for each in client.get(EXAMS, params={"limit": 2, "cursor": first["next"]}).json()["items"]] == [ids[0]]
    assert client.get(EXAMS, params={"state": "draft"}).json()["items"] == []


def test_a_listed_exam_states_how_many_zones_are_done_and_skipped(day):
    again = day.trainee.post(EXAMS, json={}).json()
    day.trainee.post(f"{EXAMS}/{again['id']}/zones/R1/skip", json={"reason": "pain"})
    listed = day.reader.get(EXAMS).json()["items"]
    assert [(each["done"], each["skipped"]) for each in listed] == [(0, 1), (1, 0)]


def test_what_is_of_no_exam_or_of_another_is_not_found(client):
    ended = client.post(EXAMS, json={}).json()["id"]
    client.post(f"{EXAMS}/{ended}/end")
    running = client.post(EXAMS, json={"protocol": "lus-8"}).json()["id"]
    for path in (
        f"{EXAMS}/none",
        f"{EXAMS}/none/clips",
        f"{API}/clips/{running}",
        f"{API}/findings/{running}",
        f"{API}/patients/{running}",
    ):
        assert client.get(path).status_code == 404, path
    assert client.post(f"{EXAMS}/none/zones/L1/select").status_code == 404
    assert client.post(f"{EXAMS}/{running}/zones/L3/select").status_code == 404, "a zone of the other exam's protocol"
    late = client.post(f"{EXAMS}/{ended}/zones/L1/select")
    assert (late.status_code, late.json()["type"]) == (409, "urn:sonoedge:exam-refused")


def test_a_clip_is_read_whole_and_by_ranges_and_its_digest_is_that_of_its_record(day):
    (clip,) = day.reader.get(f"{EXAMS}/{day.exam['id']}/clips").json()
    assert day.reader.get(f"{API}/clips/{clip['id']}").json() == clip
    assert clip["simulated"] is True
    whole = day.reader.get(f"{API}/clips/{clip['id']}/recording")
    assert (whole.status_code, len(whole.content)) == (200, clip["bytes"])
    assert hashlib.sha256(whole.content).hexdigest() == clip["sha256"]
    part = day.reader.get(f"{API}/clips/{clip['id']}/recording", headers={"Range": "bytes=0-7"})
    assert (part.status_code, part.content) == (206, whole.content[:8])


def test_a_recording_that_is_gone_is_reported(day, view):
    (clip,) = day.reader.get(f"{EXAMS}/{day.exam['id']}/clips").json()
    (view.exam._stored.path_of(view.exam._stored.records.get(day.exam["id"])) / clip["file"]).unlink()
    gone = day.reader.get(f"{API}/clips/{clip['id']}/recording")
    assert (gone.status_code, gone.json()["type"]) == (404, "urn:sonoedge:record-unknown")


def test_each_finding_is_decided_on_in_one_call_by_somebody_who_may(day):
    listed = day.reader.get(f"{API}/findings", params={"decision": "open"}).json()["items"]
    assert {each["key"] for each in listed} == {"b_lines", "a_lines", "severity_2_plus"}
    assert all(each["simulated"] and each["shown"] and each["word"] and each["notice"] for each in listed)
    first, second, third = (f"{API}/findings/{each['id']}" for each in listed)
    tag = seen(day.reader.get(first))
    accepted = day.reader.post(f"{first}/decision", json={"decision": "accepted"}, headers=tag)
    assert (accepted.json()["decision"], accepted.json()["decided_by"]) == ("accepted", "Name of reader (reader)")
    assert day.reader.post(f"{first}/decision", json={"decision": "rejected"}, headers=tag).status_code == 412
    assert day.reader.post(f"{second}/decision", json={"decision": "edited"}, headers=tag).status_code == 409
    edited = day.reader.post(f"{second}/decision", json={"decision": "edited", "verdict": "absent"}, headers=tag)
    assert edited.json()["decided"] == "absent"
    assert day.reader.post(f"{third}/decision", json={"decision": "not_assessable"}).status_code == 428
    assert day.reader.post(f"{third}/decision", json={"decision": "maybe"}, headers=tag).status_code == 422
    left = day.reader.get(f"{API}/findings", params={"decision": "open"}).json()["items"]
    assert [f"{API}/findings/{each['id']}" for each in left] == [third]


def test_no_shape_of_what_is_stated_of_an_exam_takes_a_key_that_it_does_not_know(client):
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert all(schemas[name]["additionalProperties"] is False for name in ("ExamBeginIn", "ContextIn", "MeasurementIn", "Identity"))
    measured = [name for name, field in schemas["PatientContext"]["properties"].items() if "Measurement" in str(field)]
    assert measured
    assert all("MeasurementIn" in str(schemas["ContextIn"]["properties"][name]) for name in measured)


def test_after_a_decision_page_api_and_report_state_the_same_sum(day):
    path = f"{EXAMS}/{day.exam['id']}"
    before = day.reader.get(path).json()
    for finding, verdict in zip(day.reader.get(f"{path}/findings").json(), ("present", "absent", "present"), strict=True):
        tag = seen(day.reader.get(f"{API}/findings/{finding['id']}"))
        answer = day.reader.post(f"{API}/findings/{finding['id']}/decision", json={"decision": "edited", "verdict": verdict}, headers=tag)
        assert answer.status_code == 200
    one, live, report = (day.reader.get(each).json() for each in (path, f"{EXAMS}/current", f"{path}/report"))
    assert one["sum"] == live["sum"] == report["sum"] != before["sum"]
    zone = one["zones"][0]
    assert zone == live["zones"][0]
    assert (zone["score"], zone["findings"][0]["stated"], zone["findings"][0]["decision"]) == ("2-3", "present", "edited")


def test_site_policy_keeps_what_the_model_says_from_the_unqualified_and_never_the_quality(day, view):
    view.exam.book._shown = after_review
    for browser, shown in ((day.trainee, False), (day.reader, True)):
        one = browser.get(f"{EXAMS}/{day.exam['id']}").json()
        zone = next(zone for zone in one["zones"] if zone["id"] == "L1")
        findings = browser.get(f"{EXAMS}/{day.exam['id']}/findings").json()
        live = browser.get(f"{EXAMS}/current").json()
        assert (one["shown"], live["shown"]) == (shown, shown)
        assert zone["quality"] > 0
        assert bool(zone["findings"]) is (zone["score"] is not None) is bool(one["sum"]) is bool(live["sum"]) is shown
        assert all((each["probability"] is not None) is (each["decision"] is not None) is shown for each in findings)
        assert len(findings) == 3


def test_while_such_an_exam_is_taken_the_live_image_has_its_quality_and_no_findings(client, view):
    view.publish(1)
    view.exam.book._shown = after_review
    assert client.get(f"{API}/readings").json()[0]["findings"]
    exam = client.post(EXAMS, json={}).json()["id"]
    assert client.get(f"{API}/readings").json()[0]["findings"] == []
    stated = frame_message(view, view.publish(2))
    assert (stated.reading.findings, stated.answers, stated.class_map.planes, bool(stated.reading.reasons)) == ([], [], [], True)
    client.post(f"{EXAMS}/{exam}/end")
    after = frame_message(view, view.publish(3))
    assert [each.key for each in after.answers] == [each.key for each in after.reading.findings] != []


def test_a_patient_is_corrected_by_who_saw_the_newest_version(client):
    added = client.post(f"{API}/patients", json=ABEBE)
    path = f"{API}/patients/{added.json()['id']}"
    assert client.post(f"{API}/patients", json=ABEBE).json() == added.json()
    corrected = client.patch(path, json={"birth_date": "1984-03-09"}, headers=seen(added))
    assert (corrected.json()["birth_date"], corrected.json()["name"], corrected.headers["ETag"]) == ("1984-03-09", "አበበ ቢቂላ", '"2"')
    assert client.patch(path, json={"sex": "other"}, headers=seen(added)).status_code == 412
    assert client.patch(path, json={"birth_date": "2090"}, headers=seen(corrected)).status_code == 422
    assert client.get(path).json() == corrected.json()
    assert [each["id"] for each in client.get(f"{API}/patients").json()["items"]] == [added.json()["id"]]


def test_feedback_counts_no_simulated_exam_and_is_for_those_who_read_exams(day):
    assert day.reader.get(f"{API}/feedback").json() == {"least": 5, "findings": [], "notice": "research use, not a diagnosis"}
    assert day.browser().get(f"{API}/feedback").status_code == 401
    day.enrol("technician", "service")
    assert day.sign_in("technician").get(f"{API}/feedback").status_code == 403
