"""Cards as a service: one's own only, curves for a supervisor, the shell with a trace, and a computation once a day in its own process."""

import time
from datetime import timedelta

import pytest

from edge.disk.layout import DataFolder
from edge.feedback.people.stored import StoredCards
from edge.people.actor import NOBODY_ACTOR, SHELL_ACTOR, UNCLAIMED_ACTOR, Actor, Grant, NotAllowed, NotSignedIn, break_glass
from edge.people.permission import Role
from edge.records.audit.trail import AuditTrail
from edge.records.clock import wall
from edge.records.errors import RecordUnknown
from edge.services.background import Background
from edge.services.cards import NAME, CardService, Curves
from tests.edge.feedback.people.clinic import PeopleClinic

PATIENCE_S = 240
SUPERVISOR = Actor("operator", "Dr. Super", "super", (Grant(Role.OVER_READ, "blue-6"),))
OF_RUSH = Actor("operator", "Dr. Rush", "rush", (Grant(Role.OVER_READ, "rush-14"),))
ADMIN = Actor("operator", "Boss", "boss", (Grant(Role.ADMIN),))


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    made = PeopleClinic(tmp_path_factory.mktemp("data"))
    for stated, over in (("present", "present"), ("absent", "present")):
        made.exam(stated, over)
    made.took = made.cards()
    yield made
    made.store.close()


@pytest.fixture
def service(clinic):
    DataFolder(clinic.folder).cards.unlink(missing_ok=True)
    background = Background()
    yield CardService(clinic.store, DataFolder(clinic.folder), background)
    background.close()
    clinic.store.clock.machine_time = wall


@pytest.fixture
def computed(service, clinic):
    StoredCards(DataFolder(clinic.folder).cards).put(clinic.took)
    return service


def wait(service, actor):
    end = time.monotonic() + PATIENCE_S
    while service.work(actor).running:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_person_sees_the_own_card_and_no_other(computed, clinic):
    assert computed.mine(clinic.sara).card == clinic.took.cards[clinic.sara.operator_id]
    assert computed.mine(clinic.reader).card is None  # read nothing that was over-read
    assert computed.mine(SUPERVISOR).card is None


def test_before_the_first_computation_there_is_no_card(service, clinic):
    assert service.mine(clinic.sara) is None
    assert service.curves(clinic.sara, clinic.sara.operator_id) == Curves()


@pytest.mark.parametrize("actor", [NOBODY_ACTOR, UNCLAIMED_ACTOR, break_glass("a session")])
def test_who_is_no_person_of_the_appliance_has_no_card(computed, actor):
    with pytest.raises(NotSignedIn):
        computed.mine(actor)


def test_a_supervisor_sees_the_curve_of_a_named_person_under_the_own_protocol(computed, clinic):
    sara = clinic.sara.operator_id
    assert {each.protocol for each in computed.curves(SUPERVISOR, sara).operator} == {"blue-6"}
    assert computed.curves(clinic.sara, sara).operator == clinic.took.cards[sara].operator.curves
    assert computed.curves(OF_RUSH, sara) == computed.curves(ADMIN, sara) == Curves()


def test_others_see_no_curve(computed, clinic):
    with pytest.raises(NotAllowed):
        computed.curves(clinic.reader, clinic.sara.operator_id)
    with pytest.raises(RecordUnknown):
        computed.curves(SUPERVISOR, "nobody's id")


def test_the_shell_sees_a_card_and_leaves_a_trace(computed, clinic):
    sara = clinic.sara.operator_id
    assert computed.at_board(SHELL_ACTOR, sara).card == clinic.took.cards[sara]
    entry = AuditTrail(clinic.store).newest(1)[0].entry
    assert (entry.act, entry.subject, entry.actor) == ("card.shown", f"operator/{sara}", SHELL_ACTOR.name)
    with pytest.raises(NotAllowed, match="its own person only"):
        computed.at_board(ADMIN, sara)


def test_cards_are_computed_once_a_day(service, clinic):
    service.look()
    wait(service, clinic.sara)
    today = service.mine(clinic.sara)
    assert today.card is None  # everything is of today
    service.look()
    assert not service.work(clinic.sara).running
    clinic.store.clock.machine_time = lambda: wall() + timedelta(days=1)
    with clinic.store.write() as change:
        change.log("test", "day.begun", "clock")  # the other process has the time of the newest record
    service.look()
    wait(service, clinic.sara)
    assert not service.work(clinic.sara).failed
    assert service.mine(clinic.sara).card == clinic.took.cards[clinic.sara.operator_id]
    assert service.mine(clinic.sara).until > today.until


def test_a_restart_does_not_compute_again_on_the_same_day(computed, clinic):
    clinic.store.clock.machine_time = lambda: wall() + timedelta(days=1)
    computed.look()
    assert not computed._background.work(NAME).running


def test_a_damaged_file_counts_as_not_computed(computed, clinic):
    path = DataFolder(clinic.folder).cards
    path.write_bytes(path.read_bytes()[:-40])
    assert computed.mine(clinic.sara) is None
