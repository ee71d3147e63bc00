"""Blind reading: nobody without a name sees more than the reader who sees least, and a copy for a blind reader leaves no file."""

import pytest

from edge.api.live.message import StreamOut, unpack
from edge.api.live.status import status_message
from firmware_bridge.virtual_probe.chest import Chest

API = "/api/v1"
EXAMS = f"{API}/exams"
CHEST = Chest(2, size=128)


@pytest.fixture
def day(crew, view, scan):
    """A preliminary exam with one zone, which `reader` reads blind."""
    for badge, role in (("trainee", "scan"), ("reader", "interpret"), ("other", "interpret")):
        crew.enrol(badge, role)
    crew.trainee, crew.reader = crew.sign_in("trainee"), crew.sign_in("reader")
    crew.exam = crew.trainee.post(EXAMS, json={"protocol": "blue-6"}).json()["id"]
    scan.show(view.exam, CHEST, 5)
    assert crew.trainee.post(f"{EXAMS}/{crew.exam}/zones/L1/keep").status_code == 200
    crew.trainee.post(f"{EXAMS}/{crew.exam}/end")
    return crew


def begin_review(day):
    return day.reader.post(f"{EXAMS}/{day.exam}/reviews").json()


def answered(exam):
    """Whether the answer shows anything that the model states."""
    return exam["shown"] or exam["sum"] != "" or any(zone["findings"] or zone["score"] for zone in exam["zones"])


def looks(day, view):
    """What each kind of person without a name sees of the exam that was taken last."""
    status = status_message(view, StreamOut(watchers=0, built=0, rejected=0))
    with day.browser().websocket_connect(f"{API}/live") as socket:
        streamed, _ = unpack(socket.receive_bytes())
    return {
        "no cookie": day.browser().get(f"{EXAMS}/current").json(),
        "emergency": day.break_glass("192.0.2.66").get(f"{EXAMS}/current").json(),
        "status": status.exam.model_dump(),
        "stream": streamed.exam.model_dump(),
    }


def test_a_blind_reader_sees_nothing_more_without_a_name(day, view):
    assert all(map(answered, looks(day, view).values()))
    review = begin_review(day)
    assert answered(day.reader.get(f"{EXAMS}/current").json()) is False
    assert {name: answered(exam) for name, exam in looks(day, view).items()} == dict.fromkeys(looks(day, view), False)
    assert answered(day.trainee.get(f"{EXAMS}/current").json())
    findings = dict.fromkeys(review["to_read"]["L1"], "not assessable")
    answer = {
        "zones": {"L1": {"findings": findings}},
        "quality": {"scale": "lung-5", "version": "1.0.0", "value": 1},
        "comment": "",
    }
    saved = day.reader.put(f"{API}/reviews/{review['id']}", json=answer, headers={"If-Match": '"1"'})
    assert saved.status_code == 200, saved.text
    assert all(map(answered, looks(day, view).values()))


def test_why_the_model_cannot_tell_is_hidden_from_a_blind_reader(day):
    begin_review(day)
    for finding in day.reader.get(f"{EXAMS}/{day.exam}/findings").json():
        assert (finding["shown"], finding["verdict"], finding["reason"], finding["code"]) == (False, None, "", "")
