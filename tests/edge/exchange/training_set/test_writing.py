"""A training set is complete or absent, holds what certainly is a label of a real patient, and counts the rest."""

import csv
import subprocess

import pytest

from edge.exchange.training_set.collect import Left
from edge.exchange.training_set.errors import LicenceMissing, TrainingSetEmpty, TrainingSetNotWritten, TrainingSetThere
from edge.people.actor import NOBODY_ACTOR, NotSignedIn
from edge.records.audit.trail import AuditTrail
from edge.records.errors import RecordsUnusable
from tests.edge.exchange.training_set.conftest import PATIENTS


def rows(ward):
    with (ward / "manifest.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def left(made):
    return {why: count for why, count in made.described.left.items() if count}


def folders(planted):
    return sorted(path.name for path in (planted.data.root.parent / "sets").glob("*"))


def test_each_clip_has_its_label_its_licence_and_the_digest_of_its_file(ward):
    made = rows(ward)
    assert [row["b_lines"] for row in made].count("yes") == PATIENTS // 2
    assert [row["b_lines"] for row in made].count("no") == PATIENTS // 2
    assert {(row["zone"], row["licence"], row["read"], row["frames"], row["probe"]) for row in made} == {
        ("L1", "CC BY-NC 4.0", "blind", "2", "GE Vscan Air")
    }
    assert len({row["patient"] for row in made}) == PATIENTS
    assert list(made[0])[-1] == "b_lines"  # of the others nobody could tell
    checked = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=ward, capture_output=True, text=True, check=True)
    assert checked.stdout.count(": OK") == PATIENTS + 3
    assert sorted(path.name for path in ward.iterdir()) == ["README.md", "SHA256SUMS", "clips", "dataset.yaml", "manifest.csv"]


def test_each_fold_has_its_share_of_patients_with_the_finding_and_of_those_without(ward):
    assert sorted((row["fold"], row["b_lines"]) for row in rows(ward)) == sorted(
        (str(fold), word) for fold in range(4) for word in ("yes", "no")
    )


def test_the_pictures_before_and_after_lie_next_to_the_set(ward):
    check = ward.with_name("ward-check")
    assert [path.name for path in check.iterdir()] == ["0001.png"]
    assert check.stat().st_mode & 0o077 == 0


def test_who_is_registered_twice_has_one_pseudonym_and_one_fold(planted, export, tmp_path):
    planted.labelled(1, b_lines=True, name="Abebe Kebede")
    planted.labelled(2, b_lines=False, name="kebede ABEBE")
    planted.labelled(3, b_lines=False)
    assert export().described.patients == 2
    one, other = [
        row
        for row in rows(tmp_path / "sets" / "ward")
        if [each["patient"] for each in rows(tmp_path / "sets" / "ward")].count(row["patient"]) == 2
    ]
    assert one["fold"] == other["fold"]


def test_what_is_no_certain_label_of_a_real_patient_is_left_out_and_counted(planted, export):
    planted.labelled(1, b_lines=True)
    planted.labelled(2, b_lines=True, name="")
    planted.labelled(3, b_lines=True, simulated=True)
    contradicted = planted.labelled(4, b_lines=True)
    planted.read(contradicted, "absent", reader=planted.second, kind="over-read")
    lost, changed = planted.labelled(5, b_lines=True), planted.labelled(6, b_lines=True)
    planted.recording(lost).unlink()
    planted.recording(changed).write_bytes(planted.recording(changed).read_bytes() + b"x")
    planted.exam(7)  # nobody has read it
    planted.labelled(8, b_lines=True, stated="not assessable")
    made = export()
    assert len(made.described.rows) == 1
    assert left(made) == {Left.UNNAMED: 1, Left.CONTRADICTED: 1, Left.LOST: 1, Left.CHANGED: 1}


