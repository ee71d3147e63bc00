"""`sonoedge feedback course` on the records of an appliance, as a person at its shell meets it."""

import json

import pytest

from edge.cli.feedback_course import course
from edge.disk.layout import DataFolder
from edge.inference.release import BUILT_IN
from edge.records.errors import RecordUnknown
from tests.edge.clinic import Clinic


@pytest.fixture
def ward(tmp_path, monkeypatch):
    """The data folder of an appliance with two exams of patient P-7, the second wet, and one of another patient."""
    data = tmp_path / "data"
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(data))
    monkeypatch.setenv("SONOEDGE_MODEL", str(BUILT_IN / "lung-s"))
    clinic = Clinic(data)
    for number, b_lines in ((7, 0), (7, 6), (8, 3)):
        clinic.exam(number, b_lines)
    clinic.store.close()
    return DataFolder(data)


def test_each_exam_has_a_line_with_a_bar_and_the_notice_once(ward, capsys):
    course("P-7")
    page = capsys.readouterr().out
    lines = [line for line in page.splitlines() if line.startswith("L1 ")]
    assert len(lines) == 2
    assert all("MACHINE NOT VALIDATED" in line for line in lines)
    assert page.count("research use, not a diagnosis") == 1
    assert "read by lung-s-" in page
    assert "nan" not in page.lower()


def test_for_machines_each_row_has_what_was_measured(ward, capsys):
    course("P-7", as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["patient"]["identifier"] == "P-7"
    assert found["notice"] == "research use, not a diagnosis"
    assert [row["zone"] for row in found["rows"]] == ["L1", "L1"]
    for row in found["rows"]:
        share = row["measured"]["share"]
        assert (share["share"] is None) == bool(row["code"])
        assert row["measured"]["release"] == found["release"]


def test_a_clip_is_measured_once(ward, capsys):
    course("P-7")
    first = {path: path.stat().st_mtime_ns for path in ward.pleura_shares.rglob("*.json")}
    assert len(first) == 2
    course("P-7")
    assert {path: path.stat().st_mtime_ns for path in ward.pleura_shares.rglob("*.json")} == first
    capsys.readouterr()


def test_a_patient_who_is_not_known_is_an_error_with_the_next_step(ward):
    with pytest.raises(RecordUnknown, match="sonoedge exam list"):
        course("P-70")
