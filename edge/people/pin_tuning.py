"""The cost of a PIN's hash on this board: measured once, and stored in the data folder until the folder moves to another board."""

import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from statistics import median

from edge.disk.durable import replace_file
from edge.disk.layout import DataFolder
from edge.disk.plain_file import read_plain
from edge.disk.structured import LARGEST
from edge.people.pin import Argon2Pins, Parameters
from edge.records.errors import RecordsFull

FASTEST_S, SLOWEST_S = 0.25, 0.5
"""Limits for the check of one PIN: slow for a person who tries many PINs, fast for a person who waits."""
AIM_S = 0.35
MEMORIES_KIB = (65536, 19456)
"""64 MiB is the second recommendation of RFC 9106 (4). A board that is too slow for it uses 19 MiB (OWASP Password Storage Cheat Sheet)."""
TRIES = 5
MORE = 3
"""Passes of the second measurement."""


def pins_of(folder: Path) -> Argon2Pins:
    """The hasher of this board; its cost is measured when the first PIN comes."""
    return Argon2Pins(lambda: parameters_of(folder))


def parameters_of(folder: Path) -> Parameters:
    """The parameters of this board: the stored ones, or new ones that are measured now.

    Raises:
        RecordsFull: the new parameters cannot be stored.
    """
    path = DataFolder(folder).pin_hash
    try:
        stored = json.loads(read_plain(path, LARGEST))
        if stored["board"] == board():
            return Parameters(int(stored["passes"]), int(stored["memory_kib"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass  # not measured yet, or damaged
    found = tune()
    try:
        replace_file(path, json.dumps({**asdict(found), "board": board()}).encode())
    except OSError as error:
        raise RecordsFull(f"{path} cannot be written ({error})", "Check the disk and its permissions") from error
    return found


def board() -> str:
    """The kind of this machine: processor, number of cores, host name."""
    return f"{platform.machine()} {os.cpu_count()} {platform.node()}"


def tune(measure: Callable[[Parameters], float] | None = None) -> Parameters:
    """Parameters with which the check of one PIN takes about `AIM_S`; `measure` returns seconds."""
    timed = measure or time_of
    for memory in MEMORIES_KIB:
        one, more = timed(Parameters(1, memory)), timed(Parameters(MORE, memory))
        if one <= SLOWEST_S:
            break
    each = max((more - one) / (MORE - 1), one / 10)  # the rest of the first measurement is the cost of the memory
    return Parameters(max(1, 1 + round((AIM_S - one) / each)), memory)


def time_of(parameters: Parameters) -> float:
    """Processor seconds to check one PIN: the median of some tries. Other load on the board does not count."""
    pins = Argon2Pins(lambda: parameters)

    def once() -> float:
        begun = time.thread_time()
        pins.waste("0")
        return time.thread_time() - begun

    once()  # the first try also gets memory from the system
    return median(once() for _ in range(TRIES))
