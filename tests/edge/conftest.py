"""A virtual probe in its own process, which a test can pull out and plug in again."""

import hashlib
import importlib.util
import json
import logging
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import structlog

from edge.inference.reading import Reading, Score, StageTimes
from edge.inference.release import BUILT_IN, ModelRelease
from edge.pipeline.observation import Observation
from edge.vision.standardise import Standardiser
from firmware_bridge.frame import Frame
from firmware_bridge.machine import Machine


class Plug:
    """The probe's port is always at `path`, as udev names hardware. Nothing is at `path` while the probe is out."""

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


@pytest.fixture(autouse=True)
def plain_log():
    """A log on stderr, with plain tracebacks: to draw local variables takes seconds, in the thread that failed.

    A command points the log at its own stderr. That ends with its test.
    """
    structlog.reset_defaults()
    structlog.configure(
        [structlog.stdlib.add_log_level, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    yield
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    for handler in [each for each in root.handlers if type(each) is logging.StreamHandler]:
        root.removeHandler(handler)


VALIDATED = Machine("Philips", "Lumify")
"""A machine on which the built-in releases are validated."""


class Scan:
    """A live scan of the simulated chest: observations as the pipeline publishes them, with readings of a model that finds little.

    `release` reads the next frames, which `machine` made: one on which the release is validated, unless a test states another.
    """

    def __init__(self, release):
        self.release = release
        self.machine = VALIDATED
        self._standardiser = Standardiser(release.input_side)
        self._count = 0
        self.rate = 10.0

    def frame(self, chest):
        time_s = self._count / self.rate
        self._count += 1
        at_ns = time.monotonic_ns()
        image, at_us = chest.image(time_s), int(1e6 * time_s)
        return Frame(image, self._count, at_us, at_ns, chest.geometry, chest.settings, simulated=True, machine=self.machine)

    def observation(self, frame, limits):
        seen = self._standardiser.take(frame, limits)
        scores = tuple(Score(label.key, 0.1, -2.0) for label in self.release.findings)
        class_map, times = np.zeros((7, 7, 3), np.float32), StageTimes(1, 2, 3)
        reading = Reading(frame.sequence, scores, class_map, times, self.release.version, True, 0.5, frame.machine)
        return Observation(seen, reading, self.release, time.monotonic_ns())

    def show(self, service, chest, frames):
        """Passes to a service what a probe on this chest sends."""
        for _ in range(frames):
            frame = self.frame(chest)
            service.frame(frame)
            service.observation(self.observation(frame, service.limits))


@pytest.fixture
def store(tmp_path):
    """Records in their own data folder."""
    from edge.records.store import Store  # the environment of the older runtime has no database

    opened = Store.open(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def clinic(tmp_path):
    """Reviewed exams in the data folder `data`, see `Clinic`."""
    described = importlib.util.spec_from_file_location("clinic", Path(__file__).with_name("clinic.py"))
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    made = module.Clinic(tmp_path / "data")
    yield made
    made.store.close()


@pytest.fixture
def scan():
    return Scan(ModelRelease.load())


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def seal_release(folder, **changes):
    """Makes a release folder valid again after an edit: the model of each table, the digests, and the `changes` to its manifest."""
    manifest = json.loads((folder / "release.json").read_text()) | changes
    fitted_for = sha256(folder / manifest["model"])
    for path in folder.glob("*.json"):
        content = json.loads(path.read_text())
        if "model_sha256" in content:
            path.write_text(json.dumps(content | {"model_sha256": fitted_for}))
    for path in folder.glob("*.npz"):
        with np.load(path) as arrays:
            table = dict(arrays)
        np.savez_compressed(path, **table | {"model_sha256": np.array(fitted_for)})
    manifest["files"] = {name: sha256(folder / name) for name in manifest["files"]}
    (folder / "release.json").write_text(json.dumps(manifest, indent=1))
    return folder


@pytest.fixture(scope="session")
def seal():
    return seal_release


@pytest.fixture(scope="session")
def candidate():
    """Makes a release with another version from the built-in small one, in a folder. `pad` makes the file of the same network larger."""

    def make(folder, version="9.0.0", *, pad=0, **changes):
        shutil.copytree(BUILT_IN / "lung-s", folder)
        for path in folder.glob("*.tflite"):
            path.write_bytes(path.read_bytes() + bytes(pad))
        return seal_release(folder, version=version, **changes)

    return make


@pytest.fixture(scope="session")
def acceptance():
    """Makes an acceptance of a release on a machine, with a calibration that finds everything in every clip."""
    from edge.inference.acceptance.acceptance import FORMAT, Acceptance  # the environment of the older runtime cannot open it

    share = {"value": 0.95, "at_least": 0.8}
    figures = dict.fromkeys(("sensitivity", "specificity", "covered_with", "covered_without", "answered"), share)
    figures |= {"auc": 0.9, "auc_low": 0.8, "auc_high": 0.95, "ece": 0.05}
    counts = {"clips_with": 40, "clips_without": 60, "patients_with": 20, "patients_without": 30}
    calibration = {"slope": 0.0, "offset": 9.0, "present_from": 0.5, "absent_to": 0.1}

    def make(release, machine, number=1, **changes):
        facts = {
            "format": FORMAT,
            "id": f"01900000-0000-7000-8000-{number:012}",
            "machine": machine,
            "release": release.ident,
            "model_sha256": release.sha256,
            "clips": 100,
            "patients": 50,
            "labels_sha256": "c" * 64,
            "findings": [{"key": label.key, "figures": figures, **counts, **calibration} for label in release.findings],
            "by": "Hana Girma (hana)",
            "at": "2026-03-01T09:00:00Z",
        }
        return Acceptance.model_validate({**facts, **changes})

    return make


def sign_ledger(store, folder):
    """Signs a complete entry in the ledger of model changes for the release in a folder, so that it can be activated."""
    from edge.feedback.ledger.entry import NOTHING_MEASURED, Parts, subject_of  # the older runtime has no database
    from edge.feedback.ledger.ledger import Ledger

    parts = Parts(description="other thresholds", protocol="golden vectors, and a shadow of a week", impact="fewer false alarms")
    return Ledger(store).sign("Hana Girma (hana)", subject_of(folder), parts, NOTHING_MEASURED, None)


@pytest.fixture(scope="session")
def ledgered():
    return sign_ledger
