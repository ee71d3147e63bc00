"""`sonoedge feedback queue`: the open differences with who stated what, the closed ones when asked for, and the notice."""

import json

import pytest

from edge.cli.feedback_queue import queue
from edge.feedback.discordance.cause import RootCause
from edge.people.permission import Role
from edge.records.errors import RecordUnknown
from edge.services.discordance import DiscordanceService, Why
from tests.edge.feedback.performance.clinic import SmallClinic


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def exam(data):
    """One in which a reader contradicts the model in two findings, and one of both differences is closed."""
    clinic = SmallClinic(data)
    made = clinic.one("present", "absent")
    clinic.one("unsure", "present")
    service, senior = DiscordanceService(clinic.store, clinic.catalogue, clinic.reviews), clinic.person("Senior", Role.OVER_READ)
    closed = next(each for each in service.queue(senior, 9).items if each.difference.place == (made, "L1", "b_lines"))
    service.close(senior, closed.difference.place, Why(RootCause.MODEL, "a rib", closed.difference.seen))
    clinic.store.close()
    return made


def test_the_open_ones_are_printed_with_who_stated_what(exam, capsys):
    queue()
    out = capsys.readouterr().out
    assert "not a diagnosis" in out
    assert f"exam {exam}" in out
    assert "severity_2_plus: present against absent" in out
    assert "likely present: the model" in out
    assert "likely absent: Dr. Reader" in out
    assert "without the model's answer in view" in out
    assert "b_lines" not in out
    assert "can't tell against an answer" not in out
    assert "model: fewer than 5" in out


@pytest.mark.usefixtures("exam")
def test_all_has_the_closed_ones_with_their_cause_and_those_where_somebody_could_not_tell(capsys):
    queue(all_=True)
    out = capsys.readouterr().out
    assert out.count("can't tell against an answer") == 3
    assert "closed as model by Senior" in out
    assert ": a rib" in out


def test_the_same_as_json(exam, capsys):
    queue(all_=True, as_json=True)
    answer = json.loads(capsys.readouterr().out)
    assert "not a diagnosis" in answer["notice"]
    assert [(each["finding"], each["closed"]) for each in answer["differences"] if each["exam_id"] == exam] == [
        ("severity_2_plus", False),
        ("b_lines", True),
    ]
    assert answer["causes"] == {"acquisition": 0, "perception": 0, "model": None, "labelling": 0}


@pytest.mark.usefixtures("data")
def test_an_appliance_without_records_states_so():
    with pytest.raises(RecordUnknown):
        queue()
