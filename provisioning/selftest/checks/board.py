"""Which board this is, and whether its cores and its memory are enough."""

import platform
import sys

from provisioning.selftest.check import Answer, State, judged, measure, not_tested
from provisioning.selftest.limits import ARCHITECTURES, PYTHON_OLDEST
from provisioning.selftest.place import Place

MODELS = ("proc/device-tree/model", "sys/class/dmi/id/product_name")
"""Where boards with a device tree and where PCs state what they are."""


def board_model(place: Place) -> str:
    """What the board states to be."""
    return next(filter(None, map(place.text, MODELS)), "a board that does not state its model")


def board(place: Place) -> Answer:
    cores = sum(line.startswith("processor") for line in place.text("proc/cpuinfo").splitlines())
    machine, python = platform.machine(), platform.python_version()
    seen = [
        State.PASSED if sys.version_info[:2] >= PYTHON_OLDEST else State.FAILED,
        State.PASSED if machine in ARCHITECTURES else State.WATCH,
    ]
    needs = f"Use a board with two cores, one of {', '.join(sorted(ARCHITECTURES))} and Python {'.'.join(map(str, PYTHON_OLDEST))} or newer"
    return judged(f"{board_model(place)}, {machine}, Python {python}", [measure("cores", cores)], needs, seen)


def memory(place: Place) -> Answer:
    lines = (line.partition(":") for line in place.text("proc/meminfo").splitlines())
    kib = {name: int(rest.split()[0]) for name, _, rest in lines if name in ("MemTotal", "MemAvailable")}
    if len(kib) < 2:
        return not_tested("The kernel does not state its memory")
    numbers = [measure("memory in all", kib["MemTotal"] / 1024), measure("memory free", kib["MemAvailable"] / 1024)]
    return judged("Memory of the board", numbers, "Close other programs, or use a board with more memory")
