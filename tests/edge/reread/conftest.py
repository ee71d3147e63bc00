"""Recordings of the simulated chest, short enough to be read often, and a candidate that says otherwise of them."""

import json
from pathlib import Path

import pytest

from edge.disk.digest import digest_of
from edge.inference.release import BUILT_IN, ModelRelease
from edge.reread.clip import RecordedClip
from edge.reread.read import Job, ReleaseAt
from firmware_bridge.frame import Frame
from firmware_bridge.recorder import Recorder
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest

FIRST = 100
"""The sequence number of the first frame of each recording."""


def record(path, seed, frames):
    chest = Chest(seed, size=128)
    recorder = Recorder(path, SourceInfo("virtual://", "chest", Origin.SIMULATED), "research use, not a diagnosis")
    for count in range(frames):
        recorder.frame_waiting(Frame(chest.image(count / 10), FIRST + count, count * 100_000, 0, chest.geometry, chest.settings, True))
    assert recorder.close().problem is None


@pytest.fixture(scope="session")
def recordings(tmp_path_factory):
    """Four of ten frames."""
    folder = tmp_path_factory.mktemp("recordings")
    for seed in range(1, 5):
        record(folder / f"chest-{seed}.mcap", seed, 10)
    return folder


@pytest.fixture(scope="session")
def old():
    return BUILT_IN / "lung-s"


@pytest.fixture(scope="session")
def new(tmp_path_factory, candidate, seal):
    """The same network, calibrated so that it sees every finding."""
    folder = candidate(tmp_path_factory.mktemp("candidate") / "new")
    path = folder / "calibration.json"
    stated = json.loads(path.read_text())
    for finding in stated["findings"].values():
        finding.update(slope=0.0, offset=9.0)
    path.write_text(json.dumps(stated))
    return seal(folder)


@pytest.fixture(scope="session")
def job_of(old, new):
    releases = [ReleaseAt.of(ModelRelease.load(folder)) for folder in (old, new)]

    def make(path: Path, **more) -> Job:
        return Job(RecordedClip(path.name, path, **more), digest_of(path), *releases)

    return make
