"""Boards as their kernels show them, as folders of a test."""

import os
from datetime import datetime, timedelta, timezone

import pytest

from provisioning.selftest.board import Board
from provisioning.selftest.table import board_checks

FLOOR = datetime(2026, 11, 1, tzinfo=timezone.utc)

RASPBERRY_PI = {
    "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
    "proc/cpuinfo": "".join(f"processor\t: {core}\nBogoMIPS\t: 108.00\n\n" for core in range(4)),
    "proc/meminfo": "MemTotal:        3884392 kB\nMemFree:          203164 kB\nMemAvailable:    3011484 kB\n",
    "proc/mounts": "/dev/root / ext4 rw,noatime 0 0\nproc /proc proc rw 0 0\n",
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "52095\n",
    "sys/class/thermal/cooling_device0/type": "thermal-cpufreq-0\n",
    "sys/class/thermal/cooling_device0/cur_state": "0\n",
    "sys/devices/platform/soc/soc:firmware/get_throttled": "0\n",
    "sys/class/hwmon/hwmon1/name": "rpi_volt\n",
    "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "0\n",
    "sys/class/rtc/rtc0/name": "rtc-ds1307 1-0068\n",
    "sys/block/mmcblk0/device/name": "DG4016\n",
    "sys/block/mmcblk0/device/life_time": "0x02 0x03\n",
    "sys/block/mmcblk0/device/pre_eol_info": "0x01\n",
    "run/systemd/timesync/synchronized": "",
    "sys/bus/usb/devices/usb1/idVendor": "1d6b\n",
    "sys/bus/usb/devices/usb1/idProduct": "0002\n",
    "sys/bus/usb/devices/usb1/bDeviceClass": "09\n",
    "sys/bus/usb/devices/1-1/idVendor": "2e8a\n",
    "sys/bus/usb/devices/1-1/idProduct": "000a\n",
    "sys/bus/usb/devices/1-1/bDeviceClass": "ef\n",
    "sys/bus/usb/devices/1-1/manufacturer": "Sono\n",
    "sys/bus/usb/devices/1-1/product": "Probe\n",
    "sys/bus/usb/devices/1-1/speed": "480\n",
    "sys/bus/usb/devices/1-1/bMaxPower": "250mA\n",
    "sys/bus/usb/devices/1-1/1-1:1.0/bInterfaceClass": "02\n",
    "sys/bus/usb/devices/1-1:1.0/bInterfaceClass": "02\n",
    "sys/bus/usb/devices/2-2/idVendor": "18d1\n",
    "sys/bus/usb/devices/2-2/idProduct": "9302\n",
    "sys/bus/usb/devices/2-2/bDeviceClass": "00\n",
    "sys/bus/usb/devices/2-2/speed": "5000\n",
    "sys/bus/usb/devices/2-2/bMaxPower": "896mA\n",
}
"""Its eMMC is the one of a Compute Module."""


@pytest.fixture
def board_of(tmp_path):
    """A board whose kernel shows these files; a file with None is absent."""

    def make(changed=None, clock=FLOOR + timedelta(days=30)):
        root, data = tmp_path / "root", tmp_path / "data"
        data.mkdir(exist_ok=True)
        for name, content in {**RASPBERRY_PI, **(changed or {})}.items():
            if content is not None:
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
        mapped = root / f"sys/dev/block/{os.major(data.stat().st_dev)}:{os.minor(data.stat().st_dev)}/dm/uuid"
        mapped.parent.mkdir(parents=True, exist_ok=True)
        mapped.write_text("CRYPT-LUKS2-0")
        return Board(data, FLOOR, root, lambda: clock)

    return make


@pytest.fixture
def shown_checks():
    """The checks of what the files of a test show; the others measure the disk of the machine that runs the test."""

    def make(board):
        return tuple(each for each in board_checks(board) if each.name not in ("storage room", "storage speed"))

    return make
