"""`sonoedge feedback card`: one person's figures for who holds the board, stated in the audit trail, and nobody else's."""

import json
from datetime import timedelta

import pytest

from edge.cli.feedback_card import card
from edge.disk.layout import DataFolder
from edge.feedback.people.stored import StoredCards
from edge.records.audit.trail import AuditTrail
from edge.records.clock import wall
from edge.records.errors import RecordUnknown
from edge.records.schema import OperatorRow
from edge.records.store import Store
from tests.edge.feedback.people.clinic import PeopleClinic


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def clinic(data, monkeypatch):
    made = PeopleClinic(data)
    for stated, over in (("present", "present"), ("absent", "present"), ("present", "absent")):
        made.exam(stated, over)
    with made.store.read() as session:
        made.badge = session.get_one(OperatorRow, made.sara.operator_id).badge
    made.store.close()
    monkeypatch.setattr("edge.records.store.wall", lambda: wall() + timedelta(days=1))
    monkeypatch.setattr("edge.feedback.people.compute.last_midnight", lambda now: now)
    return made


def test_the_card_is_printed_and_the_audit_trail_states_it(clinic, data, capsys):
    card(clinic.badge)
    out = capsys.readouterr().out
    assert "Taking exams: 3 exams were over-read" in out
    row = next(line.split() for line in out.splitlines() if line.startswith("b_lines"))
    assert row[1:3] == ["1", "2"]
    curves = [line.split() for line in out.splitlines() if line.startswith("blue-6")]
    assert ["blue-6", "b_lines", "3", "3", "2", "0", "not", "yet", "none"] in curves
    assert ["blue-6", "images", "3", "0", "0", "not", "yet", "none"] in curves
    assert "Reading exams of others: nothing was over-read" in out
    assert "All readers together: fewer than 5 blind readers" in out
    assert "not a diagnosis" in out
    store = Store.open(data)
    assert AuditTrail(store).newest(1)[0].entry.act == "card.shown"
    store.close()


def test_json_has_the_card_of_this_person_only(clinic, data, capsys):
    card(clinic.sara.operator_id, as_json=True)
    printed = json.loads(capsys.readouterr().out)
    stored = StoredCards(DataFolder(data).cards).get()
    assert printed["card"] == stored.cards[clinic.sara.operator_id].model_dump(mode="json")
    assert clinic.reader.operator_id not in json.dumps(printed)
    assert printed["notice"]


@pytest.mark.usefixtures("clinic")
def test_nobody_of_this_name_is_an_error():
    with pytest.raises(RecordUnknown):
        card("no such badge")


@pytest.mark.usefixtures("data")
def test_an_appliance_without_records_states_so():
    with pytest.raises(RecordUnknown):
        card("S-7")
