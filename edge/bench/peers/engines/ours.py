"""The appliance's live loop: region, level, quality, network, novelty and decision values, from a frame to its published reading.

The source gives each frame when the reading of the one before is published. So a frame's time is the whole time that it needs, without
a wait for another frame, as in the loops of the peers.
"""

import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from edge.bench.peers.frames import CHEST
from edge.bench.peers.job import Engine, Job, Pixels
from edge.inference.admission import admit
from edge.pipeline.counts import Counts
from edge.pipeline.hub import Hub
from edge.pipeline.loop import Pipeline
from edge.pipeline.observation import Observation
from edge.pipeline.tap import Taps
from edge.pipeline.times import Times
from firmware_bridge.errors import BridgeError
from firmware_bridge.frame import AcquisitionSettings, Frame
from firmware_bridge.sources.base import Closing, Origin, SourceInfo, SourceLoss

WAIT_S = 60.0
"""A frame that is not read within this time was dropped."""


def load(job: Job) -> Engine:
    reader = admit(Path(job.release), 1)
    readings = _Readings()
    source = _OneAtATime(job.frames, readings)
    pipeline = Pipeline(reader, Hub(), Counts(), Times(), tap=readings)
    for work in (pipeline.read_until_closed, lambda: pipeline.feed(source)):
        threading.Thread(target=work, daemon=True).start()
    source.run(len(job.frames))
    return Engine(source.run)


class _Readings(Taps):
    """The tap that receives each reading."""

    def __init__(self) -> None:
        super().__init__()
        self.took: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.arrived = threading.Semaphore(0)

    def observation(self, observation: Observation) -> None:
        self.took.put(time.monotonic_ns() - observation.frame.received_ns)
        self.arrived.release()


class _OneAtATime(Closing):
    """A source of the simulated chest."""

    info = SourceInfo("bench:", "simulated chest", Origin.SIMULATED)
    losses: tuple[SourceLoss, ...] = ()
    notice: BridgeError | None = None

    def __init__(self, pixels: Pixels, readings: _Readings) -> None:
        self._pixels = pixels
        self._readings = readings
        self._wanted: queue.SimpleQueue[int] = queue.SimpleQueue()

    def run(self, count: int) -> list[int]:
        self._wanted.put(count)
        return [self._readings.took.get(timeout=WAIT_S) for _ in range(count)]

    def frames(self) -> Iterator[Frame]:
        sequence = 0
        while True:
            for _ in range(self._wanted.get()):
                pixels = self._pixels[sequence % len(self._pixels)].view()
                yield Frame(pixels, sequence, 0, time.monotonic_ns(), CHEST.geometry, CHEST.settings, simulated=True)
                self._readings.arrived.acquire()
                sequence += 1

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:
        return settings

    def close(self) -> None:
        """It ends with its process."""
