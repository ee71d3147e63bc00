"""`sonoedge feedback training-set`: the set, its counts as JSON, and each refusal in one line."""

import json

import pytest

from tests.edge.exchange.training_set.clinic import Planted

LICENCE = ("--licence", "CC BY-NC 4.0")


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    clinic = Planted(tmp_path / "data")
    for number in range(3):
        clinic.labelled(number, b_lines=number > 0, name="" if number == 2 else None)
    clinic.store.close()
    return tmp_path


def test_the_set_is_written_and_its_counts_are_printed(recorded, sonoedge):
    done = sonoedge("feedback", "training-set", "ward", *LICENCE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ward: 2 clips of 2 patients in 2 exams. Research use, not a diagnosis." in done.stdout
    assert "b_lines: 1 yes, 1 no" in done.stdout
    assert "left out, 1 clips: its exam has no patient" in done.stdout
    assert "Look at every picture in ward-check before you give ward away" in done.stdout
    assert (recorded / "ward" / "manifest.csv").exists()


@pytest.mark.usefixtures("recorded")
def test_as_json(sonoedge):
    printed = json.loads(sonoedge("feedback", "training-set", "ward", *LICENCE, "--json").stdout)
    assert {key: printed[key] for key in ("clips", "patients", "exams", "labels", "left", "licence", "folder", "check")} == {
        "clips": 2,
        "patients": 2,
        "exams": 2,
        "labels": {"b_lines": {"yes": 1, "no": 1}},
        "left": {"unnamed": 1},
        "licence": "CC BY-NC 4.0",
        "folder": "ward",
        "check": "ward-check",
    }
    assert "not a diagnosis" in printed["notice"]


@pytest.mark.usefixtures("recorded")
def test_refusals_are_one_line_with_the_next_step(sonoedge):
    without = sonoedge("feedback", "training-set", "ward")
    assert (without.returncode, without.stdout, len(without.stderr.splitlines())) == (2, "", 1)
    assert "--licence" in without.stderr
    sonoedge("feedback", "training-set", "ward", *LICENCE)
    again = sonoedge("feedback", "training-set", "ward", *LICENCE)
    assert (again.returncode, again.stdout, len(again.stderr.splitlines())) == (2, "", 1)
    assert "ward exists already" in again.stderr
