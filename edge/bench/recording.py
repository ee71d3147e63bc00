"""The cost of recording: processor time for 640x480 frames at 30 per second, and lost frames."""

import os
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from firmware_bridge.frame import Frame, Grey
from firmware_bridge.recorder import Recorder
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest

RATE, SIDE, ROWS, COLUMNS = 30.0, 640, 480, 640
TARGETS = {"core_percent": ("<=", 5.0), "frames_lost": ("<=", 0.0)}
DRAWN = 24
"""Frames of the simulated chest, rendered in advance and recorded repeatedly."""


@dataclass(frozen=True, slots=True)
class RecordingFigures:
    """`core_percent` is the processor time of recording in percent of one core; `mb_s` is the rate to disk in 10**6 bytes per second."""

    core_percent: float
    frames: int
    frames_lost: int
    mb_s: float


def measure(seconds: float = 10.0) -> RecordingFigures:
    """Records for this time at 30 frames per second into a temporary folder; the process does nothing else."""
    images = [image[:ROWS, :COLUMNS].copy() for image in _drawn()]
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder) / "bench.mcap", SourceInfo("virtual://chest", "chest", Origin.SIMULATED), "", free_floor=0)
        begun, used = time.monotonic(), time.process_time()
        count = round(seconds * RATE)
        pause = threading.Event()
        for number in range(count):
            pause.wait(max(0.0, begun + number / RATE - time.monotonic()))
            recorder.frame(Frame(images[number % DRAWN], number, number * 33_333, time.monotonic_ns(), simulated=True))
        status = recorder.close()
        used, took = time.process_time() - used, time.monotonic() - begun
        size = os.path.getsize(status.path)  # noqa: PTH202 - the status does not include the index
    return RecordingFigures(100 * used / took, count, count - status.frames, size / 1e6 / took)


def _drawn() -> list[Grey]:
    chest = Chest(3, size=SIDE)
    return [chest.image(number / RATE) for number in range(DRAWN)]
