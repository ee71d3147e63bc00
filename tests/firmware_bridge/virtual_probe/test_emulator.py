"""The virtual probe on a port without a cable and with a clock that the test moves: which frames arrive does not depend on the machine."""

import numpy as np
import pytest

from firmware_bridge.frame import AcquisitionSettings, Geometry
from firmware_bridge.link.encoder import encode
from firmware_bridge.link.header import Flags
from firmware_bridge.link.messages import Heartbeat, SetSettings, Start, Stop
from firmware_bridge.link.session import FrameReceived, HostSession, Lost
from firmware_bridge.virtual_probe.outbox import FRAMES
from firmware_bridge.virtual_probe.player import Shown
from firmware_bridge.virtual_probe.probe import SIGN_OF_LIFE_US, Identity, Probe
from firmware_bridge.virtual_probe.pty import Emulator

SETTINGS = AcquisitionSettings(depth_mm=90)


class Still:
    """A player of one image."""

    flags = Flags(0)
    recording = ""
    machine = None
    capabilities = ()

    def __init__(self, side=16):
        self._shown = Shown(np.zeros((side, side), np.uint8), Geometry(), SETTINGS, simulated=True)

    def next(self):
        return self._shown

    def skip(self): ...

    def apply(self, settings):
        return settings


class Cable:
    """A port and its clock. The host takes `room` bytes a second, none while `busy(now)`, and sends `says`: (seconds, bytes)."""

    def __init__(self, seconds, room=1e12, busy=lambda _: False, says=(), begin=HostSession.start):
        self.now, self._end, self._room, self._busy = 0.0, seconds, room, busy
        self._taken_at = 0.0
        self.host, self.frames, self.lost = HostSession(), [], 0
        alive = [(second, encode(Heartbeat())) for second in range(1, int(seconds))]
        self._says = sorted([(0.0, begin(self.host)), *says, *alive], key=lambda each: each[0])

    def wait(self, wait_s, *, to_write):
        until_said = max(0.0, self._says[0][0] - self.now) if self._says else wait_s
        self.now += min(wait_s, 0.001) if to_write else max(min(wait_s, until_said), 1e-6)
        if self.now > self._end:
            raise OSError(5, "unplugged")
        return bool(self._says) and self._says[0][0] <= self.now

    def read(self):
        return self._says.pop(0)[1]

    def write(self, parts):
        if self._busy(self.now):
            return
        fits, self._taken_at = int(self._room * (self.now - self._taken_at)), self.now
        while parts and fits:
            piece, rest = parts[0][:fits], parts[0][fits:]
            fits -= len(piece)
            self._hear(bytes(piece))
            parts.popleft()
            if len(rest):
                parts.appendleft(rest)

    def _hear(self, data):
        for event in self.host.receive(data, 1):
            self.frames += [event.frame.sequence] if isinstance(event, FrameReceived) else []
            self.lost += event.loss.frames if isinstance(event, Lost) else 0


def played(cable, rate, side=16):
    player = Still(side)
    probe = Probe(player, Identity())
    Emulator(cable, probe, player, rate, clock=lambda: cable.now).run()
    return cable


@pytest.mark.parametrize("rate", [25, 30, 50, 7.3, 1000 * 1000 / SIGN_OF_LIFE_US * 30])
def test_a_sign_of_life_at_the_moment_of_a_frame_costs_no_frame(rate):
    cable = played(Cable(40), rate)
    assert cable.lost == 0
    assert cable.frames == list(range(len(cable.frames)))
    assert len(cable.frames) == pytest.approx(40 * rate, abs=rate / 2)


def test_no_answer_to_the_host_costs_a_frame():
    says = [(at / 100, encode(SetSettings(SETTINGS))) for at in range(100, 900, 4)]
    cable = played(Cable(10, says=says), 25)
    assert (cable.lost, cable.frames) == (0, list(range(len(cable.frames))))


def test_a_host_that_is_busy_for_less_than_three_frames_loses_none():
    cable = played(Cable(20, busy=lambda now: now % 1 < (FRAMES - 0.5) * 0.04), 25)
    assert (cable.lost, cable.frames) == (0, list(range(len(cable.frames))))


def test_a_host_that_reads_too_slowly_loses_counted_frames():
    cable = played(Cable(20, room=10 * (100 * 100 + 40)), 25, side=100)
    assert cable.lost > 200
    assert cable.lost + len(cable.frames) == pytest.approx(20 * 25, abs=FRAMES + 25)


def test_a_greeting_is_answered_without_frames_until_the_stream_is_asked_for():
    cable = played(Cable(3, says=[(0.1, encode(Stop())), (2.0, encode(Start()))], begin=HostSession.greet), 25)
    assert cable.lost == 0
    assert 24 <= len(cable.frames) <= 26
    assert cable.frames == list(range(len(cable.frames)))


def test_the_first_image_follows_the_start_of_the_stream_at_once():
    cable = played(Cable(0.48, says=[(0.45, encode(Start()))], begin=HostSession.greet), 1)
    assert cable.frames == [0]
