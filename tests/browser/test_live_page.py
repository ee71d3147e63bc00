"""The page covers an image that may not be the newest one: faults of the connection and of single messages."""

import json
import shutil
import struct
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

pytestmark = [pytest.mark.browser]

SHOWN = "document.getElementById('cover').hidden"
TITLE = "document.getElementById('cover-title').textContent"
SOURCE = "virtual://chest?fps=8&size=200"


def covered(title):
    return f"!({SHOWN}) && {TITLE} === '{title}'"


class Cable:
    """Runs between the real page and the real appliance: `spoil` can change a message, or drop it by returning None."""

    def __init__(self):
        self.spoil = lambda data: data
        self.sockets = []

    def plug(self, page):
        page.route_web_socket("**/api/v1/live", self._join)

    def _join(self, socket):
        server = socket.connect_to_server()
        self.sockets.append(socket)
        server.on_message(lambda data: self._pass(socket, data))

    def _pass(self, socket, data):
        spoilt = self.spoil(data)
        if spoilt is not None:
            socket.send(spoilt)


def parts(data):
    (length,) = struct.unpack_from("<I", data)
    return json.loads(data[4 : 4 + length]), data[4 + length :]


def packed(message, jpeg=b""):
    head = json.dumps(message).encode()
    return struct.pack("<I", len(head)) + head + jpeg


@pytest.fixture(scope="module")
def chest(web):
    with web.appliance(SOURCE) as url:
        yield url


@pytest.fixture
def joined(web, chest):
    """A page that shows a live image, and the cable to it."""
    cable = Cable()
    with web.opened(chest, before=cable.plug) as page:
        web.until(page, SHOWN)
        yield page, cable


def once(change):
    """Changes one frame message and drops all later ones."""
    state = {"done": False}

    def spoil(data):
        message, jpeg = parts(data)
        if message["kind"] != "frame":
            return data
        if state["done"]:
            return None
        state["done"] = True
        return change(message, jpeg)

    return spoil


