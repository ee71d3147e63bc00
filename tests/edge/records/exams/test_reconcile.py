"""Clips and rows: differences at a start are reported, usable recordings are adopted, and no file is ever deleted."""

import json
import shutil
from functools import partial
from pathlib import Path

from edge.exam.exam_file import write_sidecar
from edge.records.backup.restore import Cause, replace
from edge.records.exams.findings import Findings
from edge.records.exams.reconcile import Reconciled, check_clips, reconcile
from edge.records.notices import Notices
from edge.records.schema import ClipRow, ExamRow


def run(data):
    return reconcile(data.store, data.folder)


def notices(data):
    return [(notice.code, notice.what) for notice in Notices(data.store).unseen()]


def acts(data, beginning):
    from edge.records.schema import AuditRow

    with data.store.read() as session:
        return [row.act for row in session.query(AuditRow).order_by(AuditRow.seq) if row.act.startswith(beginning)]


def files(data):
    return {path.read_bytes() for path in data.folder.rglob("*") if path.suffix in (".mcap", ".part", ".txt")}


def test_clips_that_agree_with_their_rows_stay_unchanged(data):
    data.clip(data.exam())
    assert run(data) == Reconciled()
    assert notices(data) == []


def test_a_clip_without_its_file_is_absent_and_reported_once(data):
    path = data.clip(data.exam())
    path.unlink()
    assert run(data) == Reconciled(absent=1)
    assert run(data) == Reconciled()
    assert data.clips()[0].file_state == "absent"
    assert notices(data) == [("clip-absent", "The clip e1/upper-right.mcap is gone")]


def test_a_clip_that_is_back_is_whole_again(data):
    path = data.clip(data.exam())
    content = path.read_bytes()
    path.unlink()
    run(data)
    path.write_bytes(content)
    assert run(data) == Reconciled(whole_again=1)
    assert data.clips()[0].file_state == "whole"


def test_a_clip_with_one_bit_flipped_is_damaged_and_its_file_stays(data):
    path = data.clip(data.exam())
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    assert run(data) == Reconciled(damaged=1)
    assert data.clips()[0].file_state == "damaged"
    assert path.read_bytes() == content
    assert notices(data)[0][0] == "clip-damaged"


def test_a_recording_that_no_row_names_becomes_a_superseded_clip(data, recording):
    exam = data.exam()
    data.clip(exam)
    path = recording(data.folder / "exams" / "e1" / "upper-right-1.mcap", frames=4)
    assert run(data) == Reconciled(adopted=1)
    assert run(data) == Reconciled()
    adopted = data.clips()[-1]
    assert (adopted.zone, adopted.file, adopted.file_state, adopted.first, adopted.last) == ("upper-right", path.name, "whole", 5, 8)
    assert adopted.superseded_at is not None
    assert acts(data, "clip.") == ["clip.adopted"]


def test_a_recording_that_a_power_cut_left_unfinished_is_adopted_with_its_frames(data, recording):
    data.exam()
    part = recording(data.folder / "exams" / "e1" / "lower-left.mcap.part", frames=4, cut=1000)
    assert run(data) == Reconciled(adopted=1)
    (clip,) = data.clips()
    assert (clip.file, clip.first, clip.last) == ("lower-left.mcap", 5, 7)
    assert not part.exists()
    assert (data.folder / "exams" / "e1" / clip.file).exists()


def test_a_recording_never_takes_the_name_of_another(data, recording):
    exam = data.exam()
    path = data.clip(exam, "lower-left")
    before = path.read_bytes()
    recording(data.folder / "exams" / "e1" / "lower-left.mcap.part")
    assert run(data) == Reconciled(adopted=1)
    assert path.read_bytes() == before
    assert [clip.file for clip in data.clips()] == ["lower-left.mcap", "lower-left-1.mcap"]


def test_a_file_that_cannot_be_read_or_belongs_to_no_exam_is_quarantined_and_not_deleted(data, recording):
    data.exam()
    (data.folder / "exams" / "e1" / "noise.mcap").write_bytes(b"no recording" * 100)
    (data.folder / "exams" / "e1" / "empty.mcap.part").write_bytes(b"")
    recording(data.folder / "exams" / "unknown" / "a.mcap")
    before = files(data)
    assert run(data) == Reconciled(put_aside=3)
    assert files(data) == before
    (place,) = (data.folder / "quarantine").iterdir()
    assert (place / "exams" / "unknown" / "a.mcap").exists()
    assert "exams/unknown/a.mcap" in json.loads((place / "why.json").read_text())["files"]
    assert notices(data)[0][0] == "clips-put-aside"
    assert run(data) == Reconciled()


