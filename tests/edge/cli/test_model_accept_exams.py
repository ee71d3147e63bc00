"""`sonoedge model accept --exams`: the reviewed exams of the appliance carry an acceptance as a folder and a table do, or are refused."""

import json

import pytest

from edge.records.audit.trail import AuditTrail

VSCAN = "GE Vscan Air"
PATIENTS = 11
"""In each class; one clip each, in which the small network sees the simulated B-lines."""


@pytest.fixture
def reviewed(model, clinic):
    """Eleven exams without B-lines and eleven with six, read blind, but for one of each class, where a signed decision is the label."""
    for number in range(2 * PATIENTS):
        has = number >= PATIENTS
        exam = clinic.exam(number, b_lines=6 * has, frames=2)
        if number % PATIENTS == PATIENTS - 1:
            clinic.decide(exam, "present" if has else "absent")
            clinic.sign(exam)
        else:
            clinic.read(exam, "present" if has else "absent")
    return clinic


def accept(model, *words, machine=VSCAN, lines=()):
    return model("accept", "--exams", "--machine", machine, *words, lines=lines)


def test_reviewed_exams_carry_an_acceptance_with_how_their_labels_were_read(reviewed, model, tmp_path):
    done = accept(model, "--as", "boss", "--json", lines=["482915"])
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert (record["clips"], record["patients"], record["findings"]["b_lines"]["met"]) == (2 * PATIENTS, 2 * PATIENTS, True)
    assert record["labels_read"] == {"blind": 20, "in_view": 2}
    report = (tmp_path / "acceptance.html").read_text()
    assert "22 reviewed exams of this appliance" in report
    assert "20 blind, 2 with the model&#x27;s answer in view, which flatters the model" in report
    assert "Patient No" not in report
    (stored,) = json.loads(model("acceptances", "--json").stdout)["acceptances"]
    assert (stored["id"], stored["labels_read"], stored["patients"]) == (record["accepted"], record["labels_read"], 2 * PATIENTS)
    entry = AuditTrail(reviewed.store).newest(1)[0].entry
    assert (entry.act, entry.detail["labels_read"]) == ("acceptance.made", {"blind": 20, "in_view": 2})


def test_without_a_person_nothing_is_accepted_and_a_second_run_reads_nothing_again(reviewed, model):
    first = accept(model)
    assert "Nothing is accepted yet" in first.stdout, first.stderr
    assert "20 blind, 2 with the model's answer in view" in first.stdout
    journal = reviewed.data.labelled_readings
    assert len(journal.read_text().splitlines()) == 2 * PATIENTS
    accept(model)
    assert len(journal.read_text().splitlines()) == 2 * PATIENTS


def test_exams_of_another_machine_are_no_evidence(reviewed, model):
    refused = accept(model, machine="GE Vscan")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "No clip of GE Vscan in a reviewed exam can be used. Readers labelled 22 clips: 22 of GE Vscan Air" in refused.stderr


def test_a_damaged_recording_is_refused_by_name(reviewed, model):
    path = next(reviewed.data.exams.glob("*/L1.mcap"))
    path.write_bytes(path.read_bytes() + b"x")
    refused = accept(model)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"{path.parent.name}/L1.mcap has changed since it was recorded" in refused.stderr


def test_patients_who_are_registered_twice_are_too_few(model, clinic):
    for number in range(2 * PATIENTS):
        exam = clinic.exam(number, name="Abebe Kebede" if number % 2 else "kebede, ABEBE")
        clinic.read(exam, "present" if number >= PATIENTS else "absent")
    refused = accept(model)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "B-lines: 1 patients with it, and 10 are needed; 1 patients without it" in refused.stderr
    assert not clinic.data.labelled_readings.exists()


def test_an_appliance_without_a_reviewed_exam_is_refused(model, clinic):
    clinic.exam(1)
    refused = accept(model)
    assert (refused.returncode, "No clip of GE Vscan Air in a reviewed exam can be used" in refused.stderr) == (2, True)


@pytest.mark.parametrize("words", [("clips", "--labels", "t.csv", "--exams"), ("--exams", "--patient", "who"), ("clips",), ()])
def test_either_exams_or_a_folder_and_a_table_are_given(model, words):
    refused = model("accept", *words, "--machine", VSCAN)
    assert (refused.returncode, "--exams" in refused.stderr) == (2, True)
