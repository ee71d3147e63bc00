"""Scans in an emergency: a stated reason opens no exam and no identity of others, and costs no more than a few sessions."""

import pytest

from edge.people.emergency import ALL, CHANGES, EACH
from edge.records.schema import ExamRow, PatientRow
from firmware_bridge.recorder import FREE_FLOOR_BYTES, Recorder

API = "/api/v1"
EXAMS = f"{API}/exams"
BREAK_GLASS = f"{API}/sessions/break-glass"
ZENEBECH = {"identifier": "P-77031", "issuer": "site", "name": "ዘነበች ወልዴ", "birth_date": "1961-07", "sex": "female"}
CONTEXT = {"complaint": "pain in the left flank"}
SECRETS = ("P-77031", "ዘነበች", "1961-07", "left flank")
OTHER = {"identifier": "X-1", "name": "Other"}
BODIES = {"skip": {"reason": "pain"}, "patient": OTHER, "context": {"complaint": "none"}}
ELSEWHERE = "192.0.2.66"


@pytest.fixture
def of_others(crew):
    """The exam that another person takes now."""
    crew.enrol("trainee", "scan")
    crew.trainee = crew.sign_in("trainee")
    return crew.trainee.post(EXAMS, json={"patient": ZENEBECH, "context": CONTEXT}).json()


@pytest.fixture
def somebody(crew, of_others):
    return crew.break_glass(ELSEWHERE)


def hidden(answer):
    return not any(secret in answer.text for secret in SECRETS)


def on_exams(permitted):
    """Every route of one exam that a break-glass session can ask for."""
    for (method, path), letters in permitted.items():
        if "B" in letters and path.startswith(f"{EXAMS}/{{}}"):
            yield method, path


def test_no_route_shows_or_changes_an_exam_that_began_elsewhere(crew, of_others, somebody, permitted):
    routes = list(on_exams(permitted))
    assert len(routes) >= 11
    for method, path in routes:
        asked = path.replace("{}", of_others["id"], 1).replace("{}", "L1")
        answer = somebody.request(method, asked, json=BODIES.get(path.rpartition("/")[2]), headers={"If-Match": '"1"'})
        assert (answer.status_code, hidden(answer)) == (403, True), (method, asked, answer.text)
        assert answer.json()["fix"]
    now = crew.trainee.get(f"{EXAMS}/{of_others['id']}").json()
    assert (now["version"], now["state"], now["patient"]["name"]) == (of_others["version"], "draft", ZENEBECH["name"])


def test_what_a_break_glass_session_can_read_names_no_patient_of_others(crew, of_others, somebody, permitted):
    for (method, path), _letters in permitted.items():
        if method == "GET":
            assert hidden(somebody.get(path.replace("{}", of_others["id"]))), path
    with somebody.websocket_connect(f"{API}/live") as socket:
        assert not any(secret.encode() in socket.receive_bytes() for secret in SECRETS)


def test_an_exam_of_an_ended_or_another_emergency_is_an_exam_of_others(crew, somebody, of_others):
    crew.trainee.post(f"{EXAMS}/{of_others['id']}/end")
    own = somebody.post(EXAMS, json={"patient": OTHER}).json()
    assert somebody.get(f"{EXAMS}/{own['id']}").json()["patient"]["name"] == "Other"
    assert crew.break_glass("192.0.2.67").get(f"{EXAMS}/{own['id']}").status_code == 403
    again = crew.break_glass(ELSEWHERE)
    assert again.get(f"{EXAMS}/{own['id']}").status_code == 403
    assert again.post(f"{EXAMS}/{own['id']}/end").status_code == 403
    assert crew.trainee.post(f"{EXAMS}/{own['id']}/end").status_code == 200


def test_an_exam_of_others_is_in_the_way_until_it_was_left_for_a_while(crew, view, of_others, somebody, monkeypatch):
    refused = somebody.post(EXAMS, json={})
    assert (refused.status_code, "another person" in refused.json()["detail"]) == (409, True)
    assert crew.trainee.get(f"{EXAMS}/{of_others['id']}").json()["state"] == "draft"
    monkeypatch.setattr("edge.services.exam.LEFT_S", 0)
    assert crew.trainee.post(EXAMS, json={}).status_code == 409
    own = somebody.post(EXAMS, json={})
    assert own.status_code == 201
    assert somebody.post(EXAMS, json={}).status_code == 409
    assert crew.trainee.get(f"{EXAMS}/{of_others['id']}").json()["state"] == "preliminary"
    entries = crew.admin.get(f"{API}/audit", params={"act": "exam.ended"}).json()["items"]
    assert [entry["actor"] for entry in entries] == ["appliance"]


def test_the_own_exam_is_taken_to_its_end(crew, of_others, somebody):
    crew.trainee.post(f"{EXAMS}/{of_others['id']}/end")
    own = f"{EXAMS}/{somebody.post(EXAMS, json={}).json()['id']}"
    assert somebody.post(f"{own}/zones/R1/select").status_code == 200
    assert somebody.post(f"{own}/zones/R1/skip", json={"reason": "pain"}).json()["skipped"] == 1
    read = somebody.get(own)
    named = somebody.put(f"{own}/patient", json=OTHER, headers={"If-Match": read.headers["ETag"]})
    assert named.json()["patient"]["name"] == "Other"
    assert somebody.post(f"{own}/end").json()["state"] == "preliminary"


