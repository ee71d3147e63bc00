"""How soon the appliance reads again after its probe was unplugged and plugged in, on a real pty: killing its process unplugs it."""

import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.appliance import Appliance
from edge.inference.choice import resolve
from edge.inference.shelf import Shelf
from edge.pipeline.source_state import SourceState
from edge.settings import Settings
from firmware_bridge.child import python

TARGETS = {"first_reading_s_p99": ("<=", 1.0), "crashes": ("<=", 0.0), "leaked_descriptors": ("<=", 0.0)}
POLL_S = 0.001
TIMEOUT_S = 30.0
AWAY_S = (0.05, 1.5)
"""Range of the random time without the probe, so that it ends in every phase of the appliance's waits."""


class Crashed(Exception):
    """The appliance ended, or did not read again."""


@dataclass(frozen=True, slots=True)
class ReconnectFigures:
    """Seconds from the appearance of the port to the first new published reading; `crashes` counts cycles without one."""

    cycles: int
    first_reading_s_p50: float
    first_reading_s_p99: float
    first_reading_s_max: float
    crashes: int
    leaked_descriptors: int


def measure(settings: Settings, cycles: int = 50, each: Callable[[int], None] = lambda _: None) -> ReconnectFigures:
    """Unplugs and plugs in the probe `cycles` times; calls `each` with the number of each finished cycle."""
    took: list[float] = []
    crashes = 0
    model = resolve(settings.model, Shelf.of(settings.data_dir), settings.threads)
    chance = random.Random(1)  # noqa: S311 - not a secret; the waits are the same in each run
    with tempfile.TemporaryDirectory() as folder:
        port = Path(folder) / "probe"
        changes = {"source": f"serial://{port}", "port": 0, "data_dir": Path(folder), "record": False, "model": model}
        probe = _plug_in(port)
        with Appliance(settings.model_copy(update=changes)) as appliance:
            _until(lambda: appliance.counts.read > 0, appliance)
            descriptors = _descriptors()
            for cycle in range(cycles):
                try:
                    _pull_out(probe, port)
                    _until(lambda: appliance.source_status().state is not SourceState.STREAMING, appliance)
                    time.sleep(chance.uniform(*AWAY_S))
                    probe = _plug_in(port)
                    took.append(_seconds_to_reading(appliance, time.monotonic_ns()))
                except Crashed:
                    crashes += 1
                each(cycle + 1)
            leaked = _descriptors() - descriptors
        _pull_out(probe, port)
    p50, p99, most = np.percentile(took or [float("inf")], [50, 99, 100])
    return ReconnectFigures(cycles, float(p50), float(p99), float(most), crashes, leaked)


def _plug_in(port: Path) -> "subprocess.Popen[bytes]":
    command = python("-m", "firmware_bridge.virtual_probe", "--link", str(port), "--rendered", "4")
    probe = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    end = time.monotonic() + TIMEOUT_S
    while not port.exists():
        if time.monotonic() > end:
            _pull_out(probe, port)
            raise Crashed("the virtual probe did not start")
        time.sleep(POLL_S)
    return probe


def _pull_out(probe: "subprocess.Popen[bytes]", port: Path) -> None:
    """Also removes the link, as udev does: another program may soon get the number of the closed terminal."""
    probe.kill()
    probe.wait()
    port.unlink(missing_ok=True)


def _until(seen: Callable[[], bool], appliance: Appliance) -> None:
    end = time.monotonic() + TIMEOUT_S
    while not seen():
        if appliance.wait(POLL_S) or time.monotonic() > end:
            raise Crashed("the appliance ended, or did not read again")


def _read_since(appliance: Appliance, since_ns: int) -> bool:
    latest = appliance.hub.latest
    return latest is not None and latest.published_ns > since_ns


def _seconds_to_reading(appliance: Appliance, since_ns: int) -> float:
    _until(lambda: _read_since(appliance, since_ns), appliance)
    first_ns = min(observation.published_ns for observation in appliance.hub.recent() if observation.published_ns > since_ns)
    return (first_ns - since_ns) / 1e9


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counts only; needs no paths
