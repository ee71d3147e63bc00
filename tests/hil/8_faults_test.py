"""Bring-up 8: every fault of a cable in a ward has a name, and none of them needs a hand on the appliance."""

import os
import random

import pytest

pytestmark = pytest.mark.hil

BACK_S = 2.0
"""From the port being there to a new reading, seen through the API; `sonoedge bench reconnect` measures it exactly."""


def reason(name):
    return lambda dut: dut.source["reason"] == name


@pytest.fixture
def unpluggable(probe):
    if not probe.can_unplug:
        pytest.skip("a real serial line cannot be unplugged by a program")
    return probe


def test_a_cable_that_is_pulled_out_is_named_and_comes_back_as_it_was(dut, unpluggable):
    dut.put("source/settings", {"depth_mm": 110})
    unpluggable.pull_out()
    dut.until(reason("probe-unplugged"), "the loss has no name")
    unpluggable.plug_in()
    back_s = dut.until(lambda dut: dut.source["state"] == "streaming", "it did not come back") + dut.reads(1)
    assert back_s <= BACK_S
    assert dut.put("source/settings", {})["depth_mm"] == 110


@pytest.mark.parametrize("away", range(5))
def test_a_loose_contact_is_outlived(dut, unpluggable, away):
    for _ in range(3):
        unpluggable.pull_out()
        unpluggable.plug_in()
    dut.reads()


def test_a_burst_of_garbage_between_frames_costs_at_most_one(dut, probe):
    before = sum(dut.link_drops().values())
    probe.say(random.Random(7).randbytes(5000))
    dut.reads(10)
    assert sum(dut.link_drops().values()) - before <= 1


def test_a_message_cut_in_half_costs_itself(dut, probe):
    before = sum(dut.link_drops().values())
    probe.hit = lambda message: message[: len(message) // 2]
    dut.until(lambda dut: sum(dut.link_drops().values()) > before, "the half message was not counted")
    dut.reads(10)
    assert sum(dut.link_drops().values()) == before + 1


def test_a_probe_that_stalls_is_silent_and_then_goes_on(dut, probe):
    probe.stalled = True
    dut.until(reason("probe-silent"), "the silence has no name")
    probe.stalled = False
    dut.reads()


def test_noise_as_of_a_wrong_baud_rate_has_a_name(dut, probe):
    probe.noise = True
    dut.until(lambda dut: dut.source["reason"] in ("probe-garbled", "not-a-probe"), "the noise has no name")
    probe.noise = False
    dut.reads()


def test_a_probe_that_floods_is_held_back_and_shown(dut, probe):
    probe.flood = True
    dut.until(reason("probe-flooding"), "the flood has no name")
    dut.reads()
    assert dut.source["state"] == "streaming"
    assert dut.link_drops()["link:flood"] > 0
    probe.flood = False


def test_a_brown_out_is_a_fresh_start_without_a_loss_of_the_port(dut, probe):
    probe.restart()
    dut.reads(10)
    assert dut.source["state"] == "streaming"


def test_descriptors_do_not_leak_over_many_unplugs(dut, unpluggable, request):
    if request.config.getoption("--dut"):
        pytest.skip("the descriptors of a device elsewhere cannot be counted")
    process = next(pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if is_appliance(pid, unpluggable))

    def descriptors():
        return len(os.listdir(f"/proc/{process}/fd"))

    before = descriptors()
    for _ in range(10):
        unpluggable.pull_out()
        dut.until(lambda dut: dut.source["state"] != "streaming", "the loss was not seen")
        unpluggable.plug_in()
        dut.reads(2)
    dut.until(lambda _: descriptors() <= before, "descriptors leak")  # that of the last question may be open a moment longer


def is_appliance(pid, probe):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return f"serial://{probe.link}".encode() in file.read()
    except OSError:
        return False
