"""The probe with faults, over a real pty: what it sends is accounted for, and each fault can be switched on and off."""

import time

import pytest

from firmware_bridge.link.session import Connected, FrameReceived, HostSession, Lost
from firmware_bridge.sources.serial import open_port
from firmware_bridge.virtual_probe.faulty import FLOOD_FRAMES, PICTURES, FaultyProbe
from firmware_bridge.virtual_probe.pty import PtyPort
from firmware_bridge.virtual_probe.wire import Wire, WireFault

PATIENCE_S = 60


class Host:
    """A host on the far end."""

    def __init__(self, path):
        self.port, self.session, self.events, self.count = open_port(str(path)), HostSession(), [], 0
        self.port.write(self.session.start())

    def until(self, seen):
        end = time.monotonic() + PATIENCE_S
        while not seen():
            assert time.monotonic() < end
            new = list(self.session.receive(self.port.read(65536), 0))
            self.events += new
            self.count += sum(isinstance(event, FrameReceived) for event in new)
            if self.session.in_doubt:
                self.port.write(self.session.stream())
            time.sleep(0.002)

    def frames(self):
        return [event.frame for event in self.events if isinstance(event, FrameReceived)]

    def more(self, count=3):
        wanted = self.count + count
        self.until(lambda: self.count >= wanted)

    def lost(self):
        return sum(event.loss.frames for event in self.events if isinstance(event, Lost))


@pytest.fixture
def probe(tmp_path):
    made = FaultyProbe(lambda: PtyPort(tmp_path / "probe"), "F-1")
    yield made
    made.pull_out()


@pytest.fixture
def host(probe, tmp_path):
    made = Host(tmp_path / "probe")
    yield made
    made.port.close()


def test_every_frame_is_an_image_that_it_showed(probe, host):
    host.more(PICTURES + 2)
    for frame in host.frames():
        assert (frame.pixels == probe.shown[frame.captured_us].pixels).all()
    assert probe.sent >= PICTURES + 2


def test_one_frame_is_hit(probe, host):
    host.more()
    probe.hit = lambda message: message[: len(message) // 2]
    host.until(host.lost)
    host.more()
    assert host.lost() == 1


def test_a_stalled_probe_sends_nothing_and_then_goes_on(probe, host):
    host.more()
    probe.stalled = True
    time.sleep(0.1)
    sent = probe.sent
    time.sleep(0.2)
    assert probe.sent == sent
    probe.stalled = False
    host.more()


def test_a_bad_cable_loses_frames_until_it_is_taken_away(probe, host):
    host.more()
    probe.wire = Wire(WireFault.LOST, 0.5, 1)
    host.until(lambda: host.lost() >= 3)
    probe.wire = None
    host.more()


def test_after_a_brown_out_it_says_hello_and_waits_for_a_start(probe, host):
    host.more()
    probe.restart()
    host.until(lambda: sum(isinstance(event, Connected) for event in host.events) == 2)
    host.port.write(host.session.start())
    host.more()


def test_noise_and_a_flood_last_until_they_end(probe, host):
    host.more()
    probe.noise = True
    sent = probe.sent
    time.sleep(0.2)
    assert probe.sent <= sent + 1
    probe.noise = False
    host.more()
    probe.flood = True
    host.more(3 * FLOOD_FRAMES)
    probe.flood = False
    host.more()


def test_it_can_be_pulled_out_and_plugged_in_again(probe, host, tmp_path):
    host.more()
    probe.pull_out()
    probe.plug_in()
    again = Host(tmp_path / "probe")
    again.more()
    again.port.close()
