"""What site policy hides of the live reading, it hides from viewers and scrapers too."""

import socket
import urllib.request

import pytest

from edge.appliance import Appliance
from edge.people.actor import NOBODY_ACTOR, UNCLAIMED_ACTOR, Actor, NotAllowed
from edge.settings import Settings
from firmware_bridge.igtl.decoder import Decoder
from firmware_bridge.igtl.messages import Message
from tests.ports import free_port

CHEST = "virtual://chest?size=128&rendered=4&fps=20"
PROBABILITY = "sonoedge_finding_probability{"


class Viewer:
    """An OpenIGTLink client that sees the names of messages and the newest reading."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), 30)
        self._decoder = Decoder()

    def frame(self):
        """The reading's text of the next frame, and whether a map came with it: all messages up to the next image."""
        reading, mapped = "", False
        while True:
            for item in self._decoder.feed(self._socket.recv(65536)):
                if isinstance(item, Message):
                    if item.header.device == "SonoEdge_SIM" and reading:
                        return reading, mapped
                    if item.header.device == "SonoEdge_Reading_SIM":
                        reading = item.body.text
                    mapped = mapped or item.header.device == "SonoEdge_Map_SIM"

    def close(self):
        self._socket.close()


@pytest.fixture
def hiding(tmp_path, eventually):
    (tmp_path / "people.yaml").write_text("ai_shown_to_unqualified: false\n")
    port = free_port()
    with Appliance(Settings(source=CHEST, port=0, igtl_port=port, data_dir=tmp_path, threads=1)) as appliance:
        eventually(lambda: appliance.counts.read >= 3, "no frames were read")
        yield appliance, port


def test_findings_of_an_unqualified_exam_reach_neither_a_scraper_nor_a_viewer(hiding, eventually):
    appliance, port = hiding

    def scraped():
        with urllib.request.urlopen(f"{appliance.url}metrics") as answer:
            return answer.read().decode()

    assert PROBABILITY in scraped()
    appliance.exam.begin(UNCLAIMED_ACTOR)
    assert not appliance.live.shows_findings(NOBODY_ACTOR)
    assert PROBABILITY not in scraped()
    assert "sonoedge_frames_read_total" in scraped()
    viewer = Viewer(port)
    reading, mapped = viewer.frame()
    viewer.close()
    assert '"findings": {}' in reading
    assert not mapped
    appliance.exam.end(UNCLAIMED_ACTOR)
    assert PROBABILITY in scraped()
    viewer = Viewer(port)
    reading, _ = viewer.frame()
    viewer.close()
    assert '"b_lines"' in reading


def test_an_actor_without_the_right_to_look_is_refused(hiding):
    appliance, _ = hiding
    with pytest.raises(NotAllowed):
        appliance.live.shows_findings(Actor("unknown", "a person"))
