"""Bring-up 8: every cable fault in a ward has a name, and the appliance recovers from each without help."""

import os
import random

import pytest

from firmware_bridge.virtual_probe.wire import Wire, WireFault

pytestmark = pytest.mark.hil

SEEDS, RATE = 2, 0.2
"""The share of the messages that a bad cable hits, and how many cables are tried of each kind."""


def reason(name):
    return lambda dut: dut.source["reason"] == name


@pytest.fixture
def unpluggable(probe):
    if not probe.can_unplug:
        pytest.skip("a program cannot unplug a real serial line")
    return probe


def test_an_unplugged_cable_is_named_and_comes_back_with_its_settings(dut, unpluggable):
    dut.put("source/settings", {"depth_mm": 110})
    unpluggable.pull_out()
    dut.until(reason("probe-unplugged"), "the loss has no name")
    unpluggable.plug_in()
    dut.until(lambda dut: dut.source["state"] == "streaming", "it did not come back")
    dut.reads(1)
    assert dut.put("source/settings", {})["depth_mm"] == 110


@pytest.mark.parametrize("away", range(5))
def test_the_appliance_recovers_from_a_loose_contact(dut, unpluggable, away):
    for _ in range(3):
        unpluggable.pull_out()
        unpluggable.plug_in()
    dut.reads()


def test_a_burst_of_garbage_between_frames_loses_at_most_one(dut, probe):
    before = sum(dut.link_drops().values())
    probe.say(random.Random(7).randbytes(5000))
    dut.reads(10)
    assert sum(dut.link_drops().values()) - before <= 1


def test_half_a_message_loses_only_that_message(dut, probe):
    before = sum(dut.link_drops().values())
    probe.hit = lambda message: message[: len(message) // 2]
    dut.until(lambda dut: sum(dut.link_drops().values()) > before, "the half message was not counted")
    dut.reads(10)
    assert sum(dut.link_drops().values()) == before + 1


def test_a_stalled_probe_is_silent_and_then_continues(dut, probe):
    probe.stalled = True
    dut.until(reason("probe-silent"), "the silence has no name")
    probe.stalled = False
    dut.reads()


def test_noise_as_from_a_wrong_baud_rate_has_a_name(dut, probe):
    probe.noise = True
    dut.until(lambda dut: dut.source["reason"] in ("probe-garbled", "not-a-probe"), "the noise has no name")
    probe.noise = False
    dut.reads()


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("fault", WireFault)
def test_a_bad_cable_costs_the_messages_that_it_hits_and_no_reading_is_of_another_image(dut, probe, golden, fault, seed):
    probe.wire = wire = Wire(fault, RATE, seed)
    for hits, depth_mm in enumerate((100, 140), 1):
        dut.put("source/settings", {"depth_mm": depth_mm})
        dut.until(lambda _, hits=hits: wire.hits >= 2 * hits, "the cable hits nothing")
        dut.reads(4)
        golden.require(dut.get("readings?limit=4"), probe)
    probe.wire = None
    dut.reads(5)
    golden.require(dut.get("readings?limit=16"), probe)


@pytest.mark.slow
def test_a_flooding_probe_is_limited_and_shown(dut, probe):
    probe.flood = True
    dut.until(reason("probe-flooding"), "the flood has no name")
    dut.reads()
    assert dut.source["state"] == "streaming"
    assert dut.link_drops()["link:flood"] > 0
    probe.flood = False


def test_a_brown_out_is_a_restart_without_loss_of_the_port(dut, probe):
    probe.restart()
    dut.reads(10)
    assert dut.source["state"] == "streaming"


def test_descriptors_do_not_leak_over_many_unplugs(dut, unpluggable, request):
    if request.config.getoption("--dut"):
        pytest.skip("the test cannot count the descriptors of a remote device")
    process = next(pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if is_appliance(pid, unpluggable))

    def descriptors():
        return len(os.listdir(f"/proc/{process}/fd"))

    before = descriptors()
    for _ in range(10):
        unpluggable.pull_out()
        dut.until(lambda dut: dut.source["state"] != "streaming", "the loss was not seen")
        unpluggable.plug_in()
        dut.reads(2)
    dut.until(lambda _: descriptors() <= before, "descriptors leak")  # the descriptor of the last request may stay open for a moment


def is_appliance(pid, probe):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return f"serial://{probe.link}".encode() in file.read()
    except OSError:
        return False
