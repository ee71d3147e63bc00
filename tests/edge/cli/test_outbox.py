"""`sonoedge outbox`: what is sent, in the board's shell, with no appliance needed."""

import json

import pytest

from edge.cli import outbox as command
from edge.records.outbox.deliveries import Deliveries
from edge.records.outbox.delivery import NewObject, ObjectAnswer, Turn
from edge.records.outbox.sending import Sending
from edge.records.store import Store
from tests.edge.exchange.outbox.tiny import signed_exams


@pytest.fixture
def queued(tmp_path, monkeypatch):
    """The ids of two deliveries: one that waits, and one of which the peer took one object and refused the other."""
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    store = Store.open(tmp_path / "data")
    signed_exams(store, 2, peers=["pacs"])
    refused, waiting = reversed(Deliveries(store).newest())
    sending = Sending(store)
    sending.begin(refused.id)
    sending.list_objects(refused.id, [NewObject("2.25.1", "1.2", "clip", "L1"), NewObject("2.25.2", "1.3", "report", "")])
    sending.answered(refused.id, "2.25.1", ObjectAnswer("sent", "taken", "B000", warned=True))
    sending.answered(refused.id, "2.25.2", ObjectAnswer("refused", "pacs answers C000: it cannot understand the object", "C000"))
    sending.end(refused.id, Turn("refused", "pacs answers C000: it cannot understand the object", "C000"))
    store.close()
    return refused.id, waiting.id


def test_each_delivery_is_listed_with_what_the_peer_has(queued, capsys):
    command.list_()
    listed = capsys.readouterr().out
    assert all(each in listed for each in queued)
    assert "1 of 2" in listed
    assert "C000" in listed
    command.list_(state=["waiting"], as_json=True)
    assert [each["id"] for each in json.loads(capsys.readouterr().out)] == [queued[1]]


def test_the_manifest_states_each_object(queued, capsys):
    command.show(queued[0][-12:])
    shown = capsys.readouterr().out
    assert "sent, with a warning" in shown
    assert "last answer: pacs answers C000" in shown
    command.show(queued[0], as_json=True)
    assert [each["state"] for each in json.loads(capsys.readouterr().out)["manifest"]] == ["sent", "refused"]


def test_a_delivery_is_cancelled_and_tried_again(queued, capsys):
    command.cancel(queued[1])
    assert capsys.readouterr().out == f"{queued[1]}: cancelled\n"
    command.list_(state=["cancelled"])
    assert "cancelled by shell (" in capsys.readouterr().out
    command.retry(queued[1], as_json=True)
    assert json.loads(capsys.readouterr().out)["state"] == "waiting"


def test_a_state_that_does_not_exist_is_refused(queued):
    with pytest.raises(command.StateUnknown, match="There is no state lost"):
        command.list_(state=["lost"])
