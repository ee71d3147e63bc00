"""`sonoedge feedback figures`: the counts and figures of this site, stored for the page, with the notice."""

import json

import pytest

from edge.cli.feedback_figures import figures
from edge.disk.layout import DataFolder
from edge.feedback.performance.stored import StoredPerformance
from edge.records.errors import RecordUnknown
from tests.edge.feedback.performance.clinic import HAND_COUNTED, SmallClinic


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def counted(data):
    clinic = SmallClinic(data)
    for model, reader in HAND_COUNTED:
        clinic.one(model, reader)
    clinic.store.close()


@pytest.mark.usefixtures("counted")
def test_the_figures_are_printed_without_small_counts_and_stored_for_the_page(data, capsys):
    figures()
    out = capsys.readouterr().out
    row = next(line.split() for line in out.splitlines() if line.startswith("b_lines in zones"))
    assert row[3:9] == ["6", "<5", "<5", "5", "<5", "0.86"]
    assert "Protocol blue-6: 14 exams with a label or an outcome" in out
    assert "not a diagnosis" in out
    figures(as_json=True)
    printed = json.loads(capsys.readouterr().out)
    stored = StoredPerformance(DataFolder(data).performance).get()
    assert printed["groups"] == stored.model_dump(mode="json")["groups"]


@pytest.mark.usefixtures("data")
def test_an_appliance_without_records_states_so():
    with pytest.raises(RecordUnknown):
        figures()
