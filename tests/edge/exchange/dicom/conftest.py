"""Recordings of any frames as clips of the signed exam, and what real programs think of an object."""

import shutil
import subprocess
from dataclasses import replace
from itertools import count

import pytest

from edge.disk.digest import digest_of
from edge.exchange.dicom.clip import write_clip
from edge.exchange.dicom.place import Place, find
from edge.exchange.dicom.syntax import LOSSLESS
from edge.inference.reader import Reader
from edge.inference.release import ModelRelease
from firmware_bridge.recorder import Recorder
from firmware_bridge.sources.base import Origin, SourceInfo
from tests.edge.exchange.dicom.made import SCANNER


@pytest.fixture
def record(tmp_path, handed):
    """Makes a recording of frames, and the clip of zone L1 of the exam that has them all."""
    names = count()

    def make(frames, *, origin=Origin.LIVE, **more):
        path = tmp_path / f"clip-{next(names)}.mcap"
        recorder = Recorder(path, SourceInfo("serial://x", "probe", origin, machine=SCANNER), "research use, not a diagnosis")
        for each in frames:
            recorder.frame_waiting(each)
        assert recorder.close().problem is None
        clip = handed.zones[0].clip
        changed = {"sha256": digest_of(path), "first": frames[0].sequence, "last": frames[-1].sequence, **more}
        return replace(clip, path=path, record=replace(clip.record, **changed))

    return make


@pytest.fixture
def write(tmp_path, handed):
    """Writes the images of a clip into a folder of its own."""
    folders = count()

    def images(clip, policy=LOSSLESS, exam=handed):
        folder = tmp_path / f"images-{next(folders)}"
        folder.mkdir()
        return tuple(write_clip(exam, find(clip), Place(folder, policy, count(1))))

    return images


@pytest.fixture(scope="session")
def reader():
    return Reader.load(ModelRelease.load())


@pytest.fixture(scope="session")
def weighed(handed):
    """The exam with the frames of most weight, which a real reading records."""

    def named(zone):
        if zone.clip is None:
            return zone
        most = {finding.key: (105 + number,) for number, finding in enumerate(zone.summary.findings)}
        record = replace(zone.clip.record, assessment=replace(zone.clip.record.assessment, weighed_most=most))
        return replace(zone, clip=replace(zone.clip, record=record))

    return replace(handed, zones=tuple(map(named, handed.zones)), exam=handed.exam.model_copy(update={"over_read": ("novice",)}))


@pytest.fixture(scope="session")
def program(missing):
    """Runs a program of another maker; returns its exit status and everything that it printed."""

    def run(*command):
        if shutil.which(command[0]) is None:
            missing(command[0])
        ended = subprocess.run([*map(str, command)], capture_output=True, text=True, errors="replace", timeout=60, check=False)
        return ended.returncode, ended.stdout + ended.stderr

    return run


@pytest.fixture(scope="session")
def faults_of(program):
    """The errors that dciodvfy finds in an object; its warnings on the private scheme of codes are not errors."""

    def found(path):
        return [line for line in program("dciodvfy", path)[1].splitlines() if line.startswith("Error")]

    return found
