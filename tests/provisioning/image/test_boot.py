"""An image from power to readiness, and again after the power was cut. The steps are in the order in which they happen."""

import json
import re

import pytest

pytestmark = [pytest.mark.image, pytest.mark.peers, pytest.mark.slow, pytest.mark.timeout(7200)]

AS_USER = "setpriv --reuid=sonoedge --regid=sonoedge --init-groups env HOME=/var/lib/sonoedge "
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}
"""127.0.0.1 and ::1, as the kernel prints them."""


def answered(machine, command):
    status, printed = machine.shell(command)
    assert status == 0, printed
    return printed


def test_1_it_becomes_ready_by_itself(machine, capfd):
    machine.power_on()
    seconds = machine.ready()
    machine.shell("systemctl is-system-running --wait")
    with capfd.disabled():
        print(f"\nfirst start: ready {seconds:.0f} s after power on; {answered(machine, 'systemd-analyze time').splitlines()[0]}")
    assert answered(machine, "systemctl is-active sonoedge").strip() == "active"
    assert "0 loaded units" in answered(machine, "systemctl --failed --no-pager --plain")


def test_2_the_doctor_finds_the_essentials_well(machine):
    printed = answered(machine, f"{AS_USER} sonoedge doctor --json 2>/dev/null")
    assert json.loads(re.search(r"^.*?(\{.*\})", printed, re.DOTALL).group(1))["works"] is True


def options(machine, place):
    return set(answered(machine, f"findmnt --noheadings --output OPTIONS {place}").strip().split(","))


def test_3_the_root_is_read_only_and_the_data_hold_no_programs(machine):
    assert "ro" in options(machine, "/")
    assert {"rw", "nosuid", "nodev", "noexec"} <= options(machine, "/var/lib/sonoedge")
    assert {"rw", "nosuid", "nodev"} <= options(machine, "/opt/sonoedge")


def test_4_the_data_are_encrypted_and_take_the_rest_of_the_disk(machine):
    assert answered(machine, "lsblk --noheadings --output TYPE $(findmnt -no SOURCE /var/lib/sonoedge)").strip() == "crypt"
    assert int(answered(machine, "df --output=size -m /var/lib/sonoedge | tail -n 1")) > 2048


def test_5_nothing_listens_beyond_the_board(machine):
    printed = answered(machine, "cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6")
    listening = re.findall(r"^ *\d+: ([0-9A-F]+):\w+ 0+:0000 (?:0A|07)", printed, re.MULTILINE)
    assert set(listening) <= LOOPBACK
    assert listening


def test_6_nobody_logs_in_with_a_password(machine):
    passwords = [line.split(":")[1] for line in answered(machine, "cat /etc/shadow").splitlines()]
    assert passwords
    assert all(password.startswith(("*", "!")) for password in passwords)


def test_7_what_was_recorded_survives_a_power_cut(machine, capfd):
    answered(machine, f"echo 739152 | {AS_USER} sonoedge operator claim A-1 'Amina Yusuf'")
    machine_id = answered(machine, "cat /etc/machine-id")
    machine.cut_power()

    machine.power_on()
    seconds = machine.ready()
    with capfd.disabled():
        print(f"\nafter a power cut: ready {seconds:.0f} s after power on")
    assert answered(machine, "cat /etc/machine-id") == machine_id
    assert '"whole": true' in answered(machine, f"{AS_USER} sonoedge audit verify --json")
    assert "A-1" in answered(machine, f"{AS_USER} sonoedge audit list --json")


def test_8_a_damaged_data_partition_is_stated_and_not_overwritten(machine):
    damage = "dd if=/dev/zero of=/dev/disk/by-partlabel/sonoedge-data bs=1M count=64 conv=fsync"
    answered(machine, f"systemctl stop sonoedge && umount /var/lib/sonoedge && {damage}")
    machine.cut_power()

    machine.power_on()
    assert "the data partition has no file system that can be read. The appliance does not start" in machine.printed
    status, _ = machine.shell("systemctl is-active sonoedge")
    assert status != 0
    answered(machine, "cmp --bytes=67108864 /dev/zero /dev/disk/by-partlabel/sonoedge-data")