def test_a_frame_that_cannot_be_decoded_covers_the_image_until_the_next_one(web, joined):
    page, cable = joined
    cable.spoil = once(lambda message, jpeg: packed(message, jpeg[: len(jpeg) // 4][::-1]))
    web.until(page, covered("Image not shown"))
    cable.spoil = lambda data: data
    web.until(page, SHOWN)


EVERYWHERE = """() => {
  const { data, width, height } = document.getElementById("image").getContext("2d").getImageData(0, 0, 200, 200);
  const blue = (x, y) => data[4 * (y * width + x) + 2] - data[4 * (y * width + x)];
  return [blue(2, 2), blue(width - 3, height - 3), blue(width / 2, height / 4)];
}"""


def test_the_map_ends_where_the_ultrasound_ends(web, joined):
    page, cable = joined

    def certain(data):
        message, jpeg = parts(data)
        if message["kind"] == "frame":
            message["class_map"]["planes"] = [[1.0] * len(plane) for plane in message["class_map"]["planes"]]
        return packed(message, jpeg)

    cable.spoil = certain
    web.until(page, f"({EVERYWHERE})()[2] > 40")
    assert max(map(abs, page.evaluate(EVERYWHERE)[:2])) <= 2


def test_a_frame_without_its_reading_covers_the_image_until_the_next_one(web, joined):
    page, cable = joined
    cable.spoil = once(lambda message, jpeg: packed({**message, "reading": None}, jpeg))
    web.until(page, covered("Image not shown"))
    assert page.inner_text("#findings") == ""
    cable.spoil = lambda data: data
    web.until(page, SHOWN)


def test_a_frame_that_the_appliance_rejects_covers_the_image_until_the_next_one(web, joined):
    page, cable = joined

    def reject(data):
        message, _ = parts(data)
        if message["kind"] == "frame":
            return None
        message["stream"]["rejected"] += 1
        return packed(message)

    cable.spoil = reject
    web.until(page, covered("Image not shown"))
    cable.spoil = lambda data: data
    web.until(page, SHOWN)


def test_without_new_frames_the_image_is_covered_although_the_source_streams(web, joined):
    page, cable = joined
    cable.spoil = lambda data: None if parts(data)[0]["kind"] == "frame" else data
    web.until(page, covered("No frames"))
    cable.spoil = lambda data: data
    web.until(page, SHOWN)


def test_a_source_of_damaged_frames_alone_is_named_where_its_image_would_be(web, joined):
    page, cable = joined

    def damage(data):
        message, _ = parts(data)
        if message["kind"] == "frame":
            return None
        message["source"] |= {"reason": "probe-damaged", "problem": "None of 40 frames is whole", "fix": "Look at the cable"}
        return packed(message)

    cable.spoil = damage
    web.until(page, covered("Only damaged frames"))
    assert "None of 40 frames is whole. Look at the cable" in page.inner_text("#cover-text")
    cable.spoil = lambda data: data
    web.until(page, SHOWN)


def test_a_status_covers_the_image_although_frames_still_arrive(web, joined):
    page, cable = joined

    def lose(data):
        message, jpeg = parts(data)
        if message["kind"] == "status":
            message["source"] |= {
                "state": "lost",
                "reason": "probe-silent",
                "problem": "The probe sends nothing",
                "fix": "Look at the cable",
            }
        return packed(message, jpeg)

    cable.spoil = lose
    web.until(page, covered("Probe sends nothing"))
    assert "Look at the cable" in page.inner_text("#cover-text")
    cable.spoil = lambda data: data
    web.until(page, SHOWN)


def test_an_unknown_kind_of_message_is_ignored(web, joined):
    page, cable = joined
    cable.spoil = lambda data: cable.sockets[-1].send(packed({"kind": "of tomorrow"}, b"\0")) or data
    figure = "[...document.querySelectorAll('#figures div')].find((each) => each.textContent.startsWith('Frame')).textContent"
    before = page.evaluate(figure)
    web.until(page, f"{figure} !== '{before}'")
    assert page.evaluate(SHOWN)


@pytest.mark.parametrize("code", [1000, 1011])
def test_after_any_close_the_image_is_covered_and_the_page_connects_again(web, joined, code):
    page, cable = joined
    cable.spoil = lambda _: None
    cable.sockets[-1].close(code=code)
    web.until(page, covered("Connecting"))
    assert len(cable.sockets) > 1
    cable.spoil = lambda data: data
    web.until(page, SHOWN)


def test_a_silent_connection_is_closed_and_opened_again(web, joined):
    page, cable = joined
    cable.spoil = lambda _: None
    web.until(page, covered("Connection lost"))
    cable.spoil = lambda data: data
    web.until(page, SHOWN)
    assert len(cable.sockets) > 1


@pytest.mark.slow
def test_the_end_of_the_appliance_covers_the_image_and_its_next_start_shows_a_new_one(web):
    with ExitStack() as first:
        url = first.enter_context(web.appliance(SOURCE))
        with web.opened(url, tolerated=web.away) as page:
            web.until(page, SHOWN)
            first.close()
            web.until(page, covered("Connection lost"))
            with web.appliance(SOURCE, port=str(urlsplit(url).port)):
                web.until(page, SHOWN)


@pytest.mark.slow
def test_a_part_that_failed_is_named_and_the_image_stays_live(web, tmp_path, monkeypatch):
    (tmp_path / "recordings").write_text("a file where the folder of the recordings should be")
    monkeypatch.setenv("SONOEDGE_RECORD", "true")
    with web.appliance(SOURCE, tmp_path) as url, web.opened(url) as page:
        web.until(page, SHOWN)
        web.until(page, "!document.getElementById('degraded').hidden")
        words = page.inner_text("#degraded")
        assert words.startswith("DEGRADED. ")
        assert "You can continue the exam" in words
        assert page.evaluate(SHOWN)


def test_an_appliance_whose_parts_all_run_is_not_degraded(joined, web):
    page, _ = joined
    web.until(page, SHOWN)
    assert page.evaluate("document.getElementById('degraded').hidden")


@pytest.mark.slow
def test_a_long_path_in_a_message_does_not_widen_the_page_of_a_phone_and_nothing_recorded_is_stated(web, tmp_path):
    folder = tmp_path / ("a" * 100) / ("b" * 100) / "data"
    with (
        web.appliance(SOURCE, folder) as url,
        web.opened(url, width=390, height=844, tolerated="the server responded with a status of") as page,
    ):
        web.until(page, SHOWN)
        shutil.rmtree(folder)
        web.until(page, "document.getElementById('degraded').textContent.startsWith('NOT READY. ')")
        assert str(folder) in page.inner_text("#degraded")
        web.until(page, "document.getElementById('guide').dataset.code === 'NOT_RECORDED'")
        page.click("#exam-begin")
        web.until(page, "document.getElementById('degraded').offsetHeight > 0")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
