"""The API around real objects: a hub, a release, settings; no appliance runs."""

from dataclasses import replace

import numpy as np
import pytest
from fastapi.testclient import TestClient

from edge.api.app import create_app
from edge.api.view import SourceState, SourceStatus
from edge.exam.probe_desk import ProbeCheckDesk
from edge.exam.protocol_file import load_catalogue
from edge.exam_desk import ExamDesk, Surroundings
from edge.inference.choice import decide
from edge.inference.reading import Reading, Score, StageTimes
from edge.inference.shelf import Shelf
from edge.model_desk import ModelDesk
from edge.pipeline.counts import Counts
from edge.pipeline.hub import Hub
from edge.pipeline.loop import Pipeline
from edge.pipeline.observation import Observation
from edge.pipeline.times import Times
from edge.recording_desk import RecordingDesk
from edge.records.probe_checks import ProbeChecks
from edge.settings import load_settings
from edge.vision.standardise import Standardiser
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import Origin, SourceInfo, SourceLoss


@pytest.fixture
def view(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.models.close()
    bench.exam.close()
    bench.probe_checks.close()
    bench.recording.close()


class Bench:
    """An ApplianceView whose every part a test can set."""

    def __init__(self, folder):
        self.recording = RecordingDesk(folder)
        self.ready = True
        self.settings = load_settings({"data_dir": folder, "threads": 1})
        self.hub = Hub()
        self.totals = Counts()
        shelf = Shelf.of(folder)
        decision = decide(None, shelf, 1)
        self.models = ModelDesk(decision, Pipeline(decision.reader, self.hub, self.totals, Times()), shelf, self.settings)
        self.status = SourceStatus(
            SourceState.STREAMING,
            "virtual://chest",
            SourceInfo("virtual://chest", "chest", Origin.SIMULATED, "probe", "1.0", "S1"),
            (SourceLoss("sequence-gap", 2),),
        )
        self.probe_checks = ProbeCheckDesk(ProbeChecks(folder / "probe_checks"))
        around = Surroundings(lambda: self.status.info, self.set_source)
        self.exam = ExamDesk(folder / "exams", load_catalogue(), "blue-6", around)

    @property
    def counts(self):
        return self.totals.snapshot()

    def source_status(self):
        return self.status

    def record(self):
        return self.recording.start(self.status.info)

    def set_source(self, settings):
        self.wanted = settings
        return replace(settings, gain_db=40.0)

    def publish(self, sequence, simulated=True, grey=60, novelty=0.5):
        release = self.models.release
        pixels = np.random.default_rng(sequence).integers(grey // 2, grey, (40, 60), dtype=np.uint8)
        frame = Frame(pixels, sequence, sequence * 1000, 1_000_000 * sequence, simulated=simulated)
        scores = tuple(Score(f.key, f.probability(0.1 * i), 0.1 * i) for i, f in enumerate(release.findings))
        class_map = np.zeros((7, 7, len(scores)), np.float32)
        class_map[2, 3, 0] = 50
        reading = Reading(sequence, scores, class_map, StageTimes(1, 2, 3), release.version, simulated, novelty)
        observation = Observation(Standardiser(224).take(frame), reading, release, 1_000_000 * sequence + 5_000_000)
        self.hub.publish(observation)
        return observation


@pytest.fixture
def client(view):
    with TestClient(create_app(view, lambda: b"sonoedge_ready 1\n"), raise_server_exceptions=False) as made:
        yield made
