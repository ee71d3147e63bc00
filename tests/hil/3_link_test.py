"""Bring-up 3: the appliance and the probe communicate."""

from threading import Event

import pytest

pytestmark = pytest.mark.hil


def test_the_source_shows_what_the_probe_reports_about_itself(dut):
    source = dut.source
    assert (source["serial_number"], source["firmware"]) == ("HIL-1", "1.0")
    assert source["simulated"]


def test_the_probe_applies_settings_and_reports_them(dut):
    assert dut.put("source/settings", {"depth_mm": 100})["depth_mm"] == 100
    assert dut.put("source/settings", {"gain_db": 55})["depth_mm"] == 100


def test_one_second_of_silence_is_not_a_loss(dut, probe):
    probe.stalled = True
    Event().wait(1.0)
    probe.stalled = False
    assert dut.source["state"] == "streaming"
