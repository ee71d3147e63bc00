"""A virtual probe in a process of its own, that a test can pull out and plug in again."""

import subprocess
import sys
import time

import numpy as np
import pytest

from edge.inference.reading import Reading, Score, StageTimes
from edge.inference.release import ModelRelease
from edge.pipeline.observation import Observation
from edge.vision.standardise import Standardiser
from firmware_bridge.frame import Frame

PATIENCE_S = 60


class Plug:
    """The probe's port is always at `path`, as udev names hardware, and nothing is there while it is out."""

    def __init__(self, path):
        self.path = path
        self.url = f"serial://{path}"
        self._probe = None

    def plug_in(self, *arguments):
        command = [
            sys.executable,
            "-m",
            "firmware_bridge.virtual_probe",
            "--link",
            str(self.path),
            "--rendered",
            "4",
            "--size",
            "128",
            *arguments,
        ]
        self._probe = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._probe.stdout.readline()

    def pull_out(self):
        if self._probe is not None:
            self._probe.kill()
            self._probe.wait()
            self._probe.stdout.close()
            self._probe = None
            self.path.unlink(missing_ok=True)


@pytest.fixture
def plug(tmp_path):
    plug = Plug(tmp_path / "probe")
    yield plug
    plug.pull_out()


@pytest.fixture(scope="session")
def eventually():
    def wait(seen, what):
        end = time.monotonic() + PATIENCE_S
        while not seen():
            assert time.monotonic() < end, what
            time.sleep(0.02)

    return wait


class Scan:
    """A live scan of the simulated chest: observations as the pipeline publishes them, with readings of a model that sees little."""

    def __init__(self, release):
        self._release = release
        self._standardiser = Standardiser(release.input_side)
        self._count = 0
        self.rate = 10.0

    def frame(self, chest):
        time_s = self._count / self.rate
        self._count += 1
        at_ns = time.monotonic_ns()
        return Frame(chest.image(time_s), self._count, int(1e6 * time_s), at_ns, chest.geometry, chest.settings, simulated=True)

    def observation(self, frame, limits):
        seen = self._standardiser.take(frame, limits)
        scores = tuple(Score(label.key, 0.1, -2.0) for label in self._release.findings)
        reading = Reading(frame.sequence, scores, np.zeros((7, 7, 3), np.float32), StageTimes(1, 2, 3), self._release.version, True)
        return Observation(seen, reading, time.monotonic_ns())

    def show(self, desk, chest, frames):
        """What a probe on this chest sends, told to a desk."""
        for _ in range(frames):
            frame = self.frame(chest)
            desk.frame(frame)
            desk.observation(self.observation(frame, desk.limits))


@pytest.fixture
def scan():
    return Scan(ModelRelease.load())
