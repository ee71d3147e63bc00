"""Each check of the board finds what its kernel states, on real-looking trees and on this machine."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from provisioning.selftest.board import Board
from provisioning.selftest.check import Level, State, run_checks, verdict
from provisioning.selftest.checks.machine import model_of
from provisioning.selftest.table import board_checks

FLOOR = datetime(2026, 11, 1, tzinfo=timezone.utc)
THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"
EMMC = "sys/block/mmcblk0/device"


@pytest.fixture
def asked(board_of):
    """The result of one check on a Raspberry Pi with these files changed."""

    def ask(name, changed=None, **facts):
        checks = [each for each in board_checks(board_of(changed, **facts)) if each.name == name]
        return run_checks(checks, Level.FACTORY)[0]

    return ask


def numbers(result):
    return {each.name: each.value for each in result.measures}


def test_a_healthy_board_passes(board_of, shown_checks):
    results = run_checks(shown_checks(board_of()), Level.FACTORY)
    assert {each.name: each.state for each in results if each.state is not State.PASSED} == {"tablets": State.NOT_TESTED}
    assert verdict(results) is State.PASSED


def test_after_an_update_only_quick_checks_run(board_of):
    names = {each.name for each in run_checks(board_checks(board_of()), Level.GATE)}
    assert names == {"board", "memory", "storage room", "storage mount", "power"}


def test_a_board_states_what_it_is(asked):
    result = asked("board")
    assert result.detail.startswith("Raspberry Pi 4 Model B Rev 1.4, ")
    assert numbers(result) == {"cores": 4}


def test_a_pc_states_its_product(board_of):
    board = board_of({"proc/device-tree/model": None, "sys/class/dmi/id/product_name": "NUC11TNHi5\n"})
    assert model_of(board) == "NUC11TNHi5"


@pytest.mark.parametrize(
    ("name", "changed", "state", "words"),
    [
        ("board", {"proc/cpuinfo": "processor: 0\n"}, State.WATCH, "Raspberry"),
        ("board", {"proc/cpuinfo": None}, State.FAILED, "Raspberry"),
        ("memory", {"proc/meminfo": "MemTotal: 400000 kB\nMemAvailable: 300000 kB\n"}, State.FAILED, "Memory"),
        ("memory", {"proc/meminfo": "MemTotal: 900000 kB\n"}, State.NOT_TESTED, "does not state"),
        ("storage mount", {"proc/mounts": "/dev/root / ext4 ro,noatime 0 0\n"}, State.FAILED, "takes no writes"),
        ("storage mount", {"proc/mounts": "tmpfs / tmpfs rw 0 0\n"}, State.FAILED, "loses everything"),
        ("storage mount", {"proc/mounts": "/dev/sda1 / ext4 rw,data=writeback 0 0\n"}, State.WATCH, "old bytes"),
        ("storage mount", {"proc/mounts": None}, State.NOT_TESTED, "does not state"),
        ("storage wear", {f"{EMMC}/life_time": "0x0A 0x02\n"}, State.WATCH, "mmcblk0 DG4016"),
        ("storage wear", {f"{EMMC}/life_time": "0x0B 0x02\n"}, State.FAILED, "mmcblk0"),
        ("storage wear", {f"{EMMC}/pre_eol_info": "0x03\n"}, State.FAILED, "mmcblk0"),
        ("storage wear", {f"{EMMC}/life_time": None, f"{EMMC}/pre_eol_info": None}, State.NOT_TESTED, "wear"),
        ("storage wear", {f"{EMMC}/life_time": "0x00 0x00\n", f"{EMMC}/pre_eol_info": None}, State.NOT_TESTED, "wear"),
        ("storage wear", {f"{EMMC}/life_time": "0x00 0x00\n"}, State.PASSED, "mmcblk0"),
        ("clock", {"sys/class/rtc/rtc0/name": None}, State.WATCH, "no clock chip"),
        ("clock", {"run/systemd/timesync/synchronized": None}, State.PASSED, "not synchronised"),
        ("heat", {"sys/class/thermal/thermal_zone0/temp": "81000\n"}, State.WATCH, "hottest of 1"),
        ("heat", {"sys/class/thermal/thermal_zone0/temp": "95000\n"}, State.FAILED, "hottest of 1"),
        ("heat", {"sys/class/thermal/thermal_zone1/temp": "-273000\n"}, State.PASSED, "hottest of 1"),
        ("heat", {"sys/class/thermal/thermal_zone0/temp": None}, State.NOT_TESTED, "no sensor"),
        ("heat", {THROTTLED: "4\n"}, State.WATCH, "slowed down now"),
        ("heat", {THROTTLED: "40000\n"}, State.WATCH, "slowed down since the start"),
        ("heat", {"sys/class/thermal/cooling_device0/cur_state": "2\n"}, State.WATCH, "slowed down now"),
        ("power", {THROTTLED: "50001\n"}, State.FAILED, "too low now"),
        ("power", {THROTTLED: "10000\n"}, State.WATCH, "too low since the start"),
        ("power", {THROTTLED: None, "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1\n"}, State.FAILED, "too low now"),
        ("power", {THROTTLED: None, "sys/class/hwmon/hwmon1/in0_lcrit_alarm": None}, State.NOT_TESTED, "does not state"),
        ("USB", {"sys/bus/usb/devices/2-2/speed": "480\n"}, State.WATCH, "18d1:9302, Coral, 480 Mbit/s"),
        ("USB", {"sys/bus/usb/devices/1-1/bMaxPower": "500mA\n"}, State.WATCH, "500 mA"),
        ("USB", {"sys/bus/usb/devices/1-1/idVendor": None, "sys/bus/usb/devices/2-2/idVendor": None}, State.NOT_TESTED, "No USB device"),
    ],
)
def test_a_fault_is_found(asked, name, changed, state, words):
    result = asked(name, changed)
    assert (result.state, words in result.detail) == (state, True), result
    assert bool(result.next_step) == (state in (State.WATCH, State.FAILED)) or state is State.NOT_TESTED


def test_usb_shows_probes_and_corals_and_no_hubs(asked):
    result = asked("USB", {"sys/bus/usb/devices/3-1/idVendor": "1a6e\n", "sys/bus/usb/devices/3-1/idProduct": "089a\n"})
    assert result.detail.split("; ") == [
        "1-1 2e8a:000a, Sono Probe, probe or other serial device, 480 Mbit/s, 250 mA",
        "2-2 18d1:9302, Coral, 5000 Mbit/s, 896 mA",
        "3-1 1a6e:089a, Coral, not used since the start, 0 Mbit/s, 0 mA",
    ]
    assert numbers(result)["USB power"] == 1146


@pytest.mark.parametrize(
    ("clock", "state", "words"),
    [
        (FLOOR - timedelta(seconds=1), State.FAILED, "CLOCK_BEHIND"),
        (datetime(2099, 1, 1, tzinfo=timezone.utc), State.FAILED, "CLOCK_AHEAD"),
        (FLOOR, State.PASSED, "rtc-ds1307"),
    ],
)
def test_a_wrong_clock_fails(asked, clock, state, words):
    result = asked("clock", clock=clock)
    assert (result.state, words in result.detail) == (state, True)
    assert ("clock set" in result.next_step) == (state is State.FAILED)


def test_the_mount_that_counts_is_the_nearest_and_the_last_one(asked, tmp_path):
    data = str(tmp_path / "data").replace("-", r"\055")
    lines = [
        "/dev/root / ext4 rw 0 0",
        f"/dev/sda1 {data} vfat rw 0 0",
        f"/dev/sda2 {data} ext4 rw,relatime 0 0",
        "tmpfs /tmpdata tmpfs rw 0 0",
    ]
    result = asked("storage mount", {"proc/mounts": "\n".join(lines)})
    assert (result.state, result.detail) == (State.PASSED, "ext4 with rw,relatime")


def test_a_data_folder_that_is_gone_fails_with_its_name(board_of):
    board = board_of()
    board.data.rmdir()
    results = {each.name: each for each in run_checks(board_checks(board), Level.FACTORY)}
    assert {results["storage room"].state, results["storage speed"].state} == {State.FAILED}
    assert str(board.data) in results["storage room"].detail


def test_the_speed_is_measured_by_real_writes_of_which_nothing_is_left(board_of):
    board = board_of()
    result = next(each for each in run_checks(board_checks(board), Level.FIELD) if each.name == "storage speed")
    found = numbers(result)
    assert 0 < found["write p50"] <= found["write p99"]
    assert list(board.data.iterdir()) == []


def test_this_machine_is_tested_as_it_is(tmp_path):
    results = {each.name: each for each in run_checks(board_checks(Board(tmp_path, FLOOR)), Level.FACTORY)}
    tested = {"board", "memory", "storage room", "storage speed", "clock"}
    if any(line.split()[1] == "/" for line in Path("/proc/mounts").read_text().splitlines()):  # not in a changed root
        tested.add("storage mount")
    assert {name for name in tested if results[name].state is State.NOT_TESTED} == set()
    total_mib = next(int(line.split()[1]) for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal")) / 1024
    assert numbers(results["memory"])["memory in all"] == pytest.approx(total_mib, abs=1)
    assert not any("Error" in each.detail for each in results.values())
