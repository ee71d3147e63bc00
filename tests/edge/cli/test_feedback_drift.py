"""`sonoedge feedback drift`: the state, the evidence in words, and nothing stored."""

import json
from contextlib import closing

import pytest

from edge.cli.feedback_drift import drift
from edge.disk.layout import DataFolder
from edge.feedback.drift.course import REFERENCE_EXAMS
from edge.records.errors import RecordUnknown
from edge.records.opening import open_records
from tests.edge.feedback.drift.site import RELEASE, Site


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_the_verdict_is_printed_with_its_evidence_and_as_json(data, capsys):
    with closing(open_records(data)) as store:
        site = Site(store)
        site.exams(REFERENCE_EXAMS + 5)
        site.exams(20, gain=4)
    drift()
    out = capsys.readouterr().out
    assert out.startswith(f"Stop: a person decides on the feedback page. {RELEASE}, computed ")
    assert f"Reference: {REFERENCE_EXAMS} of {REFERENCE_EXAMS} exams, begun 2026-01-05." in out
    assert "- the brightness is higher since the exam of 2026-01-" in out
    assert "not a diagnosis" in out
    drift(as_json=True)
    printed = json.loads(capsys.readouterr().out)
    assert (printed["state"], printed["events"]) == ("stop", [])
    assert not DataFolder(data).drift.exists()


def test_a_named_release_without_exams_is_being_collected(data, capsys):
    with closing(open_records(data)) as store:
        Site(store).exams(1)
    drift(release="lung-s-0.4.0")
    assert capsys.readouterr().out.startswith("The reference is being collected. lung-s-0.4.0")


def test_without_any_ended_exam_of_a_patient_it_states_so(data):
    open_records(data).close()
    with pytest.raises(RecordUnknown, match="No exam of a patient"):
        drift()
