"""`sonoedge model accept`, `acceptances` and `withdraw`: from a folder and a table to a signed acceptance, or to the reason why not."""

import csv
import json
import random

import pytest
from PIL import Image

from edge.disk.layout import DataFolder
from edge.inference.release import BUILT_IN, ModelRelease
from firmware_bridge.virtual_probe.chest import Chest

PIN = "482915"

VSCAN = "GE Vscan Air"
PATIENTS = 11
"""In each class; one picture each, in which the small network sees the simulated B-lines."""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Eleven pictures without B-lines and eleven with six."""
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(2 * PATIENTS):
        Image.fromarray(Chest(6 * (number >= PATIENTS), size=200, seed=number).image(0.3 * number)).save(folder / f"c{number}.png")
    return folder


def table(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("file", "patient", "b_lines", "ward"), *rows])
    return path


def right(number):
    return (f"c{number}.png", f"p{number}", "yes" if number >= PATIENTS else "no", "A")


@pytest.fixture
def accept(model, pictures, tmp_path):
    """Judges the pictures with the lines of a table."""

    def run(rows, *words, lines=(), clips=pictures):
        labels = table(tmp_path / "labels.csv", rows)
        return model("accept", clips, "--machine", VSCAN, "--labels", labels, *words, lines=lines)

    return run


@pytest.fixture
def rows():
    return [right(number) for number in range(2 * PATIENTS)]


def test_a_person_who_vouches_accepts_after_the_figures_and_ends_it_again(accept, model, rows, tmp_path):
    seen = accept(rows)
    assert (seen.returncode, "Nothing is accepted yet" in seen.stdout) == (0, True), seen.stderr
    assert "B-lines: every limit is met" in seen.stdout
    assert "Research use, not a diagnosis" in seen.stdout
    assert "columns of the table that are no finding of this release: ward" in seen.stdout
    assert "Research use, not a diagnosis" in (tmp_path / "acceptance.html").read_text()
    assert not (tmp_path / "data" / "acceptances").exists()

    done = accept(rows, "--as", "boss", "--until", "2200-01-31", "--json", lines=[PIN])
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert (record["clips"], record["patients"], record["findings"]["b_lines"]["met"]) == (2 * PATIENTS, 2 * PATIENTS, True)
    assert record["findings"]["a_lines"]["shortfalls"] == [
        "0 patients with it, and 10 are needed",
        "0 patients without it, and 10 are needed",
    ]
    (stored,) = json.loads(model("acceptances", "--json").stdout)["acceptances"]
    assert (stored["id"], stored["machine"], stored["by"]) == (record["accepted"], VSCAN, "Boss (boss)")
    assert (stored["state"], stored["until"]) == ("holds until 2200-01-31", "2200-01-31")

    assert model("withdraw", stored["id"][:12], "--reason", "the probe was replaced").returncode == 0
    listed = model("acceptances").stdout
    assert "does not hold: shell" in listed
    assert "the probe was replaced" in listed


def test_wrong_pins_and_persons_without_the_right_accept_nothing(accept, model, sonoedge, rows, tmp_path):
    assert sonoedge("operator", "add", "n-1", "N", "--as", "boss", lines=[PIN, "739154"]).returncode == 0
    for badge, pin, why in (("boss", "000000", "the PIN is wrong"), ("n-1", "739154", "N (n-1) is not allowed to manage the credentials")):
        refused = accept(rows, "--as", badge, lines=[pin])
        assert (refused.returncode, why in refused.stderr) == (2, True), refused.stderr
    assert not (tmp_path / "data" / "acceptances").exists()
    assert "No release is accepted" in model("acceptances").stdout


def test_labels_that_contradict_the_pictures_are_refused_with_a_report(accept, rows, tmp_path):
    turned = [row[2] for row in rows]
    random.Random(3).shuffle(turned)
    refused = accept([(*row[:2], label, "A") for row, label in zip(rows, turned, strict=True)], "--as", "boss", "--json")
    assert (refused.returncode, json.loads(refused.stdout)["findings"]["b_lines"]["met"]) == (2, False)
    assert "is not accepted on GE Vscan Air. B-lines: the AUC is" in refused.stderr
    assert "Verdict: not met" in (tmp_path / "acceptance.html").read_text()
    assert not (tmp_path / "data" / "acceptances").exists()


def one_class(rows):
    return [(*row[:2], "yes", "A") for row in rows]


def one_patient(rows):
    return [(row[0], "p", row[2], "A") for row in rows]


def two_spellings(rows):
    return [*rows[:-1], (rows[-1][0], "P0", rows[-1][2], "A")]


def absent_file(rows):
    return [*rows, ("c99.png", "p99", "yes", "A")]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (one_class, "B-lines: 0 patients without it, and 10 are needed"),
        (one_patient, "B-lines: 1 patients with it, and 10 are needed; 1 patients without it"),
        (two_spellings, "the patient 'P0' is 'p0' on line 2"),
        (absent_file, "labels 1 files that are not in"),
    ],
)
def test_labels_that_carry_no_judgement_are_refused_before_anything_is_read(accept, rows, tmp_path, change, why):
    refused = accept(change(rows))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert why in refused.stderr
    assert not DataFolder(tmp_path / "data").labelled_readings.exists()
    assert not (tmp_path / "acceptance.html").exists()


def test_one_recording_of_two_patients_is_refused(accept, rows, pictures, tmp_path):
    copies = tmp_path / "copies"
    copies.mkdir()
    for path in pictures.iterdir():
        (copies / path.name).write_bytes(path.read_bytes())
    (copies / "again.png").write_bytes((copies / "c0.png").read_bytes())
    refused = accept([*rows, ("again.png", "p99", "no", "A")], clips=copies)
    assert (refused.returncode, "are the same recording, of the patients 'p0' and 'p99'" in refused.stderr) == (2, True)
    differs = accept([*rows, ("again.png", "p0", "yes", "A")], clips=copies)
    assert (differs.returncode, "with different labels" in differs.stderr) == (2, True)
    seen = accept([*rows, ("again.png", "p0", "no", "A")], clips=copies)
    assert "1 recordings are copies of others" in seen.stdout


def test_what_is_not_used_is_stated(accept, rows, pictures):
    seen = accept([*rows[:-1], (*rows[-1][:2], "", "A")])
    assert "1 recordings have no label of a finding of this release" in seen.stdout
    assert "1 recordings of the folder have no line in the table" in accept(rows[:-1]).stdout


def test_a_recording_is_read_once_for_the_same_release_and_frames(accept, rows, tmp_path):
    journal = DataFolder(tmp_path / "data").labelled_readings
    assert accept(rows[1:]).returncode == 0
    assert len(journal.read_text().splitlines()) == 2 * PATIENTS - 1
    assert accept(rows).returncode == 0
    assert len(journal.read_text().splitlines()) == 2 * PATIENTS
    assert accept(rows, "--every", "2").returncode == 0
    assert len(journal.read_text().splitlines()) == 4 * PATIENTS


@pytest.mark.parametrize(
    ("name", "why"), [("x" * 10_000, "10000 characters"), ("Vscan\x00", "invisible character"), ("unknown machine", "known machine only")]
)
def test_a_machine_that_is_no_machine_is_refused(model, pictures, name, why):
    refused = model("accept", pictures, "--machine", name, "--labels", "none.csv")
    assert (refused.returncode, why in refused.stderr) == (2, True)
    assert len(refused.stderr) < 1000


def test_a_damaged_acceptance_is_stated_and_ends_the_list_with_an_error(accept, model, rows, tmp_path):
    assert accept(rows, "--as", "boss", lines=[PIN]).returncode == 0
    (path,) = (tmp_path / "data" / "acceptances").iterdir()
    path.write_bytes(path.read_bytes().replace(b"Vscan", b"Vscam"))
    listed = model("acceptances", "--json")
    assert (listed.returncode, "not signed by this appliance" in listed.stderr) == (2, True)
    assert "not signed" in json.loads(listed.stdout)["acceptances"][0]["problem"]


def test_the_acceptance_names_the_network_that_was_judged(accept, model, rows):
    accept(rows, "--as", "boss", lines=[PIN])
    (stored,) = json.loads(model("acceptances", "--json").stdout)["acceptances"]
    release = ModelRelease.load(BUILT_IN / "lung-s")
    assert (stored["release"], stored["model_sha256"]) == (release.ident, release.sha256)


def test_on_the_accepted_machine_its_finding_is_decided_until_the_withdrawal(accept, model, sonoedge, rows, pictures):
    def stated(machine):
        """What is stated of B-lines in a picture with six."""
        line = sonoedge("infer", pictures / f"c{PATIENTS}.png", "--machine", machine, "--json").stdout
        return json.loads(line)["findings"]["b_lines"]["set"]

    assert stated(VSCAN) == ["present", "absent"]
    made = json.loads(accept(rows, "--as", "boss", "--json", lines=[PIN]).stdout)["accepted"]
    assert stated(VSCAN) == ["present"]
    assert stated("GE Vscan") == ["present", "absent"]
    assert model("withdraw", made, "--reason", "the probe was replaced").returncode == 0
    assert stated(VSCAN) == ["present", "absent"]
