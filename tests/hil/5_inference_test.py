"""Bring-up 5: every reading is the one that the release must make of that very image."""

import pytest

pytestmark = pytest.mark.hil


def test_readings_equal_those_of_the_same_release_without_a_link(dut, probe, golden):
    for depth_mm in (140, 90):
        dut.put("source/settings", {"depth_mm": depth_mm})
        dut.reads(20)
        assert golden.require(dut.get("readings?limit=16"), probe) == 16
