"""A bad cable: what it does to messages, and that no frame arrives with another geometry or settings than its own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.link.encoder import encode
from firmware_bridge.link.header import MessageType
from firmware_bridge.link.messages import Heartbeat, SetSettings
from firmware_bridge.link.session import FrameReceived, HostSession, Lost
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.player import ChestPlayer
from firmware_bridge.virtual_probe.probe import Identity, Probe
from firmware_bridge.virtual_probe.wire import Wire, WireFault, messages_in

MESSAGES = [bytes([number]) * 40 for number in range(200)]


def carried(fault, rate=0.2, seed=1):
    wire = Wire(fault, rate, seed)
    return wire, [piece for message in MESSAGES for piece in wire.carry(message)]


@pytest.mark.parametrize("fault", WireFault)
def test_the_same_seed_hits_the_same_messages_and_most_arrive_as_they_are(fault):
    wire, arrived = carried(fault)
    assert arrived == carried(fault)[1] != carried(fault, seed=2)[1]
    assert 20 < wire.hits < 60
    assert sum(message in arrived for message in MESSAGES) >= len(MESSAGES) - wire.hits


@pytest.mark.parametrize("fault", WireFault)
def test_a_good_cable_carries_everything(fault):
    wire, arrived = carried(fault, rate=0)
    assert arrived == MESSAGES
    assert wire.hits == 0


def test_each_fault_does_what_its_name_says():
    assert len(carried(WireFault.LOST)[1]) == 200 - carried(WireFault.LOST)[0].hits
    assert len(carried(WireFault.DOUBLED)[1]) == 200 + carried(WireFault.DOUBLED)[0].hits
    assert sorted(carried(WireFault.REORDERED)[1]) == MESSAGES
    assert {len(each) for each in carried(WireFault.BIT_ERROR)[1]} == {40}
    assert min(len(each) for each in carried(WireFault.TRUNCATED)[1]) < 40


class Talk:
    """A probe and a host with a bad cable between them; the probe is set now and then."""

    def __init__(self, wire):
        self.wire, self.host = wire, HostSession()
        self.player = ChestPlayer(Chest(1, size=16), rendered=1)
        self.probe = Probe(self.player, Identity())
        self.made, self.frames, self.lost = {}, [], 0
        self.carry(self.probe.receive(self.host.start(), 0))

    def carry(self, data):
        for message in messages_in(data):
            for arrives in self.wire.carry(message):
                for event in self.host.receive(arrives, 0):
                    if isinstance(event, FrameReceived):
                        self.frames.append(event.frame)
                    elif isinstance(event, Lost):
                        self.lost += event.loss.frames

    def step(self, time_us, depth_mm=None):
        if depth_mm is not None:
            self.carry(self.probe.receive(self.host.request(AcquisitionSettings(depth_mm=depth_mm)), time_us))
        if self.host.in_doubt:
            self.carry(self.probe.receive(self.host.stream(), time_us))
        self.carry(self.probe.receive(self.host.heartbeat(), time_us))
        shown = self.player.next()
        self.made[time_us] = shown.geometry, shown.settings
        self.carry(b"".join(map(bytes, self.probe.frame(shown, time_us))))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(WireFault),
    st.floats(0, 0.5),
    st.integers(0, 2**32),
    st.lists(st.sampled_from([None, None, None, 80, 120, 160]), max_size=40),
)
def test_no_frame_arrives_with_the_geometry_or_settings_of_another(fault, rate, seed, depths):
    talk = Talk(Wire(fault, rate, seed))
    for number, depth_mm in enumerate(depths, 1):
        talk.step(number * 1000, depth_mm)
    for frame in talk.frames:
        assert (frame.geometry, frame.settings) == talk.made[frame.captured_us]


@pytest.mark.parametrize("fault", WireFault)
def test_a_lost_report_is_repaired_and_the_frames_go_on(fault):
    talk = Talk(Wire(fault, 0.3, 5))
    for number in range(1, 60):
        talk.step(number * 1000, 80 if number % 7 else 120)
    talk.wire = Wire(fault, 0, 0)
    for number in range(60, 70):
        talk.step(number * 1000)
    assert [frame.captured_us for frame in talk.frames[-8:]] == [number * 1000 for number in range(62, 70)]


def test_the_bytes_of_a_probe_are_cut_into_its_messages():
    data = encode(Heartbeat()) + encode(SetSettings(AcquisitionSettings(depth_mm=80)))
    assert [piece[5] for piece in messages_in(data)] == [MessageType.HEARTBEAT, MessageType.SET_SETTINGS]
