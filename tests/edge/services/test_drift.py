"""The drift watch as a service: the work in its own process, a stop that holds, the decision of a person, and the site's policy."""

import time

import pytest

from edge.disk.layout import DataFolder
from edge.feedback.drift.course import REFERENCE_EXAMS
from edge.feedback.drift.figures import State
from edge.feedback.drift.stored import StoredDrift
from edge.people.actor import Actor, Grant, NotAllowed
from edge.people.permission import Role
from edge.people.policy import load_policy
from edge.records.audit.trail import AuditTrail
from edge.records.errors import RecordStale
from edge.records.notices import Notices
from edge.records.opening import open_records
from edge.services.background import Background
from edge.services.drift import DriftReasonRefused, DriftService, NewDecision, NothingToDecide
from tests.edge.feedback.drift.site import RELEASE, Site

PATIENCE_S = 240
READER = Actor("operator", "Almaz", "a", (Grant(Role.INTERPRET),))
OVER_READER = Actor("operator", "Sara", "s", (Grant(Role.OVER_READ),))
SERVICE = Actor("operator", "Abebe", "b", (Grant(Role.SERVICE),))


class Place:
    """A data folder with a drift service; `again` is a restart."""

    def __init__(self, folder, drift_stop="warn"):
        self.data, self.store, self.background = DataFolder(folder), open_records(folder), Background()
        self.release, self.drift_stop = RELEASE, drift_stop
        self.begin()

    def begin(self):
        policy = load_policy(self.data.root).model_copy(update={"drift_stop": self.drift_stop})
        self.notices = Notices(self.store)
        self.service = DriftService(self.store, self.data, self.background, policy, self.notices, release=lambda: self.release)

    def again(self, drift_stop=None):
        self.close()
        self.store, self.background, self.drift_stop = open_records(self.data.root), Background(), drift_stop or self.drift_stop
        self.begin()

    def close(self):
        self.background.close()
        self.store.close()

    def look(self):
        self.service.look()
        end = time.monotonic() + PATIENCE_S
        while self.service.work(READER).running:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert not self.service.work(READER).failed

    def decide(self, decision="watch-again", reason="The gain was wrong", **changed):
        status = self.service.status(READER)
        given = {"decision": decision, "reason": reason, "release": status.release, "exam_id": status.about or "", **changed}
        return self.service.decide(OVER_READER, NewDecision(**given))


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """A site whose gain changed; its tests go on from each other."""
    made = Place(tmp_path_factory.mktemp("data") / "data", "abstain")
    site = Site(made.store)
    site.exams(REFERENCE_EXAMS + 5)
    site.exams(20, gain=4)
    yield made
    made.close()


def test_before_the_first_exam_nothing_is_computed_and_nothing_stated(place):
    place.look()
    status = place.service.status(READER)
    assert (status.state, status.figures, status.about, place.service.state, place.service.over_read_share()) == (None, None, None, None, 0)
    with pytest.raises(NothingToDecide):
        place.decide()


def test_the_reference_is_collected_and_an_ended_exam_makes_it_due_again(place):
    site = Site(place.store)
    site.exams(1)
    place.look()
    assert place.service.state is State.COLLECTING
    at = place.service.status(READER).figures.at
    place.look()
    assert place.service.status(READER).figures.at == at
    site.exams(2)
    place.look()
    assert place.service.status(READER).figures.reference.exams == 3
    place.release = "lung-s-0.4.0"
    assert place.service.state is None
    place.look()
    assert place.service.status(READER).figures.reference.exams == 0


def test_a_damaged_file_is_computed_again(place):
    Site(place.store).exams(1)
    place.look()
    place.data.drift.write_text("{")
    place.begin()
    assert place.service.state is None
    place.look()
    assert place.service.state is State.COLLECTING


def test_who_may_not_read_exams_sees_nothing_and_who_may_not_vouch_decides_nothing(place):
    for act in (place.service.status, place.service.work):
        with pytest.raises(NotAllowed):
            act(SERVICE)
    with pytest.raises(NotAllowed):
        place.service.decide(READER, NewDecision("watch-again", "why", RELEASE, "exam"))


def test_a_stop_is_noted_once_raises_the_over_read_share_and_makes_the_model_abstain_where_the_site_says_so(changed):
    changed.look()
    assert changed.service.state is State.STOP
    assert changed.service.over_read_share() == 1
    assert changed.service.stops(RELEASE)
    assert not changed.service.stops("lung-s-0.4.0")
    (notice,) = changed.notices.unseen()
    assert notice.code == "drift-stop"
    assert "It states nothing until a person decides" in notice.what
    assert changed.notices.waiting == 1
    stops = [each for each in AuditTrail(changed.store).newest(50) if each.entry.act == "drift.stopped"]
    assert len(stops) == 1


def test_the_stop_holds_after_a_restart_without_its_figures_and_the_policy_decides_what_it_does(changed):
    changed.data.drift.unlink()
    changed.again()
    status = changed.service.status(READER)
    assert (status.state, status.abstains, status.figures) == (State.STOP, True, None)
    assert "bright" in {each.channel for each in status.evidence}
    assert changed.service.stops(RELEASE)
    changed.again("warn")
    assert (changed.service.state, changed.service.stops(RELEASE)) == (State.STOP, False)
    changed.again("abstain")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"reason": " "}, DriftReasonRefused), ({"exam_id": "another"}, RecordStale), ({"release": "lung-s-0.4.0"}, RecordStale)],
)
def test_a_decision_needs_a_reason_and_the_verdict_that_the_person_saw(changed, wrong, error):
    with pytest.raises(error):
        changed.decide(**wrong)
    assert changed.service.state is State.STOP


def test_after_a_decision_the_model_answers_again_and_a_new_watch_begins(changed):
    event = changed.decide()
    assert (event.by, event.reason, changed.service.stops(RELEASE)) == ("Sara", "The gain was wrong", False)
    changed.look()
    status = changed.service.status(READER)
    assert (status.state, status.figures.exams, status.about) == (State.STEADY, 0, None)
    assert [each.act for each in status.events] == ["stopped", "watch-again"]
    assert changed.service.over_read_share() == 0


def test_figures_from_before_a_decision_are_of_no_use_after_a_restart(changed):
    stored = StoredDrift(changed.data.drift)
    old = stored.get().model_copy(update={"decision": None, "state": State.STOP})
    stored.put(old)
    changed.again()
    assert changed.service.state is None
