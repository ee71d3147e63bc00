"""Which board this is, and whether its cores and its memory are enough."""

import platform
import sys

from provisioning.selftest.board import Board
from provisioning.selftest.check import Answer, State, judged, measure, not_tested
from provisioning.selftest.limits import ARCHITECTURES, PYTHON_OLDEST

MODELS = ("proc/device-tree/model", "sys/class/dmi/id/product_name")
"""Where boards with a device tree and where PCs state what they are."""


def model_of(board: Board) -> str:
    """What the board states to be."""
    return next(filter(None, map(board.text, MODELS)), "a board that does not state its model")


def machine(board: Board) -> Answer:
    cores = sum(line.startswith("processor") for line in board.text("proc/cpuinfo").splitlines())
    arch, python = platform.machine(), platform.python_version()
    seen = [
        State.PASSED if sys.version_info[:2] >= PYTHON_OLDEST else State.FAILED,
        State.PASSED if arch in ARCHITECTURES else State.WATCH,
    ]
    needs = f"Use a board with two cores, one of {', '.join(sorted(ARCHITECTURES))} and Python {'.'.join(map(str, PYTHON_OLDEST))} or newer"
    return judged(f"{model_of(board)}, {arch}, Python {python}", [measure("cores", cores)], needs, seen)


def memory(board: Board) -> Answer:
    lines = (line.partition(":") for line in board.text("proc/meminfo").splitlines())
    kib = {name: int(rest.split()[0]) for name, _, rest in lines if name in ("MemTotal", "MemAvailable")}
    if len(kib) < 2:
        return not_tested("The kernel does not state its memory")
    numbers = [measure("memory in all", kib["MemTotal"] / 1024), measure("memory free", kib["MemAvailable"] / 1024)]
    return judged("Memory of the board", numbers, "Close other programs, or use a board with more memory")
