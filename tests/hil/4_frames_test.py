"""Bring-up 4: every sent frame arrives once and is read."""

import pytest

pytestmark = pytest.mark.hil

FRAMES = 75
ON_THE_WAY = 80
"""At most so many frames wait in the probe and in the line of a busy machine."""


def test_frames_arrive_at_the_rate_of_the_probe_and_none_is_lost_on_the_link(dut, probe):
    dut.reads()
    sent, received, lost = probe.sent, dut.counts["received"], dut.link_drops()
    dut.until(lambda dut: dut.counts["received"] >= received + FRAMES, "the frames stop")
    arrived = dut.counts["received"] - received
    assert arrived <= probe.sent - sent + ON_THE_WAY
    assert probe.sent - sent <= arrived + ON_THE_WAY
    assert dut.link_drops() == lost


def test_readings_belong_to_the_sent_frames(dut):
    readings = dut.get("readings?limit=16")
    assert len(readings) > 3
    sequences = [reading["sequence"] for reading in readings]
    assert sequences == sorted(sequences)
    assert all(reading["simulated"] for reading in readings)
    assert all(reading["notice"] == "research use, not a diagnosis" for reading in readings)


@pytest.mark.parametrize("at", [2, 20, 60, 2000])
def test_one_damaged_byte_loses_one_frame_and_is_counted(dut, probe, at):
    before = sum(dut.link_drops().values())
    probe.hit = lambda message: message[:at] + bytes([message[at] ^ 0xFF]) + message[at + 1 :]
    dut.until(lambda dut: sum(dut.link_drops().values()) > before, "the damage was not counted")
    dut.reads()
    assert sum(dut.link_drops().values()) == before + 1
