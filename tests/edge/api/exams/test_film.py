"""The film of a clip by the API: each frame as a message of the live stream, for a blind reader too; what cannot be shown is stated."""

import json
import struct

import pytest
import simplejpeg

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.virtual_probe.chest import Chest

API = "/api/v1"
EXAMS = f"{API}/exams"
CHEST = Chest(2, size=128)
FRAMES = 5


@pytest.fixture
def day(crew, view, scan):
    """A preliminary exam with one zone, which `reader` reads blind; `film` is the path of its film."""
    for badge, role in (("trainee", "scan"), ("reader", "interpret")):
        crew.enrol(badge, role)
    crew.trainee, crew.reader = crew.sign_in("trainee"), crew.sign_in("reader")
    crew.exam = crew.trainee.post(EXAMS, json={"protocol": "blue-6"}).json()["id"]
    scan.show(view.exam, CHEST, FRAMES)
    assert crew.trainee.post(f"{EXAMS}/{crew.exam}/zones/L1/keep").status_code == 200
    crew.trainee.post(f"{EXAMS}/{crew.exam}/end")
    assert crew.reader.post(f"{EXAMS}/{crew.exam}/reviews").status_code in {200, 201}
    (crew.clip,) = crew.reader.get(f"{EXAMS}/{crew.exam}/clips").json()
    crew.film = f"{API}/clips/{crew.clip['id']}/film"
    return crew


@pytest.fixture
def recording(day, tmp_path):
    (path,) = tmp_path.glob("exams/*/*.mcap")
    return path


def frames_in(content):
    """The JSON and the JPEG of each frame."""
    found = []
    while content:
        (length,) = struct.unpack_from("<I", content)
        message, content = content[4 : 4 + length], content[4 + length :]
        (head,) = struct.unpack_from("<I", message)
        found.append((json.loads(message[4 : 4 + head]), message[4 + head :]))
    return found


def test_a_blind_reader_sees_every_frame_in_time_and_no_reading(day):
    answer = day.reader.get(day.film)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/octet-stream")
    shown = frames_in(answer.content)
    count = day.clip["last"] - day.clip["first"] + 1
    assert [(each["index"], each["count"], each["at_ms"]) for each, _ in shown] == [(index, count, 100.0 * index) for index in range(count)]
    for each, jpeg in shown:
        assert each.keys() == {"index", "count", "at_ms", "rows", "columns", "simulated", "damaged", "scale"}
        assert (each["simulated"], each["damaged"]) == (True, False)
        assert each["scale"]["skin"] < each["scale"]["deepest"]
        assert each["scale"]["mm_per_px"] > 0
        assert simplejpeg.decode_jpeg_header(jpeg)[:3] == (each["rows"], each["columns"], "Gray")


def test_only_who_is_allowed_to_see_the_exam_sees_the_film(day):
    assert day.browser().get(day.film).status_code == 401
    assert day.reader.get(f"{API}/clips/none/film").status_code == 404


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"no recording")], ids=["gone", "damaged"])
def test_a_recording_that_is_gone_or_damaged_is_a_problem(day, recording, spoil):
    spoil(recording)
    answer = day.reader.get(day.film)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:sonoedge:record-unknown")
    assert answer.json()["fix"]


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), SourceUnreadable("damaged here", "Copy it again")])
def test_a_film_that_cannot_be_read_to_its_end_ends_early_and_its_count_shows_it(day, monkeypatch, error):
    from edge.api.exams import film

    def ends(*asked):
        frames = whole(*asked)
        yield next(frames)
        yield next(frames)
        raise error

    whole = film.film_of
    monkeypatch.setattr(film, "film_of", ends)
    answer = day.reader.get(day.film)
    shown = frames_in(answer.content)
    assert answer.status_code == 200
    assert len(shown) == 2 < shown[0][0]["count"]
