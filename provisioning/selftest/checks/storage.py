"""Whether the storage of the data folder has room, writes fast enough, is worn out, and survives a power cut."""

import math
import os
import re
import tempfile
import time
from pathlib import Path

from edge.disk.mounts import unescaped
from provisioning.selftest.board import Board, read_text
from provisioning.selftest.check import Answer, State, judged, measure, not_tested
from provisioning.selftest.limits import WRITES

MIB = 2**20
WRITE_BYTES = 4096

FILE_SYSTEMS = {
    "tmpfs": (State.FAILED, "a power cut loses everything in it"),
    "ramfs": (State.FAILED, "a power cut loses everything in it"),
    "vfat": (State.FAILED, "a power cut can damage it, and it protects no key"),
    "exfat": (State.FAILED, "a power cut can damage it, and it protects no key"),
    "overlay": (State.WATCH, "its lower file system is not known"),
}
OPTIONS = {
    "ro": (State.FAILED, "it takes no writes"),
    "nobarrier": (State.FAILED, "a power cut can damage it"),
    "barrier=0": (State.FAILED, "a power cut can damage it"),
    "data=writeback": (State.WATCH, "a power cut can leave old bytes in new files"),
}
"""What is wrong with a file system or an option of its mount."""


def room(board: Board) -> Answer:
    disk = os.statvfs(board.data)
    numbers = [measure("storage free", disk.f_bavail * disk.f_frsize / MIB)]
    if disk.f_files:  # some file systems make room for files as they need it
        numbers.append(measure("files possible", disk.f_favail))
    return judged(f"Room in {board.data}", numbers, "Free some room: move recordings away")


def speed(board: Board) -> Answer:
    """Writes into a file without a name, of which nothing is left."""
    with tempfile.TemporaryFile(dir=board.data, buffering=0) as file:
        taken_ms = sorted(_write_ms(file.fileno()) for _ in range(WRITES))
    numbers = [measure(f"write p{part}", taken_ms[math.ceil(WRITES * part / 100) - 1]) for part in (50, 99)]
    detail = f"{WRITES} writes of {WRITE_BYTES} bytes, each with fsync"
    return judged(detail, numbers, "Use an eMMC, an SSD or a card of class A2 for the data folder")


def _write_ms(descriptor: int) -> float:
    content = os.urandom(WRITE_BYTES)
    begun = time.perf_counter()
    os.write(descriptor, content)
    os.fsync(descriptor)
    return (time.perf_counter() - begun) * 1000


def wear(board: Board) -> Answer:
    """From the registers of an eMMC (JEDEC 84-B51): DEVICE_LIFE_TIME_EST in steps of 10 %, and PRE_EOL_INFO."""
    devices = sorted((board.root / "sys/block").glob("mmcblk*/device"))
    stated = {"storage wear": 10 * _highest(devices, "life_time"), "storage reserve": _highest(devices, "pre_eol_info")}
    numbers = [measure(name, value) for name, value in stated.items() if value]
    if not numbers:
        return not_tested("No storage of this board states its wear; cards and most sticks do not")
    return judged(", ".join(f"{each.parent.name} {read_text(each / 'name')}" for each in devices), numbers, "Replace the storage soon")


def _highest(devices: list[Path], register: str) -> int:
    """Of registers such as `0x01 0x02`; 0 is "not defined"."""
    found = (value for device in devices for value in re.findall(r"0x[0-9a-fA-F]{2}", read_text(device / register)))
    return max((int(value, 16) for value in found), default=0)


def mount(board: Board) -> Answer:
    data = board.data.resolve()
    found = [line.split() for line in board.text("proc/mounts").splitlines()]
    above = [each for each in found if len(each) >= 4 and data.is_relative_to(unescaped(each[1]))]
    if not above:
        return not_tested("The kernel does not state what is mounted")
    _, _, system, stated, *_ = max(reversed(above), key=lambda each: len(unescaped(each[1])))
    options = stated.split(",")
    faults = [FILE_SYSTEMS[system]] if system in FILE_SYSTEMS else []
    faults += [OPTIONS[option] for option in options if option in OPTIONS]
    detail = "; ".join((f"{system} with {stated}", *(why for _, why in faults)))
    return judged(detail, (), "Put the data folder on ext4 with its default options", [state for state, _ in faults])
