"""The slots as the page sees them, on a real board folder and real records."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from edge.disk.layout import DataFolder
from edge.people.actor import APPLIANCE_ACTOR, NOBODY_ACTOR, SHELL_ACTOR
from edge.records.schema import AuditRow
from edge.records.store import Store
from edge.services.slots import NoSlots, SlotBusy, SlotsService
from provisioning import request
from provisioning.boot.files import RealFiles, make_folders
from provisioning.boot.moves import returned
from provisioning.boot.place import Place
from provisioning.boot.selector import Selector
from provisioning.boot.slot import Mark
from provisioning.identity.device import make_device
from provisioning.request import Answer, Request, Wish

NOWHERE = "http://127.0.0.1:1/"
"""Where no appliance answers."""


@pytest.fixture
def store(tmp_path):
    with_records = Store.open(tmp_path / "data")
    yield with_records
    with_records.close()


@pytest.fixture
def place(tmp_path):
    """Release 2 is active, release 1 the previous one."""
    place = Place(tmp_path / "opt")
    for counter in (1, 2):
        install(place, counter)
    place.takes_requests.touch()
    return place


def install(place, counter):
    selector = selector_of(place)
    slot = selector.prepare()
    make_folders(RealFiles(), place.slot(slot) / "bin")
    for name in ("python3", "sonoedge"):
        (place.slot(slot) / "bin" / name).write_text("")
    selector.adopt(slot, Mark(f"{counter}.0", counter))


def selector_of(place):
    return Selector(RealFiles(), place, lambda: "2026-11-30T10:00:00+00:00")


def service(tmp_path, store, place):
    return SlotsService(DataFolder(tmp_path / "data"), store, place)


def entries(store):
    with store.read() as session:
        return [json.loads(body) for body in session.scalars(select(AuditRow.body).where(AuditRow.act == "slot.event"))]


def test_a_program_from_a_checkout_has_no_slots(tmp_path, store):
    made = SlotsService(DataFolder(tmp_path / "data"), store)
    state = made.state(NOBODY_ACTOR)
    assert (state.installed, state.asks, state.slots, state.events) == (False, False, (), ())
    with pytest.raises(NoSlots):
        made.ask(SHELL_ACTOR, Wish.APPLY, False)
    made.note()
    assert entries(store) == []


def test_a_program_in_a_slot_knows_its_place():
    assert Place.of(Path("/opt/sonoedge/slots/b")) == Place(Path("/opt/sonoedge"))
    assert Place.of(Path("/home/x/.venv")) is None


def test_the_state_names_the_slots_and_what_happened(tmp_path, store, place):
    device = make_device(tmp_path / "data" / "identity")
    state = service(tmp_path, store, place).state(NOBODY_ACTOR)
    assert (state.installed, state.asks, state.runs, state.device) == (True, True, "b", device.id)
    assert [(slot.name, slot.version, slot.role) for slot in state.slots] == [("a", "1.0", "previous"), ("b", "2.0", "active")]
    assert [event.code for event in state.events] == ["OK-INSTALLED", "OK-INSTALLED"]
    assert state.answer is None


def test_a_trial_is_shown_with_the_starts_that_are_left(tmp_path, store, place):
    selector = selector_of(place)
    selector.store(returned(selector.load(), "asked for", selector.marks(), "2026-11-30T10:00:00+00:00"))
    selector.start()
    state = service(tmp_path, store, place).state(NOBODY_ACTOR)
    assert (state.runs, state.starts_left) == ("a", 2)
    assert {slot.name: slot.role for slot in state.slots} == {"a": "trial", "b": "active"}


def test_a_request_is_left_once_and_names_the_person(tmp_path, store, place):
    made = service(tmp_path, store, place)
    made.ask(SHELL_ACTOR, Wish.APPLY, True)
    left = request.read(DataFolder(tmp_path / "data").provision_request, Request)
    assert (left.wish, left.by) == (Wish.APPLY, SHELL_ACTOR.name)
    with pytest.raises(SlotBusy):
        made.ask(SHELL_ACTOR, Wish.CHECK, False)


def test_a_restart_is_refused_while_an_exam_is_open_and_so_is_the_self_test(tmp_path, store, place):
    made = service(tmp_path, store, place)
    with pytest.raises(SlotBusy, match="exam is open"):
        made.ask(SHELL_ACTOR, Wish.RESTART, True)
    with pytest.raises(SlotBusy, match="exam is open"):
        made.selftest(SHELL_ACTOR, True, NOWHERE)
    assert not DataFolder(tmp_path / "data").provision_request.exists()


def test_a_board_without_the_unit_takes_no_request(tmp_path, store, place):
    place.takes_requests.unlink()
    with pytest.raises(NoSlots):
        service(tmp_path, store, place).ask(SHELL_ACTOR, Wish.ROLLBACK, False)


def test_the_answer_is_shown_and_a_damaged_one_is_none(tmp_path, store, place):
    asked = Request(wish=Wish.CHECK, by="Sara", at="2026-11-30T10:00:00+00:00")
    request.leave(place.answer, request.answered(asked, "verifying the stick", asked.at))
    made = service(tmp_path, store, place)
    assert made.state(NOBODY_ACTOR).answer == Answer(wish=Wish.CHECK, by="Sara", at=asked.at, text="verifying the stick")
    place.answer.write_text("{")
    assert made.state(NOBODY_ACTOR).answer is None


def test_the_history_comes_into_the_audit_trail_once(tmp_path, store, place):
    made = service(tmp_path, store, place)
    made.note()
    made.note()
    assert [entry["detail"]["code"] for entry in entries(store)] == ["OK-INSTALLED", "OK-INSTALLED"]
    assert {entry["actor"] for entry in entries(store)} == {APPLIANCE_ACTOR.name}
    install(place, 3)
    made.note()
    assert entries(store)[-1]["detail"]["release_after"] == "3.0"
    assert len(entries(store)) == 3


def test_a_history_that_began_again_is_taken_too(tmp_path, store, place):
    """The program was removed and installed again, and the data stayed."""
    made = service(tmp_path, store, place)
    made.note()
    lines = [json.loads(line) for line in place.history.read_text().splitlines()]
    place.history.write_text(json.dumps({**lines[0], "at": "2027-01-01T00:00:00+00:00"}) + "\n")
    made.note()
    assert len(entries(store)) == 3


def test_the_self_test_runs_and_states_what_it_could_not_test(tmp_path, store, place, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))
    report = service(tmp_path, store, place).selftest(SHELL_ACTOR, False, NOWHERE)
    assert {each.state.value for each in report.results} >= {"pass", "not tested"}
    assert next(each for each in report.results if each.name == "appliance").state.value == "fail"
