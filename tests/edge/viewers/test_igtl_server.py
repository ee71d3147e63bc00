"""The server on a real socket, with observations published by hand."""

import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from edge.inference.reading import Reading, Score, StageTimes
from edge.inference.release import ModelRelease
from edge.pipeline.hub import Hub
from edge.pipeline.observation import Observation
from edge.viewers.igtl_messages import Peer, messages_of
from edge.viewers.igtl_server import MOST_CLIENTS, IgtlServer
from edge.vision.field import SIDE_MM
from edge.vision.standardise import Standardiser
from firmware_bridge.frame import Frame, Geometry
from firmware_bridge.igtl.decoder import Decoder
from firmware_bridge.igtl.encoder import encode, encode_query
from firmware_bridge.igtl.messages import Message, Status
from firmware_bridge.sources.base import Origin
from firmware_bridge.sources.url import open_source

RELEASE = ModelRelease.load()


def observation(number, rows=40, columns=60):
    pixels = np.random.default_rng(number).integers(30, 60, (rows, columns), dtype=np.uint8)
    frame = Frame(pixels, number, number * 1000, 1, Geometry(mm_per_px=(0.5, 0.25)), simulated=True)
    scores = tuple(Score(finding.key, 0.25, -1.0) for finding in RELEASE.findings)
    class_map = np.zeros((7, 7, len(scores)), np.float32)
    class_map[2, 3, 0] = 50
    return Observation(
        Standardiser(224).take(frame), Reading(number, scores, class_map, StageTimes(1, 2, 3), "0.1.0", True, 0.5), RELEASE, 2
    )


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self.decoder = Decoder()
        self.waiting = []

    def next(self, kind, device=None):
        while True:
            while self.waiting:
                message = self.waiting.pop(0)
                assert isinstance(message, Message)
                if message.header.type == kind and device in (None, message.header.device):
                    return message
            data = self.socket.recv(65536)
            assert data, "the server left"
            self.waiting += self.decoder.feed(data)


@pytest.fixture
def connected():
    """Connects this many clients and waits until the server has accepted them."""
    made = []

    def connect(hub, port, clients=1):
        made.extend(Client(port) for _ in range(clients))
        while len(hub._subscriptions) < clients:
            time.sleep(0.01)
        return made

    yield connect
    for client in made:
        client.socket.close()


@pytest.fixture
def shows_findings():
    """Empty if site policy hides them."""
    return [True]


@pytest.fixture
def served(shows_findings):
    hub = Hub()
    server = IgtlServer(socket.create_server(("127.0.0.1", 0)), hub, lambda: bool(shows_findings))
    thread = threading.Thread(target=server.run)
    thread.start()
    yield hub, server.port
    server.close()
    thread.join()


def test_more_clients_than_the_exam_can_spare_are_refused(served, connected):
    hub, port = served
    connected(hub, port, MOST_CLIENTS)
    with socket.create_connection(("127.0.0.1", port), 30) as refused, suppress(ConnectionResetError):
        assert refused.recv(1) == b""
    assert len(hub._subscriptions) == MOST_CLIENTS


def test_a_frame_its_reading_and_its_map_arrive_together(served, connected):
    hub, port = served
    (client,) = connected(hub, port)
    shown = observation(7)
    hub.publish(shown)
    image = client.next("IMAGE", "SonoEdge_SIM")
    reading = json.loads(client.next("STRING", "SonoEdge_Reading_SIM").body.text)
    over = client.next("IMAGE", "SonoEdge_Map_SIM")
    assert np.array_equal(image.body.grey, shown.frame.pixels)
    assert image.body.mm_per_px == pytest.approx((0.5, 0.25))
    assert (reading["sequence"], reading["simulated"], reading["notice"]) == (7, True, "research use, not a diagnosis")
    assert reading["release"] == RELEASE.ident
    assert over.body.samples[2, 3, 0] == 255
    assert over.body.mm_per_px == pytest.approx((SIDE_MM / 7, SIDE_MM / 7))


