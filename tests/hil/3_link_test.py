"""Bring-up 3: the two ends understand each other."""

from threading import Event

import pytest

pytestmark = pytest.mark.hil


def test_the_probe_is_known_by_its_own_words(dut):
    said = dut.source
    assert (said["serial_number"], said["firmware"]) == ("HIL-1", "1.0")
    assert said["simulated"]


def test_the_probe_is_set_and_answers_what_it_is_set_to(dut):
    assert dut.put("source/settings", {"depth_mm": 100})["depth_mm"] == 100
    assert dut.put("source/settings", {"gain_db": 55})["depth_mm"] == 100


def test_a_silent_second_is_no_loss(dut, probe):
    probe.stalled = True
    Event().wait(1.0)
    probe.stalled = False
    assert dut.source["state"] == "streaming"
