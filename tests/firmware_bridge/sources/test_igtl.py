"""The client against a socket that sends the messages of a server; tests/peers has a real server."""

import ctypes
import itertools
import socket
import struct
import threading
import time
from functools import partial

import numpy as np
import pytest
from fastcrc.crc64 import ecma_182
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.errors import ProbeUnplugged, SourceAbsent, SourceUnknown
from firmware_bridge.igtl.decoder import Decoder
from firmware_bridge.igtl.encoder import encode
from firmware_bridge.igtl.image import IDENTITY, Image
from firmware_bridge.igtl.messages import String
from firmware_bridge.sources.damage import DamageWatch
from firmware_bridge.sources.igtl import SenderClock
from firmware_bridge.sources.url import open_source

MATRIX = (0.2, 0.0, 0.0, 0.0, 0.3, 0.0, 0.0, 0.0, 1.0, 9.0, 9.0, 9.0)


def image(grey, device="Probe", **part):
    samples = np.full(part.get("shape", (4, 6, 1)), grey, np.uint8)
    return encode(Image(samples, (6, 4), part.get("offset", (0, 0)), MATRIX), device, grey << 32, version=2)


@pytest.fixture
def server():
    """Sends one client the content of `says`, and stores the received bytes."""

    class Server:
        def __init__(self):
            self.socket = socket.create_server(("127.0.0.1", 0))
            self.port = self.socket.getsockname()[1]
            self.heard = b""

        def say(self, *messages):
            def run():
                peer, _ = self.socket.accept()
                with peer:
                    self.heard = peer.recv(4096)
                    for message in messages:
                        peer.sendall(message)
                    peer.shutdown(socket.SHUT_WR)
                    while peer.recv(4096):
                        pass

            self.thread = threading.Thread(target=run)
            self.thread.start()

    made = Server()
    yield made
    made.socket.close()


def collect(url):
    """All frames until the server has ended the connection."""
    got = []
    with open_source(url) as source:
        frames = source.frames()
        with pytest.raises(ProbeUnplugged, match="ended the connection"):
            keep(frames, got)
        return got, source


def keep(frames, got):
    for frame in frames:
        got.append(frame)


def test_images_come_with_scale_and_time_and_other_messages_are_stepped_over(server):
    server.say(encode(String("hello")), image(1), encode(String("x"), version=2), image(2))
    frames, source = collect(f"igtl://127.0.0.1:{server.port}")
    server.thread.join()
    assert [int(frame.pixels[0, 0]) for frame in frames] == [1, 2]
    assert [frame.captured_us for frame in frames] == [1_000_000, 2_000_000]
    assert frames[0].geometry.mm_per_px == pytest.approx((0.2, 0.3))
    assert source.info.name == "Probe"
    assert source.losses == ()


def test_images_are_simulated_where_their_metadata_state_it(server):
    samples = np.full((4, 6, 1), 3, np.uint8)
    stated = [
        encode(Image(samples, (6, 4), (0, 0), MATRIX), "SonoEdge", version=2, metadata={"simulated": value}) for value in ("true", "false")
    ]
    server.say(image(1), *stated)
    frames, source = collect(f"igtl://127.0.0.1:{server.port}")
    server.thread.join()
    assert [frame.simulated for frame in frames] == [False, True, False]
    assert not source.info.simulated


def test_the_first_word_is_a_status_of_version_2(server):
    server.say(image(1))
    collect(f"igtl://127.0.0.1:{server.port}")
    server.thread.join()
    first = next(iter(Decoder().feed(server.heard)))
    assert (first.header.version, first.header.type) == (2, "STATUS")


def test_only_the_named_device_is_shown(server):
    server.say(image(1, "Other"), image(2, "Probe"))
    frames, _ = collect(f"igtl://127.0.0.1:{server.port}?device=Probe")
    server.thread.join()
    assert [int(frame.pixels[0, 0]) for frame in frames] == [2]


def test_each_image_names_its_machine_also_where_it_changes(server):
    server.say(image(1, "Probe"), image(2, "Other"))
    frames, source = collect(f"igtl://127.0.0.1:{server.port}")
    server.thread.join()
    assert [frame.machine.name for frame in frames] == ["Probe", "Other"]
    assert source.info.machine.name == "Other"


def test_a_part_is_laid_over_the_image_before_it(server):
    server.say(image(5, shape=(2, 3, 1)), image(9, shape=(1, 1, 1), offset=(5, 3)))
    frames, _ = collect(f"igtl://127.0.0.1:{server.port}")
    server.thread.join()
    assert frames[0].pixels[:2, :3].min() == 5
    assert frames[0].pixels[2:].max() == 0
    assert frames[1].pixels[3, 5] == 9
    assert frames[1].pixels[0, 0] == 5