def test_files_of_other_kinds_are_not_touched(data):
    data.exam()
    (data.folder / "exams" / "e1" / "letter.txt").write_text("x")
    assert run(data) == Reconciled()


def test_a_folder_that_was_copied_by_hand_is_taken_back_once(data):
    """Both folders hold an `exam.json` of the same exam."""
    before = data.exam()
    data.clip(before)
    data.close()
    replace(data.folder, None, Cause("the database was lost"))
    shutil.copytree(data.folder / "exams" / "e1", data.folder / "exams" / "e1-copy")
    data.__post_init__()
    recordings = files(data)
    assert run(data).exams == 1
    (exam,) = data.rows(ExamRow)
    assert (exam.id, exam.folder) == (before.id, "e1")
    assert files(data) >= recordings
    assert run(data) == Reconciled()


def test_exams_that_the_records_lost_are_taken_back_from_their_folders(data):
    exam = data.exam()
    path = data.clip(exam)
    data.close()
    data.store.close()
    replace(data.folder, None, Cause("the database was lost"))
    data.__post_init__()
    assert data.rows(ExamRow) == []
    assert run(data).exams == 1
    (back,) = data.rows(ExamRow)
    assert (back.id, back.study_uid, back.folder, back.state, back.begun_at) == (exam.id, exam.study_uid, "e1", "draft", exam.begun_at)
    (clip,) = data.rows(ClipRow)
    assert (clip.file, clip.file_state, clip.zone) == (path.name, "whole", "upper-right")
    assert "exams-taken-back" in dict(notices(data))
    assert run(data) == Reconciled()


def test_an_exam_that_is_taken_back_has_its_findings_decisions_assessment_and_protocol_again(data):
    exam = data.exam()
    data.clip(exam)
    Findings(data.store, partial(write_sidecar, data.folder / "exams")).decide(
        "hagos", data.exams.findings(exam.id)[0].id, "rejected", None, 1, while_in=("draft",)
    )
    before = data.exams.file(exam.id)
    data.close()
    replace(data.folder, None, Cause("the database was lost"))
    data.__post_init__()
    assert run(data).exams == 1
    after = data.exams.file(exam.id)
    assert after == before
    assert (after.findings[0].decision, after.findings[0].decided_by) == ("rejected", "hagos")
    assert run(data) == Reconciled()


def test_an_exam_of_release_0_1_0_is_taken_back_with_the_findings_that_its_file_holds(data):
    folder = data.folder / "exams" / "ended"
    folder.mkdir(parents=True)
    shutil.copy(Path(__file__).parent / "release_0_1_0" / "exam.json", folder)
    assert run(data).exams == 1
    (back,) = data.exams.newest()
    assert (back.folder, back.state, back.operator, back.context.complaint) == ("ended", "preliminary", "sara", "cough")
    assert [(each.zone, each.verdict, each.decision) for each in data.exams.findings(back.id)[::3]] == [
        ("L1", "present", "open"),
        ("R1", "unsure", "open"),
    ]
    assert data.exams.clips(back.id)[0].assessment.good_frames == 58


def test_an_exam_that_was_signed_has_to_be_signed_again(data):
    exam = data.exam()
    data.change(exam, state="final", ended_at=data.store.now())
    write_sidecar(data.folder / "exams", data.exams.file(exam.id))
    data.close()
    replace(data.folder, None, Cause("the database was lost"))
    data.__post_init__()
    run(data)
    assert [row.state for row in data.rows(ExamRow)] == ["preliminary"]


def test_an_exam_file_that_cannot_be_read_stops_nothing(data):
    (data.folder / "exams" / "x").mkdir(parents=True)
    (data.folder / "exams" / "x" / "exam.json").write_text("{")
    assert run(data) == Reconciled()


def test_the_digests_of_old_clips_are_checked_on_request(data):
    from datetime import timedelta

    path = data.clip(data.exam())
    with data.store.write() as change:
        change.session.query(ClipRow).one().kept_at -= timedelta(days=3)
        change.log("tester", "clip.aged", "clip")
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    assert run(data) == Reconciled()
    progress = []
    assert check_clips(data.store, data.folder, lambda done, of: progress.append((done, of))) == Reconciled(damaged=1)
    assert progress == [(1, 1)]
