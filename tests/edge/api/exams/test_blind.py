"""Blind reading: nobody without a name sees more than the reader who sees least, and a copy for a blind reader leaves no file."""

import asyncio

import pytest
from starlette.requests import ClientDisconnect

from edge.api.exams.clips import _blind_copy
from edge.api.live.message import StreamOut, unpack
from edge.api.live.status import status_message
from edge.api.nameless import NamelessFileResponse
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


@pytest.fixture
def clip(day):
    """The path of the recording for the blind reader."""
    begin_review(day)
    (made,) = day.reader.get(f"{EXAMS}/{day.exam}/clips").json()
    return f"{API}/clips/{made['id']}/recording"


@pytest.mark.parametrize(
    ("asked", "status"),
    [("bytes=0-7", 206), ("bytes=0-7,20-27", 206), ("bytes=999999999-", 416), ("bytes=x", 400), ("lines=1-2", 400), ("", 200)],
)
def test_no_copy_for_a_blind_reader_is_left(day, clip, tmp_path, asked, status):
    before = sorted(tmp_path.glob("exams/*/*"))
    answer = day.reader.get(clip, headers={"Range": asked} if asked else {})
    assert answer.status_code == status
    assert sorted(tmp_path.glob("exams/*/*")) == before


def test_while_it_is_sent_the_copy_has_no_name(day, clip, tmp_path):
    (recording,) = tmp_path.glob("exams/*/*.mcap")
    before = sorted(recording.parent.iterdir())
    with _blind_copy(recording) as copy:
        assert sorted(recording.parent.iterdir()) == before
        assert copy.seek(0, 2) > 0


def test_the_copy_is_closed_where_the_client_hangs_up(tmp_path):
    file = (tmp_path / "copy").open("w+b")
    file.write(b"x" * 1000)
    file.flush()

    async def gone(_message):
        raise ClientDisconnect

    async def receive():
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "headers": [], "asgi": {"spec_version": "2.4"}}
    with pytest.raises(ClientDisconnect):
        asyncio.run(NamelessFileResponse(file, media_type="x/y", filename="a")(scope, receive, gone))
    assert file.closed


def test_a_full_disk_is_an_answer_and_leaves_nothing(day, clip, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("edge.api.exams.clips.without_readings", full)
    before = sorted(tmp_path.glob("exams/*/*"))
    answer = day.reader.get(clip)
    assert (answer.status_code, answer.json()["type"]) == (507, "urn:sonoedge:records-not-written")
    assert sorted(tmp_path.glob("exams/*/*")) == before
