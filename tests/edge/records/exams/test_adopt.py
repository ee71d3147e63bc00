"""`exam.json` from a stick: what this program could not have recorded goes to the quarantine, and stops nothing else."""

import json
import os
import shutil

import pytest

from edge.disk.digest import digest_of
from edge.exam.exam import states_in
from edge.records.backup.restore import Cause, replace
from edge.records.exams.reconcile import reconcile
from edge.records.exams.retention import Removal, remove
from edge.records.notices import Notices
from edge.records.schema import ClipRow, ExamRow


@pytest.fixture
def stick(data):
    """The data folder with two exams on the disk that the records lost; the file of the first is to be changed."""
    for folder in ("e1", "e2"):
        data.clip(data.exam(folder))
    data.close()
    replace(data.folder, None, Cause("the database was lost"))
    data.__post_init__()
    return data.folder / "exams" / "e1" / "exam.json"


def run(data):
    return reconcile(data.store, data.folder, lambda exam: states_in(exam.zone_states))


def folders(data):
    return [row.folder for row in data.rows(ExamRow)]


def codes(data):
    return [notice.code for notice in Notices(data.store).unseen()]


def put(content, place, value):
    *way, last = place
    for step in way:
        content = content[step]
    content[last] = value


IMPOSSIBLE = {
    "a naive time": (["begun_at"], "2026-11-25T10:00:00"),
    "a naive time of a clip": (["clips", 0, "kept_at"], "2026-11-25T10:00:00"),
    "a naive time of a finding": (["findings", 0, "said_at"], "2026-11-25T10:00:00"),
    "a time after the last": (["begun_at"], "9999-12-31T23:59:59-14:00"),
    "a time before the first": (["ended_at"], "0001-01-01T00:00:00+14:00"),
    "a huge number": (["clips", 0, "bytes"], 2**63),
    "a huge negative number": (["clips", 0, "window", "first"], -(2**64)),
    "a huge version": (["version"], 10**30),
    "an endless number": (["clips", 0, "window", "score"], float("inf")),
    "no number": (["findings", 0, "probability"], float("nan")),
    "a clip elsewhere": (["clips", 0, "file"], "../../audit_key.pem"),
    "an absolute clip": (["clips", 0, "file"], "/etc/passwd.mcap"),
    "a clip in another exam": (["clips", 0, "file"], "../e2/upper-right.mcap"),
    "a clip that is the exam's file": (["clips", 0, "file"], "exam.json"),
    "a clip with no name": (["clips", 0, "file"], "..mcap/"),
    "a finding of no clip": (["findings", 0, "clip_id"], "nowhere"),
    "zones that are none": (["zone_states"], {"zones": {"a": {"state": "?"}}}),
    "a list for an object": (["clips"], {"a": 1}),
    "nothing": (["clips", 0], None),
}


@pytest.mark.parametrize(("place", "value"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_an_exam_that_was_never_recorded_so_is_quarantined_and_the_other_is_taken_back(data, stick, place, value):
    content = json.loads(stick.read_text())
    put(content, place, value)
    stick.write_text(json.dumps(content))
    assert run(data).exams == 1
    assert folders(data) == ["e2"]
    assert list((data.folder / "quarantine").glob("*/exams/e1/exam.json"))
    assert {"exams-put-aside", "exams-taken-back"} <= set(codes(data))
    assert run(data).exams == 0


@pytest.mark.parametrize("what", ["clips", "findings"])
def test_a_doubled_clip_or_finding_is_refused(data, stick, what):
    content = json.loads(stick.read_text())
    content[what] *= 2
    stick.write_text(json.dumps(content))
    run(data)
    assert folders(data) == ["e2"]


def test_two_clips_with_one_recording_are_refused(data, stick):
    content = json.loads(stick.read_text())
    content["clips"].append({**content["clips"][0], "id": "another"})
    stick.write_text(json.dumps(content))
    run(data)
    assert folders(data) == ["e2"]


def test_another_exam_with_the_clips_or_the_uid_of_a_known_one_is_refused(data, stick):
    content = json.loads((stick.parent.parent / "e2" / "exam.json").read_text())
    stick.write_text(json.dumps({**content, "id": "another"}))
    run(data)
    assert len(folders(data)) == 1


@pytest.mark.parametrize("content", [b"{", b"[" * 100_000, b"\xff", b"", b"null", b'{"zone_states": 1}', b'{"exam": {"zones": 1}}'])
def test_what_is_no_exam_is_quarantined(data, stick, content):
    stick.write_bytes(content)
    run(data)
    assert folders(data) == ["e2"]
    (aside,) = (data.folder / "quarantine").glob("*/exams/e1/exam.json")
    assert aside.read_bytes() == content


def test_a_pipe_does_not_hang_the_start(data, stick):
    stick.unlink()
    os.mkfifo(stick)
    run(data)
    assert folders(data) == ["e2"]


def test_a_folder_that_is_a_link_is_not_taken_and_its_files_stay(data, stick, tmp_path):
    shutil.move(stick.parent, tmp_path / "elsewhere")
    stick.parent.symlink_to(tmp_path / "elsewhere")
    run(data)
    assert folders(data) == ["e2"]
    assert (tmp_path / "elsewhere" / "exam.json").exists()
    assert not stick.parent.is_symlink()


def test_a_recorded_clip_whose_name_leads_out_is_absent_and_removing_it_removes_nothing_else(data):
    exam = data.exam()
    data.clip(exam)
    key = data.folder / "audit_key.pem"
    with data.store.write() as change:
        row = change.session.query(ClipRow).one()
        row.file, row.sha256, row.bytes = "../../audit_key.pem", digest_of(key), key.stat().st_size
        change.log("tester", "clip.changed", "clip")
    run(data)
    assert [clip.file_state for clip in data.clips() if clip.file.startswith("..")] == ["absent"]
    with data.store.write() as change:
        change.session.query(ClipRow).filter_by(file="../../audit_key.pem").one().file_state = "whole"
        change.log("tester", "clip.changed", "clip")
    now = data.store.now()
    data.change(exam, state="final", ended_at=now, sent_at=now)
    remove(data.store, data.folder, Removal(exam.id, "e1", now, 1, 1, "age"))
    run(data)
    assert key.exists()