@pytest.mark.parametrize("stated", [{**ZENEBECH, "name": "Guess"}, {"identifier": "P-77031", "name": ZENEBECH["name"]}])
def test_a_known_identifier_is_answered_like_an_unknown_one(crew, view, of_others, somebody, stated):
    crew.trainee.post(f"{EXAMS}/{of_others['id']}/end")
    added = somebody.post(f"{API}/patients", json=stated)
    begun = somebody.post(EXAMS, json={"patient": stated})
    seen = {"If-Match": begun.headers["ETag"]}
    named = somebody.put(f"{EXAMS}/{begun.json()['id']}/patient", json=stated, headers=seen)
    for answer in (added.json(), begun.json()["patient"], named.json()["patient"]):
        assert (answer["name"], answer["birth_date"]) == (stated["name"], stated.get("birth_date"))
        assert answer["issuer"].startswith("break-glass/")
    with view.store.read() as session:
        own, others = session.get(ExamRow, begun.json()["id"]), session.get(ExamRow, of_others["id"])
        assert own.patient_id != others.patient_id
        assert session.get(PatientRow, others.patient_id).version == 1


def test_one_session_a_place_and_the_newest_replaces_the_one_before(crew):
    first, other = crew.break_glass("2001:db8::1"), crew.break_glass("192.0.2.9")
    second = crew.break_glass("2001:db8::2")  # the same machine with another address
    kinds = [browser.get(f"{API}/sessions/current").json()["kind"] for browser in (first, second, other)]
    assert kinds == ["nobody", "break-glass", "break-glass"]


def test_a_flood_of_emergencies_is_refused_and_never_at_the_board(crew):
    def begin(address):
        return crew.browser(address).post(BREAK_GLASS, json={"reason": "flood"}).status_code

    flood = [begin(f"198.51.100.{number // 20}") for number in range(100)]
    assert set(flood) == {201, 429}
    assert flood.count(201) <= ALL
    assert max(flood[at : at + 20].count(201) for at in range(0, 100, 20)) <= EACH
    refused = crew.browser("203.0.113.1").post(BREAK_GLASS, json={"reason": "real"})
    assert (refused.status_code, refused.json()["type"]) == (429, "urn:sonoedge:emergency-waits")
    assert begin("127.0.0.1") == 201
    assert crew.browser().post(f"{API}/sessions", json={"name": "boss", "pin": "482915"}).status_code == 201
    assert len(crew.admin.get(f"{API}/notices").json()["notices"]) <= ALL + 1


def test_a_flood_of_changes_in_one_emergency_is_refused_and_signing_out_is_not(crew):
    somebody = crew.break_glass(ELSEWHERE)
    changes = [somebody.post(f"{API}/patients", json={**OTHER, "identifier": str(n)}).status_code for n in range(CHANGES + 5)]
    assert changes == [201] * CHANGES + [429] * 5
    assert somebody.delete(f"{API}/sessions/current").status_code == 200


def test_the_exam_and_its_audit_entry_name_the_emergency_session(crew, view):
    somebody = crew.break_glass(ELSEWHERE)
    begun = somebody.post(EXAMS, json={}).json()
    entries = crew.admin.get(f"{API}/audit", params={"act": "break-glass.begun"}).json()["items"]
    details = crew.admin.get(f"{API}/audit", params={"act": "exam.begun"}).json()["items"]
    with view.store.read() as session:
        assert session.get(ExamRow, begun["id"]).session_id == entries[0]["subject"].partition("/")[2]
    assert details[0]["detail"]["session"] == entries[0]["subject"].partition("/")[2]


def floors(monkeypatch):
    asked = []

    class Watched(Recorder):
        def __init__(self, path, info, notice, free_floor=FREE_FLOOR_BYTES):
            asked.append(free_floor)
            super().__init__(path, info, notice, 0)

    monkeypatch.setattr("edge.services.recording.Recorder", Watched)
    monkeypatch.setattr("edge.services.exam.Recorder", Watched)
    return asked


def test_a_recording_in_an_emergency_leaves_the_last_room_to_others(crew, view, monkeypatch):
    asked = floors(monkeypatch)
    crew.enrol("trainee", "scan")
    kept_free = view.settings.kept_free
    for browser in (crew.sign_in("trainee"), crew.break_glass(ELSEWHERE)):
        assert browser.post(f"{API}/recording").status_code == 201
        assert browser.delete(f"{API}/recording").status_code == 200
    assert asked == [FREE_FLOOR_BYTES, kept_free + FREE_FLOOR_BYTES]
    assert kept_free >= FREE_FLOOR_BYTES


def test_a_recording_of_others_is_not_ended(crew, monkeypatch):
    floors(monkeypatch)
    somebody = crew.break_glass(ELSEWHERE)
    assert crew.admin.post(f"{API}/recording").status_code == 201
    assert somebody.delete(f"{API}/recording").status_code == 403
    assert crew.admin.delete(f"{API}/recording").status_code == 200
    assert somebody.post(f"{API}/recording").status_code == 201
    assert somebody.delete(f"{API}/recording").status_code == 200


def test_a_clip_of_an_emergency_leaves_the_last_room_too(view, monkeypatch, crew):
    asked = floors(monkeypatch)
    somebody = crew.break_glass(ELSEWHERE)
    somebody.post(EXAMS, json={})
    view.exam._recorder("L1").close()
    assert asked[-1] >= 2 * FREE_FLOOR_BYTES
