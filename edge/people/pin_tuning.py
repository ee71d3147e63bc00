"""How hard a PIN is hashed on this board: measured once, and kept in the data folder until that is moved to another board."""

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
from edge.people.pin import Argon2Pins, Parameters
from edge.records.errors import RecordsFull

FASTEST_S, SLOWEST_S = 0.25, 0.5
"""What checking one PIN may take: long for who tries many, short for who waits."""
AIM_S = 0.35
MEMORIES_KIB = (65536, 19456)
"""64 MiB are RFC 9106's second recommendation (4); on a board too slow for that 19 MiB, as in OWASP's Password Storage Cheat Sheet."""
TRIES = 5
MORE = 3
"""Passes of the second measurement."""


def pins_of(folder: Path) -> Argon2Pins:
    """PINs as this board keeps them, tuned when the first one comes."""
    return Argon2Pins(lambda: parameters_of(folder))


def parameters_of(folder: Path) -> Parameters:
    """Those that were measured on this board, or are now.

    Raises:
        RecordsFull: they cannot be kept.
    """
    path = DataFolder(folder).pin_hash
    try:
        kept = json.loads(path.read_text())
        if kept["board"] == board():
            return Parameters(int(kept["passes"]), int(kept["memory_kib"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not measured yet, or not to be believed
    found = tune()
    try:
        replace_file(path, json.dumps({**asdict(found), "board": board()}).encode())
    except OSError as error:
        raise RecordsFull(f"{path} cannot be written ({error})", "Check the disk, and that this user may write there") from error
    return found


def board() -> str:
    """What kind of machine this is, as far as it tells."""
    return f"{platform.machine()} {os.cpu_count()} {platform.node()}"


def tune(measure: Callable[[Parameters], float] | None = None) -> Parameters:
    """Parameters with which checking one PIN takes about `AIM_S`; `measure` gives seconds."""
    timed = measure or time_of
    for memory in MEMORIES_KIB:
        one, more = timed(Parameters(1, memory)), timed(Parameters(MORE, memory))
        if one <= SLOWEST_S:
            break
    each = max((more - one) / (MORE - 1), one / 10)  # the rest of the first is the memory itself
    return Parameters(max(1, 1 + round((AIM_S - one) / each)), memory)


def time_of(parameters: Parameters) -> float:
    """Seconds of one core to check one PIN, whatever else it does meanwhile: the middle of some tries."""
    pins = Argon2Pins(lambda: parameters)

    def once() -> float:
        begun = time.thread_time()
        pins.waste("0")
        return time.thread_time() - begun

    once()  # the first takes memory from the system
    return median(once() for _ in range(TRIES))
