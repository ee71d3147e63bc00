"""A clip as the appliance keeps it, read again by the same release: the very same finding, bit for bit."""

import time
from dataclasses import asdict

import pytest
from pydantic import TypeAdapter

from edge.exam.clip import ClipFinding
from edge.exam.protocol.file import load_catalogue
from edge.exam.stored import StoredExams
from edge.exam.taking.live_zone import Surroundings
from edge.inference.reader import Reader
from edge.inference.release import ModelRelease
from edge.people.actor import UNCLAIMED_ACTOR as ANYONE
from edge.pipeline.observation import Observation
from edge.reread.answer import Answer, FindingAnswer
from edge.reread.clip import clips_in
from edge.reread.read import read
from edge.services.book import ExamBook
from edge.services.exam import ExamService
from firmware_bridge.frame import Frame
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest

CATALOGUE = load_catalogue()
CHEST = Chest(2, size=128)


@pytest.fixture
def desk(tmp_path, store):
    around = Surroundings(lambda: SourceInfo("virtual://", "chest", Origin.SIMULATED), lambda asked: asked)
    stored = StoredExams(store, tmp_path / "exams")
    made = ExamService(ExamBook(stored), stored, CATALOGUE, "blue-6", around)
    made.begin(ANYONE)
    yield made
    made.close()


def scan(desk, reader, frames, unread):
    """Frames as the pipeline passes them: each is recorded and standardised, and those in `unread` were displaced by newer ones."""
    standardiser = reader.standardiser()
    for count in range(1, frames + 1):
        now = time.monotonic_ns()
        frame = Frame(CHEST.image(count / 10), 4_000_000 + count, count * 100_000, now, CHEST.geometry, CHEST.settings, simulated=True)
        desk.frame(frame)
        seen = standardiser.take(frame, desk.limits)
        if count not in unread:
            desk.observation(Observation(seen, reader.infer(seen), reader.release, now))


def answer_on(desk, zone):
    """The whole answer on a clip, as release 0.1.0 reads it."""
    return TypeAdapter(ClipFinding).validate_python(desk.status.record.zones["zones"][zone]["finding"])


def test_a_kept_clip_is_read_again_to_the_same_finding_bit_for_bit(desk, old, job_of, eventually, tmp_path):
    reader = Reader.load(ModelRelease.load(old))
    scan(desk, reader, 45, unread={12, 13, 20, 27})
    eventually(lambda: desk.status.exam.done == 1, "no clip was kept")
    kept = answer_on(desk, "L1")
    (clip,) = clips_in(tmp_path / "exams", CATALOGUE)
    outcome = read(job_of(clip.path, zone=clip.zone, window=clip.window, limits=clip.limits, then=clip.then))
    assert outcome.old == Answer.of(kept, reader.release.ident)
    assert asdict(clip.then) == asdict(Answer.of(kept, kept.model))
    assert outcome.frames == kept.frames < clip.window.last - clip.window.first + 1, "every frame was read live; none was displaced"
    rows = {each.key: each for each in desk._stored.records.findings(desk.status.record.id)}
    assert {key: FindingAnswer(row.probability, row.prediction) for key, row in rows.items()} == dict(outcome.old.findings)
    assert {row.novelty for row in rows.values()} == {outcome.old.novelty}


def test_what_is_kept_by_hand_is_read_again_to_the_same_finding(desk, old, job_of, tmp_path):
    reader = Reader.load(ModelRelease.load(old))
    scan(desk, reader, 9, unread={4})
    desk.keep(ANYONE)
    kept = answer_on(desk, "L1")
    (clip,) = clips_in(tmp_path / "exams", CATALOGUE)
    outcome = read(job_of(clip.path, zone=clip.zone, window=clip.window, limits=clip.limits, then=clip.then))
    assert outcome.old == Answer.of(kept, reader.release.ident)
    assert outcome.frames == kept.frames == 7  # the first frame is seen before the probe is known to touch
