"""Reviewed exams as labelled recordings: of one machine, of known persons, with whole recordings; the rest is stated."""

import pytest

from edge.exam.labelled import LabelledReader
from edge.exam.protocol.file import load_catalogue
from edge.exam.reviewed import CONTRADICTED, DOUBTED, LOST, OTHER, SAME, SIMULATED, UNNAMED, ReviewedExams
from edge.inference.acceptance.errors import AcceptanceRefused
from edge.inference.reader import Reader
from edge.inference.release import BUILT_IN, ModelRelease
from edge.records.schema import ClipRow
from firmware_bridge.machine import Machine

VSCAN = Machine("GE", "Vscan Air")
KEYS = ("b_lines", "a_lines")


@pytest.fixture
def labelled(clinic):
    def labelled(machine=VSCAN, protocols=None):
        return ReviewedExams(clinic.stored, load_catalogue()).labelled(machine, KEYS, protocols)

    return labelled


def read(clinic, *exams, verdict="present"):
    for exam in exams:
        clinic.read(exam, verdict)
    return exams


def test_a_clip_has_the_readers_label_its_patient_and_the_digest_that_was_recorded(clinic, labelled):
    (exam,) = read(clinic, clinic.exam(1))
    clinic.exam(2)
    found = labelled()
    (clip,) = found.clips
    assert (clip.name, clip.path, clip.patient) == (f"{exam.folder}/L1.mcap", clinic.recording(exam), exam.patient_id)
    assert (clip.labels, clip.blind, clip.sha256) == ({"b_lines": True}, {"b_lines"}, clinic.stored.records.clips(exam.id)[0].sha256)
    assert (found.source, found.notes, found.blind_known) == ("1 reviewed exams of this appliance", (), True)


def test_the_same_labels_have_the_same_digest_and_others_another(clinic, labelled):
    read(clinic, clinic.exam(1))
    first = labelled()
    read(clinic, clinic.exam(2), verdict="absent")
    assert labelled().sha256 == labelled().sha256 != first.sha256


def test_what_cannot_be_used_is_counted_by_why(clinic, labelled):
    used, lost, doubtful, *_, again = read(
        clinic,
        clinic.exam(1, machine="GE Vscan Air (images differ)"),
        *(clinic.exam(number) for number in (2, 3)),
        clinic.exam(4, name=""),
        clinic.exam(5, machine="Acme Scan"),
        clinic.exam(6, simulated=True),
        clinic.exam(7, name="patient no1"),
    )
    clinic.read(doubtful, "absent", reader=clinic.second, kind="over-read")
    with clinic.store.write() as change:
        (clip,) = clinic.stored.records.clips(lost.id)
        change.session.get_one(ClipRow, clip.id).file_state = "removed"
        change.log("test", "clips.removed", f"exam/{lost.id}")
    found = labelled()
    assert sorted(clip.path for clip in found.clips) == sorted(map(clinic.recording, (used, again)))
    assert len({clip.patient for clip in found.clips}) == 1
    assert set(found.notes) == {f"1 {why}" for why in (UNNAMED, OTHER, SIMULATED, LOST, CONTRADICTED, SAME, DOUBTED)}


def test_exams_of_protocols_that_the_actor_does_not_read_do_not_count(clinic, labelled):
    read(clinic, clinic.exam(1))
    assert len(labelled(protocols={"blue-6"}).clips) == 1
    with pytest.raises(AcceptanceRefused):
        labelled(protocols={"lus-8"})


def test_without_a_clip_of_the_machine_the_refusal_names_the_machines_that_were_read(clinic, labelled):
    with pytest.raises(AcceptanceRefused, match=r"No clip of GE Vscan Air in a reviewed exam can be used\. Let readers review"):
        labelled()
    read(clinic, clinic.exam(1, machine="Acme Scan"), clinic.exam(2, machine="Acme Scan"))
    with pytest.raises(AcceptanceRefused, match=r"Readers labelled 2 clips: 2 of Acme Scan\. Not used: 2 clips are of another machine"):
        labelled()


def test_a_recording_that_should_be_there_and_is_not_is_refused_by_name(clinic, labelled):
    (exam,) = read(clinic, clinic.exam(1))
    clinic.recording(exam).unlink()
    with pytest.raises(AcceptanceRefused, match=rf"{exam.folder}/L1\.mcap of a reviewed exam is missing\. Put it back"):
        labelled()


def test_of_a_recording_only_the_frames_of_the_clip_are_read(clinic, labelled, tmp_path):
    read(clinic, clinic.exam(1, frames=5))
    (clip,) = labelled().clips
    reader = LabelledReader(tmp_path / "read.jsonl", Reader.load(ModelRelease.load(BUILT_IN / "lung-s")), 1)
    counted = []
    whole, part = (reader.read(clip.path, clip.sha256, lambda: counted.append(1), *more) for more in ((), (clip.part,)))
    assert (whole.frames, part.frames, len(counted)) == (5, 2, 7)
    assert part.machine == "GE Vscan Air"
    every_second = LabelledReader(tmp_path / "second.jsonl", reader.reader, 2)
    assert every_second.read(clip.path, clip.sha256, lambda: None, clip.part).frames == 1