def test_a_part_is_laid_over_a_whole_image_of_its_own_device_alone(server):
    part = {"shape": (1, 1, 1), "offset": (5, 3)}
    server.say(image(5), image(9, **part), image(7, **part), image(8, "Other", **part))
    frames, _ = collect(f"igtl://127.0.0.1:{server.port}")
    server.thread.join()
    assert [(int(frame.pixels[0, 0]), int(frame.pixels[3, 5])) for frame in frames] == [(5, 5), (5, 9), (5, 7), (0, 8)]


def test_damage_costs_one_frame_and_is_counted(server):
    broken = bytearray(image(2))
    broken[-1] ^= 1
    server.say(image(1), bytes(broken), image(3))
    frames, source = collect(f"igtl://127.0.0.1:{server.port}")
    server.thread.join()
    assert [int(frame.pixels[0, 0]) for frame in frames] == [1, 3]
    assert {loss.cause: loss.frames for loss in source.losses}["payload-crc"] == 1


def test_images_without_a_time_are_distinguished_by_their_arrival():
    clock, appliance = SenderClock(), SenderClock()
    appliance_s = time.time()
    times = [clock.at_us(stated, arrived_us * 1000) for stated, arrived_us in ((5_000_000, 100), (0, 140), (0, 180), (6_000_000, 220))]
    assert times == [5_000_000, 5_000_040, 5_000_080, 6_000_000]
    assert appliance.at_us(0, time.monotonic_ns()) / 1e6 == pytest.approx(appliance_s, abs=60)


def test_a_time_that_stands_still_is_no_time():
    clock = SenderClock()
    assert [clock.at_us(7, arrived_us * 1000) for arrived_us in (100, 140, 180)] == [7, 47, 87]


@given(st.lists(st.tuples(st.sampled_from([0, 5_000_000, 6_000_000]), st.integers(1, 10**6)), max_size=30))
def test_whatever_a_sender_states_no_two_images_that_follow_each_other_have_the_same_time_unless_it_goes_back(messages):
    clock, arrived_us, before_us, highest = SenderClock(), 0, None, 0
    for stated_us, step_us in messages:
        arrived_us += step_us
        at_us = clock.at_us(stated_us, arrived_us * 1000)
        if before_us is not None and stated_us in (0, highest):
            assert at_us == before_us + step_us
        before_us, highest = at_us, stated_us or highest


def test_a_server_without_a_scale_and_without_checksums_is_read_and_stated(server):
    message = encode(Image(np.full((4, 6, 1), 9, np.uint8), (6, 4), (0, 0), IDENTITY), "Probe")
    server.say(message[:50] + bytes(8) + message[58:])
    frames, source = collect(f"igtl://127.0.0.1:{server.port}")
    server.thread.join()
    assert frames[0].geometry.mm_per_px is None
    assert frames[0].captured_us > 0
    assert source.notice.code == "no-checksum"


def test_a_server_whose_images_all_break_the_specification_is_stated_with_the_reason(server, monkeypatch):
    seconds = itertools.count(0, 2)
    monkeypatch.setattr("firmware_bridge.sources.igtl.DamageWatch", partial(DamageWatch, clock=lambda: next(seconds)))
    deep = bytearray(encode(Image(np.full((4, 6, 1), 9, "<u2"), (6, 4), (0, 0), MATRIX), "Probe"))
    deep[58 + 4] = 0
    deep[50:58] = ecma_182(bytes(deep[58:])).to_bytes(8, "big")
    server.say(bytes(deep), bytes(deep))
    frames, source = collect(f"igtl://127.0.0.1:{server.port}")
    server.thread.join()
    assert frames == []
    notice = source.notice
    assert notice.code == "probe-damaged"
    assert "byte order 0" in notice.what
    assert {loss.cause: loss.frames for loss in source.losses} == {"malformed": 2}


SO_ATTACH_FILTER, DROP_ALL = 26, struct.pack("HBBI", 6, 0, 0, 0)
"""A filter of one instruction, after which a socket takes no packet in and acknowledges nothing: its machine has lost its power."""


def test_a_server_whose_machine_has_died_is_noticed():
    with socket.create_server(("127.0.0.1", 0)) as listening, open_source(f"igtl://127.0.0.1:{listening.getsockname()[1]}") as source:
        peer, _ = listening.accept()
        with peer:
            peer.sendall(image(1))
            frames = source.frames()
            next(frames)
            program = ctypes.create_string_buffer(DROP_ALL)
            peer.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(program)))
            with pytest.raises(ProbeUnplugged, match="stopped answering"):
                next(frames)


def test_without_a_server_the_error_states_the_next_step():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(SourceAbsent, match="Start it"):
        open_source(f"igtl://127.0.0.1:{port}")


@pytest.mark.parametrize("url", ["igtl://", "igtl://host:0", "igtl://host:seven", "igtl://host/path", "igtl://host?x=1"])
def test_a_url_that_names_no_server_is_refused(url):
    with pytest.raises(SourceUnknown):
        open_source(url)
