"""A data folder with exams in it: rows, recordings of frames, and `exam.json` as the appliance writes it."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from edge.disk.digest import digest_of
from edge.exam.exam_file import write_sidecar
from edge.records.exams.assessment import Assessment
from edge.records.exams.clips import NewClip
from edge.records.exams.exams import Exams
from edge.records.exams.facts import NewExam
from edge.records.exams.finding import NewFinding
from edge.records.exams.forms import Step
from edge.records.exams.protocol_texts import ProtocolText
from edge.records.opening import open_records
from edge.records.schema import ClipRow, ExamRow
from firmware_bridge.frame import Frame
from firmware_bridge.recording import RecordingWriter
from firmware_bridge.sources.base import Origin, SourceInfo

STATES = {"record_version": 2, "selected": None, "zones": {}}

ASSESSMENT = Assessment("1.0.0", 3, 3, 80.0, True, None, "", {"TOO_DARK": 1}, {"invoke": 2.5}, weighed_most={"b-lines": (5,)})


def write_recording(path, frames=3, cut=0):
    """A real recording of noise; `cut` bytes are missing at its end, and with them its index."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        writer = RecordingWriter(file, SourceInfo("virtual://", "chest", Origin.SIMULATED), "research use")
        for sequence in range(5, 5 + frames):
            pixels = np.random.default_rng(sequence).integers(0, 255, (40, 60), dtype=np.uint8)
            writer.frame(Frame(pixels, sequence, sequence * 1000, sequence, simulated=True))
            writer.flush()
        if not cut:
            writer.finish()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - cut)
    return path


@dataclass
class Data:
    """A data folder and its records; `close` and `open` are a restart."""

    folder: Path

    def __post_init__(self):
        self.store = open_records(self.folder)

    def close(self):
        self.store.close()

    def open(self):
        self.store.close()
        self.store = open_records(self.folder)
        return self.store

    @property
    def database(self):
        return self.folder / "records.sqlite"

    @property
    def exams(self):
        return Exams(self.store, partial(write_sidecar, self.folder / "exams"))

    def exam(self, folder="e1"):
        (self.folder / "exams" / folder).mkdir(parents=True)
        protocol = ProtocolText("blue-6", "1", "{}")
        text = {"protocol": "blue-6", "protocol_version": "1", "protocol_digest": protocol.digest, "operator": "nobody"}
        return self.exams.begin("nobody", NewExam(folder=folder, simulated=True, qualified=False, **text), STATES, protocol)

    def clip(self, exam, zone="upper-right", frames=3):
        path = write_recording(self.folder / "exams" / exam.folder / f"{zone}.mcap", frames)
        made = NewClip(zone, path.name, digest_of(path), path.stat().st_size, 5, 4 + frames, "itself", (), 80.0, ASSESSMENT)
        finding = NewFinding("b-lines", "lung-s-0.1", 0.2, -1.4, ("absent",), "absent", "", "", 0.1)
        self.exams.keep("nobody", exam.id, Step("zone.kept", {"zone": zone}, STATES), made, (finding,), simulated=True)
        return path

    def rows(self, kind):
        with self.store.read() as session:
            return session.query(kind).order_by(kind.id).all()

    def clips(self):
        return self.rows(ClipRow)

    def change(self, exam, **columns):
        with self.store.write() as change:
            row = change.session.get(ExamRow, exam.id)
            for name, value in columns.items():
                setattr(row, name, value)
            change.log("tester", "exam.changed", f"exam/{exam.id}")


@pytest.fixture
def data(tmp_path):
    made = Data(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture(scope="session")
def recording():
    return write_recording
