from dataclasses import replace

import pytest

from edge.disk.digest import digest_of
from edge.exam.recording import read_recording
from edge.exam.taking.capture import Window
from edge.inference.admission import admit
from edge.inference.release import ModelRelease
from edge.reread.answer import Outcome, Unread
from edge.reread.read import read
from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.machine import Machine
from firmware_bridge.sources.file import open_file

FIRST = 100


def test_each_release_says_what_infer_says_of_the_same_file(recordings, job_of, old, new):
    job = job_of(recordings / "chest-2.mcap")
    outcome = read(job)
    assert isinstance(outcome, Outcome), outcome
    for folder, answer in ((old, outcome.old), (new, outcome.new)):
        with open_file(job.clip.path) as source:
            alone = read_recording(source, admit(folder, 1), lambda: None).finding
        assert {score.finding: (score.probability, score.set) for score in alone.scores} == {
            key: (reported.probability, reported.set) for key, reported in answer.findings.items()
        }
        assert (alone.reason, alone.code, alone.novelty, alone.frames) == (answer.reason, answer.code, answer.novelty, outcome.frames)
    assert (outcome.frames, outcome.simulated) == (10, True)
    assert outcome.old.findings != outcome.new.findings
    assert read(job) == outcome


def test_a_machine_that_this_site_accepted_is_read_with_its_calibration_and_sets_and_is_not_marked(recordings, job_of, old, acceptance):
    job = job_of(recordings / "chest-1.mcap")
    vscan = replace(job, machine=Machine("GE", "Vscan Air"))
    here = replace(vscan, old=replace(vscan.old, accepted=(acceptance(ModelRelease.load(old), "GE Vscan Air"),)))
    there, alone = (replace(each, machine=Machine("Acme", "Scan")) for each in (here, vscan))
    assert not read(vscan).old.machine_validated
    accepted, elsewhere = read(here), read(there)
    assert (accepted.old.machine_validated, accepted.new.machine_validated) == (True, False)
    assert {(each.probability > 0.999, each.set) for each in accepted.old.findings.values()} == {(True, ("present",))}
    assert not elsewhere.old.machine_validated
    assert elsewhere.old == read(alone).old
    assert len({job.key, vscan.key, here.key, there.key}) == 4


def test_of_an_exams_clip_only_its_window_is_read(recordings, job_of):
    path = recordings / "chest-1.mcap"
    whole, part = read(job_of(path)), read(job_of(path, window=Window(FIRST + 3, FIRST + 6, 80.0)))
    assert (whole.frames, part.frames) == (10, 4)
    assert whole.old.findings != part.old.findings


def test_a_window_that_the_recording_does_not_hold_is_reported(recordings, job_of):
    job = job_of(recordings / "chest-1.mcap", window=Window(5, 9, 80.0))
    outcome = read(job)
    assert isinstance(outcome, Unread)
    assert (outcome.clip, outcome.code) == ("chest-1.mcap", SourceUnreadable.code)
    assert "no frame of the clip" in outcome.problem


@pytest.mark.parametrize("content", [b"", b"\x89MCAP0\r\n", b"not a film"])
def test_a_file_that_cannot_be_read_is_reported(tmp_path, job_of, content):
    path = tmp_path / "broken.mcap"
    path.write_bytes(content)
    outcome = read(job_of(path))
    assert isinstance(outcome, Unread)
    assert str(path) in outcome.problem


def test_a_file_that_changes_meanwhile_is_reported(tmp_path, job_of):
    path = tmp_path / "growing.mcap"
    path.write_bytes(b"one")
    job = job_of(path)
    path.write_bytes(b"another")
    assert read(job).code == "changed"
    path.unlink()
    assert "No such file" in read(job).problem


def test_a_key_is_that_of_what_is_read_and_by_what(recordings, job_of):
    path = recordings / "chest-1.mcap"
    job = job_of(path)
    assert job.key == job_of(path).key
    assert job.key == job_of(path, zone="L1").key
    others = [job_of(recordings / "chest-2.mcap"), job_of(path, window=Window(FIRST, FIRST + 5, 80.0))]
    assert len({job.key, *(other.key for other in others)}) == 3
    assert job.input_sha256 == digest_of(path)