def test_a_signed_decision_is_a_label_that_was_stated_with_the_answer_in_view(planted, export):
    exam = planted.exam(1, name="Almaz")
    planted.decide(exam, "absent")
    planted.sign(exam)
    (row,) = export().described.rows
    assert (row.read, row.labels["b_lines"].has) == ("answer in view", False)


def test_without_a_labelled_clip_nothing_is_written(planted, export, tmp_path):
    planted.exam(1)
    with pytest.raises(TrainingSetEmpty, match="no reader has labelled one"):
        export()
    planted.labelled(2, b_lines=True, name="")
    with pytest.raises(TrainingSetEmpty, match="1: its exam has no patient"):
        export()
    assert folders(planted) == []
    assert not (tmp_path / "sets").exists()


def test_a_folder_that_exists_is_not_touched(planted, export, ward):
    before = {path: path.read_bytes() for path in ward.rglob("*") if path.is_file()}
    with pytest.raises(TrainingSetThere, match="exists already"):
        export()
    assert {path: path.read_bytes() for path in ward.rglob("*") if path.is_file()} == before
    assert folders(planted) == ["ward", "ward-check"]


def test_pictures_of_an_earlier_set_are_not_touched(planted, export, tmp_path):
    planted.labelled(1, b_lines=True)
    export()
    (tmp_path / "sets" / "ward").rename(tmp_path / "given away")
    with pytest.raises(TrainingSetThere, match="ward-check exists already"):
        export()
    assert folders(planted) == ["ward-check"]
    assert (tmp_path / "sets" / "ward-check" / "0001.png").exists()


def test_what_an_interrupted_export_left_is_begun_again(planted, export):
    planted.labelled(1, b_lines=True)

    def interrupt(done, of):
        if done == of:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(progress=interrupt)
    assert folders(planted) == []
    part = planted.data.root.parent / "sets" / ".ward.part"  # as a power cut leaves it
    (part / "clips").mkdir(parents=True)
    (part / "clips" / "00001.mcap").write_bytes(b"half")
    assert len(export().described.rows) == 1
    assert folders(planted) == ["ward", "ward-check"]


def test_two_exports_do_not_write_one_folder(planted, export):
    planted.labelled(1, b_lines=True)
    refused = []

    def again(done, _of):
        if done == 0:
            with pytest.raises(TrainingSetThere, match="Another export writes") as found:
                export()
            refused.append(found)

    export(progress=again)
    assert len(refused) == 1
    assert folders(planted) == ["ward", "ward-check"]


def test_a_full_disk_leaves_nothing(planted, export, other_disk):
    for number in range(4):
        planted.labelled(number, b_lines=True)
    small = other_disk(planted.data.root.parent / "sets", "size=64k")
    with pytest.raises(TrainingSetNotWritten, match="No space left on device"):
        export()
    assert list(small.iterdir()) == []


def test_an_export_is_in_the_audit_trail_with_its_exams_or_is_not_there(planted, export, monkeypatch):
    exam = planted.labelled(1, b_lines=True)
    made = export()
    entry = AuditTrail(planted.store).newest(1)[0].entry
    assert (entry.act, entry.subject) == ("training-set.exported", f"training-set/{made.described.ident}")
    assert entry.detail == {
        "clips": 1, "patients": 1, "exams": [exam.id], "licence": "CC BY-NC 4.0", "manifest_sha256": made.manifest_sha256,
    }  # fmt: skip

    def refuses(**_):
        raise RecordsUnusable("no", "no")

    monkeypatch.setattr(planted.store, "write", refuses)
    with pytest.raises(RecordsUnusable):
        export("second")
    assert folders(planted) == ["ward", "ward-check"]


def test_a_licence_and_a_person_who_may_export_are_needed(planted, export):
    planted.labelled(1, b_lines=True)
    with pytest.raises(LicenceMissing, match="--licence") as error:
        export(licence="  ")
    assert "needs a licence" in error.value.what
    with pytest.raises(NotSignedIn):
        export(actor=NOBODY_ACTOR)
    assert not (planted.data.root.parent / "sets").exists()
