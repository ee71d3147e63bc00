"""`sonoedge exam export` in the forms that other programs read, as a person at the board's shell meets it."""

import json

import pytest
import typer

from edge.cli.exam_export import export_
from edge.exchange.forms import FormThere
from edge.records.audit.trail import AuditTrail
from edge.records.store import Store
from tests.edge.exchange.conftest import Ward


@pytest.fixture
def exam(tmp_path, monkeypatch):
    """The id of a signed exam in the data folder of the settings."""
    ward = Ward(tmp_path / "data")
    ward.store.close()
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(ward.folder))
    return ward.exam_id


def test_the_forms_that_are_asked_for_are_written_and_marked_as_no_diagnosis(exam, tmp_path, capsys):
    export_(exam[-8:], tmp_path / "out", fhir=True, hl7=True)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"fhir.json", "report.hl7"}
    out = capsys.readouterr().out
    assert "2 files" in out
    assert "research use, not a diagnosis" in out


def test_json_names_the_files_and_the_trail_counts_them(exam, tmp_path, capsys):
    export_(exam, tmp_path / "out", fhir=True, as_json=True)
    stated = json.loads(capsys.readouterr().out)
    assert (stated["folder"], stated["files"], stated["missing"]) == (str(tmp_path / "out"), ["fhir.json"], [])
    store = Store.open(tmp_path / "data")
    (entry,) = [each for each in AuditTrail(store).newest(50) if each.entry.act == "exam.exported"]
    store.close()
    assert entry.entry.detail["files"] == 1


def test_people_are_asked_to_look_before_they_give_a_deidentified_exam_away(exam, tmp_path, capsys):
    with pytest.raises(typer.Exit) as ended:
        export_(exam, tmp_path / "out", deidentified=True)
    assert ended.value.exit_code == 1  # the document is not part of it
    said = capsys.readouterr()
    assert f"Look at {tmp_path / 'out' / 'deidentified-check.png'}" in said.out
    assert "document" in said.err


def test_a_second_export_to_the_same_place_is_refused(exam, tmp_path):
    export_(exam, tmp_path / "out", fhir=True)
    with pytest.raises(FormThere):
        export_(exam, tmp_path / "out", fhir=True)
