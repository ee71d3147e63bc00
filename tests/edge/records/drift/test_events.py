import pytest

from edge.records.audit.trail import AuditTrail
from edge.records.drift.events import DriftEvents, Found
from edge.records.errors import RecordStale
from edge.records.notices import Notices
from edge.records.opening import open_records

FOUND = Found("lung-m-0.3.2", "exam 9", "exam 4", {"state": "stop", "evidence": []})


@pytest.fixture
def store(tmp_path):
    opened = open_records(tmp_path / "data")
    yield opened
    opened.close()


def acts(store):
    return [each.entry.act for each in AuditTrail(store).newest(20) if each.entry.act.startswith("drift")]


def test_a_stop_is_recorded_once_with_a_notice_and_survives_a_restart(store, tmp_path):
    events = DriftEvents(store)
    assert (events.stopped(), events.of("lung-m-0.3.2")) == (frozenset(), ())
    events.stop(FOUND, "It differs", "Look")
    events.stop(FOUND, "It differs", "Look")
    assert acts(store) == ["drift.stopped"]
    assert [(each.code, each.what) for each in Notices(store).unseen()] == [("drift-stop", "It differs")]
    store.close()
    again = open_records(tmp_path / "data")
    (stop,) = DriftEvents(again).of("lung-m-0.3.2")
    assert (stop.act, stop.by, stop.verdict, stop.since_exam_id) == ("stopped", "appliance", FOUND.verdict, "exam 4")
    assert DriftEvents(again).stopped() == {"lung-m-0.3.2"}
    again.close()


def test_a_decision_ends_the_stop_of_its_release_only_and_names_what_it_was_about(store):
    events = DriftEvents(store)
    events.stop(FOUND, "It differs", "Look")
    events.stop(Found("lung-s-0.4.0", "exam 9", "exam 4", {}), "It differs too", "Look")
    (stop,) = events.of("lung-m-0.3.2")
    decided = events.decide("Boss (boss)", FOUND, "watch-again", "The gain was wrong", stop.id)
    assert events.stopped() == {"lung-s-0.4.0"}
    assert events.of("lung-m-0.3.2") == (stop, decided)
    assert (decided.exam_id, decided.verdict, decided.reason, decided.by) == ("exam 9", FOUND.verdict, "The gain was wrong", "Boss (boss)")
    assert acts(store)[0] == "drift.decided"
    events.stop(FOUND, "It differs again", "Look")
    assert "lung-m-0.3.2" in events.stopped()


def test_two_people_do_not_decide_about_one_verdict(store):
    events = DriftEvents(store)
    events.decide("one", FOUND, "watch-again", "why", None)
    with pytest.raises(RecordStale):
        events.decide("other", FOUND, "new-reference", "why", None)
    assert len(events.of("lung-m-0.3.2")) == 1