def test_the_map_has_the_calibration_that_this_site_accepted_as_the_percentages_have(served, connected):
    hub, port = served
    (client,) = connected(hub, port)
    here = tuple(replace(label, slope=0.0, offset=0.0) for label in RELEASE.findings)
    hub.publish(replace(observation(1), release=RELEASE.accepting(lambda _: here)))
    reading = json.loads(client.next("STRING").body.text)
    assert set(reading["findings"].values()) == {0.5}
    assert set(client.next("IMAGE", "SonoEdge_Map_SIM").body.samples.ravel()) == {round(255 * 0.5)}


def test_if_policy_hides_findings_a_viewer_gets_the_image_without_probabilities(served, connected, shows_findings):
    hub, port = served
    (client,) = connected(hub, port)
    shows_findings.clear()
    hub.publish(observation(1))
    reading = json.loads(client.next("STRING", "SonoEdge_Reading_SIM").body.text)
    assert (reading["sequence"], reading["findings"], reading["notice"]) == (1, {}, "research use, not a diagnosis")
    shows_findings.append(True)
    hub.publish(observation(2))
    assert client.next("IMAGE").header.device == "SonoEdge_SIM"  # no map of the frame before
    assert json.loads(client.next("STRING").body.text)["findings"]


def test_version_1_until_the_client_sends_version_2_and_noise_is_ignored(served, connected):
    hub, port = served
    (client,) = connected(hub, port)
    hub.publish(observation(1))
    assert client.next("IMAGE").header.version == 1
    client.socket.sendall(b"\0\1JUNK" * 100 + encode(Status(), version=2) + encode_query("GET_CAPABIL"))
    assert "IMAGE" in client.next("CAPABILITY").body.types
    hub.publish(observation(2))
    later = client.next("IMAGE", "SonoEdge")
    assert (later.header.version, later.message_id) == (2, 2)
    assert later.metadata["simulated"] == "true"


@pytest.mark.parametrize("simulated", [True, False])
def test_another_appliance_that_reads_these_images_shows_whether_they_are_simulated(served, simulated):
    hub, port = served
    shown = observation(1)
    with open_source(f"igtl://127.0.0.1:{port}?device=SonoEdge") as source:
        while not hub._subscriptions:
            time.sleep(0.01)
        hub.publish(replace(shown, seen=replace(shown.seen, frame=replace(shown.frame, simulated=simulated))))
        frame = next(iter(source.frames()))
        assert np.array_equal(frame.pixels, shown.frame.pixels)
        assert (frame.simulated, source.info.simulated, source.info.origin) == (simulated, simulated, Origin.LIVE)


@pytest.mark.parametrize("simulated", [True, False])
@pytest.mark.parametrize("version", [1, 2])
def test_an_image_is_read_back_as_simulated_from_a_sender_of_any_version(version, simulated):
    shown = observation(1)
    sent = replace(shown, seen=replace(shown.seen, frame=replace(shown.frame, simulated=simulated)))
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        open_source(f"igtl://127.0.0.1:{listener.getsockname()[1]}?device=SonoEdge") as source,
        listener.accept()[0] as line,
    ):
        line.sendall(messages_of(sent, 0, Peer(version)))
        frame = next(iter(source.frames()))
        assert (frame.simulated, source.info.simulated, source.info.name) == (simulated, simulated, "SonoEdge")
        assert np.array_equal(frame.pixels, shown.frame.pixels)


def test_an_appliance_without_frames_sends_its_status(served, connected):
    hub, port = served
    (client,) = connected(hub, port)
    assert client.next("STATUS").body.code == 1


def test_a_client_that_reads_nothing_does_not_slow_another(served, connected):
    hub, port = served
    slow, quick = connected(hub, port, 2)
    slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for number in range(60):
        hub.publish(observation(number, 600, 800))
        assert json.loads(quick.next("STRING").body.text)["sequence"] == number


def test_a_failed_sender_ends_its_connection_and_the_next_client_is_served(served, connected, eventually):
    hub, port = served
    (client,) = connected(hub, port)
    broken = observation(1)
    hub.publish(replace(broken, reading=replace(broken.reading, class_map=np.zeros((7, 7, 0), np.float32))))
    with pytest.raises((AssertionError, ConnectionResetError), match=r"the server left|reset"):
        client.next("IMAGE")
    eventually(lambda: not hub._subscriptions, "the server still sends to it")
    *_, second = connected(hub, port)
    hub.publish(observation(2))
    assert second.next("IMAGE")
