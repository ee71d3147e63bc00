"""The folder of an exam: `exam.json` says what the record says, and a recording has its name only once it is a clip."""

import json

import pytest

from edge.exam.exam_file import ExamNotStored, make_folder, new_part, repair_sidecar, settle, write_sidecar
from edge.records.exams.clips import NewClip
from edge.records.exams.context import PatientContext
from edge.records.exams.exams import Exams
from edge.records.exams.facts import NewExam
from edge.records.exams.file import FILE, read_file
from edge.records.exams.forms import Step

STATES = {"record_version": 2, "selected": None, "zones": {}}


@pytest.fixture
def file(store):
    texts = dict.fromkeys(("protocol", "protocol_version", "protocol_digest", "operator"), "blue-6")
    new = NewExam(folder="e1", context=PatientContext(complaint="咳"), emergency=True, simulated=False, qualified=False, **texts)
    exams = Exams(store)
    exam = exams.begin("sara", new, STATES)
    clip = NewClip("L1", "L1.mcap", "f" * 64, 7, 3, 60, "itself", (), 80.1)
    done = {**STATES, "zones": {"L1": {"state": "done", "overridden": []}}}
    exams.keep("sara", exam.id, Step("zone.kept", {"zone": "L1"}, done), clip, (), simulated=False)
    return exams.file(exam.id)


@pytest.fixture
def path(tmp_path):
    (tmp_path / "e1").mkdir()
    return tmp_path / "e1" / FILE


def test_what_is_written_with_the_clips_is_the_record_without_the_patients_identity(tmp_path, path, file):
    write_sidecar(tmp_path, file)
    stated = json.loads(path.read_text())
    assert (stated["id"], stated["open"], stated["state"], stated["emergency"]) == (file.id, True, "draft", True)
    assert stated["context"]["complaint"] == "咳"
    assert stated["exam"]["zones"] == {"L1": {"state": "done", "overridden": []}}
    assert stated["clips"][0]["window"] == {"first": 3, "last": 60, "score": 80.1}
    assert stated["notice"] == "research use, not a diagnosis"
    assert read_file(path.read_bytes()) == file


def test_a_file_that_says_otherwise_is_made_again_and_one_that_does_not_is_left(tmp_path, path, file):
    for content in (None, "", "{", '{"open": false}'):
        if content is not None:
            path.write_text(content)
        assert repair_sidecar(tmp_path, file)
        before = path.stat()
        assert not repair_sidecar(tmp_path, file)
        assert path.stat().st_ino == before.st_ino


def test_two_exams_and_two_recordings_that_begin_in_one_second_do_not_share_a_name(tmp_path):
    folder = make_folder(tmp_path / "exams", "blue-6")
    assert folder != make_folder(tmp_path / "exams", "blue-6")
    first = new_part(folder, "L1")
    assert first.name == "L1.mcap.part"
    first.touch()
    second = new_part(folder, "L1")
    assert second.name == "L1-1.mcap.part"
    settle(first)
    assert new_part(folder, "L1") == second


def test_a_recording_that_is_settled_has_its_name_and_its_bytes(tmp_path):
    part = tmp_path / "L1.mcap.part"
    part.write_bytes(b"frames")
    assert settle(part).read_bytes() == b"frames"
    assert [path.name for path in tmp_path.iterdir()] == ["L1.mcap"]


def test_a_disk_that_refuses_is_reported(tmp_path, file):
    (tmp_path / "file").write_text("")
    for refused in (
        lambda: make_folder(tmp_path / "file", "blue-6"),
        lambda: settle(tmp_path / "none.mcap.part"),
        lambda: write_sidecar(tmp_path / "none", file),
        lambda: repair_sidecar(tmp_path / "none", file),
    ):
        with pytest.raises(ExamNotStored, match="cannot be written"):
            refused()
