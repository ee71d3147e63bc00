"""Deliveries as recorded: queued once, tried in order, and changed by people only where their state admits it."""

from datetime import timedelta

import pytest

from edge.records.errors import RecordUnknown
from edge.records.exams.reports import Issued, Reports
from edge.records.outbox.deliveries import Deliveries
from edge.records.outbox.delivery import DeliveryStale, NewObject, ObjectAnswer, Turn
from edge.records.outbox.sending import Sending
from edge.records.schema import ExamRow

IMAGE, REPORT = NewObject("2.25.1", "1.2", "clip", "L1"), NewObject("2.25.2", "1.3", "report", "")
TAKEN = ObjectAnswer("sent", "taken", "0000")


@pytest.fixture
def outbox(data):
    return Deliveries(data.store)


@pytest.fixture
def sending(data):
    return Sending(data.store)


def issue(data, exam_id, *peers):
    return Reports(data.store, peers=lambda: peers).issue("Dr. Reader", exam_id, None, lambda _: Issued("final", "{}", []))


@pytest.fixture
def exam(data):
    made = data.exam()
    data.change(made, simulated=False)
    return made


def due(data, sending, **more):
    return sending.due(data.store.now(), **more)


def test_a_signature_queues_its_report_for_each_peer_in_the_same_transaction(data, outbox, exam):
    issue(data, exam.id, "pacs", "record")
    assert [(each.peer, each.report, each.state, each.queued_by) for each in outbox.of_exam(exam.id)] == [
        ("pacs", 1, "waiting", "Dr. Reader"),
        ("record", 1, "waiting", "Dr. Reader"),
    ]


def test_a_signature_that_fails_queues_nothing(data, outbox, exam):
    with pytest.raises(ZeroDivisionError):
        Reports(data.store, peers=lambda: ("pacs",)).issue("Dr. Reader", exam.id, None, lambda _: 1 / 0)
    assert outbox.of_exam(exam.id) == ()


def test_the_same_exam_report_and_peer_is_the_same_delivery(data, outbox, exam):
    issue(data, exam.id, "pacs")
    first = outbox.of_exam(exam.id)
    assert outbox.queue("Sara", exam.id, ["pacs"]) == first
    assert outbox.of_exam(exam.id) == first


def test_the_oldest_delivery_that_has_not_arrived_states_since_when_it_waits(data, outbox, sending, exam):
    assert outbox.open_since() is None
    issue(data, exam.id, "pacs", "record")
    pacs, record = outbox.of_exam(exam.id)
    assert outbox.open_since() == pacs.queued_at
    for each in (pacs, record):
        sending.begin(each.id)
        sending.end(each.id, Turn("sent", "", "0000"))
    assert outbox.open_since() is None


def test_an_exam_without_a_report_cannot_be_queued(outbox, exam):
    with pytest.raises(RecordUnknown, match="no report"):
        outbox.queue("Sara", exam.id, ["pacs"])


def test_a_later_report_is_not_due_while_an_earlier_one_is_open_at_the_same_peer(data, outbox, sending, exam):
    issue(data, exam.id, "pacs")
    issue(data, exam.id, "pacs", "record")
    first, second, other = outbox.of_exam(exam.id)
    assert due(data, sending).id == first.id
    assert sending.begin(first.id)
    assert due(data, sending).id == other.id
    sending.end(first.id, Turn("refused", "no", "A900"))
    assert due(data, sending, resting=[("record", "waiting")]) is None
    outbox.cancel("Sara", first.id)
    assert due(data, sending, resting=[("record", "waiting")]).id == second.id


def test_an_earlier_report_is_never_sent_after_a_later_one(data, outbox, sending, exam):
    issue(data, exam.id, "pacs")
    issue(data, exam.id, "pacs")
    first, second = outbox.of_exam(exam.id)
    outbox.cancel("Sara", first.id)
    sending.begin(second.id)
    sending.end(second.id, Turn("sent"))
    with pytest.raises(DeliveryStale, match="report 2"):
        outbox.retry("Sara", first.id)


def test_a_delivery_waits_until_its_next_try_and_not_longer_than_any_wait_after_the_clock_was_wrong(data, outbox, sending, exam):
    issue(data, exam.id, "pacs")
    (delivery,) = outbox.of_exam(exam.id)
    sending.begin(delivery.id)
    sending.end(delivery.id, Turn("waiting", "busy", "A700", 600.0))
    now = data.store.now()
    assert sending.due(now) is None
    assert sending.due(now + timedelta(seconds=601)).id == delivery.id
    assert sending.due(now - timedelta(days=900)).id == delivery.id


def test_what_was_on_its_way_is_queued_again_at_a_start(data, outbox, sending, exam):
    issue(data, exam.id, "pacs")
    (delivery,) = outbox.of_exam(exam.id)
    sending.begin(delivery.id)
    assert due(data, sending) is None
    Sending(data.open()).recover()
    again = Deliveries(data.store).get(delivery.id)
    assert (again.state, again.attempts) == ("waiting", 1)


def test_what_the_peer_has_is_not_owed_again_not_even_for_a_later_report(data, outbox, sending, exam):
    issue(data, exam.id, "pacs", "other")
    first, elsewhere = outbox.of_exam(exam.id)
    sending.begin(first.id)
    assert sending.list_objects(first.id, [IMAGE, REPORT]) == {"2.25.1", "2.25.2"}
    assert sending.answered(first.id, "2.25.1", TAKEN)
    assert sending.list_objects(first.id, [IMAGE, REPORT]) == {"2.25.2"}
    issue(data, exam.id, "pacs")
    later = outbox.of_exam(exam.id)[-1]
    assert sending.list_objects(later.id, [IMAGE, NewObject("2.25.3", "1.3", "report", "")]) == {"2.25.3"}
    assert sending.list_objects(elsewhere.id, [IMAGE, REPORT]) == {"2.25.1", "2.25.2"}


def test_what_was_missing_and_is_made_later_is_missing_no_more(data, outbox, sending, exam):
    issue(data, exam.id, "pacs")
    (delivery,) = outbox.of_exam(exam.id)
    assert sending.list_objects(delivery.id, [REPORT, NewObject("2.25.9", "", "clip", "L1", "its disk is away")]) == {"2.25.2"}
    assert (outbox.get(delivery.id).objects, outbox.get(delivery.id).missing) == (1, 1)
    assert sending.list_objects(delivery.id, [IMAGE, REPORT]) == {"2.25.1", "2.25.2"}
    assert (outbox.get(delivery.id).objects, outbox.get(delivery.id).missing) == (2, 0)


def test_an_answer_after_a_cancellation_is_recorded_and_changes_nothing_else(data, outbox, sending, exam):
    issue(data, exam.id, "pacs")
    (delivery,) = outbox.of_exam(exam.id)
    sending.begin(delivery.id)
    sending.list_objects(delivery.id, [IMAGE, REPORT])
    outbox.cancel("Sara", delivery.id)
    assert not sending.answered(delivery.id, "2.25.1", TAKEN)
    sending.end(delivery.id, Turn("sent", releases=True))
    now = outbox.get(delivery.id)
    assert (now.state, now.ended_by, now.taken) == ("cancelled", "Sara", 1)
    assert not sending.begin(delivery.id)


def test_only_the_newest_report_lets_recordings_make_room_and_an_amendment_takes_that_back(data, outbox, sending, exam):
    issue(data, exam.id, "pacs")
    issue(data, exam.id, "pacs")
    first, second = outbox.of_exam(exam.id)
    for delivery, released in ((first, False), (second, True)):
        sending.begin(delivery.id)
        sending.end(delivery.id, Turn("sent", releases=True))
        assert (data.exams.get(exam.id).sent_at is not None) is released
    version = data.exams.get(exam.id).version
    issue(data, exam.id)
    assert (data.exams.get(exam.id).sent_at, data.exams.get(exam.id).version) == (None, version + 1)


def test_deliveries_are_found_by_a_part_of_their_id_and_by_state(data, outbox, exam):
    issue(data, exam.id, "pacs", "record")
    first, second = outbox.of_exam(exam.id)
    outbox.cancel("Sara", first.id)
    assert outbox.id_of(first.id[-8:]) == first.id
    assert [each.id for each in outbox.newest(states=["cancelled"])] == [first.id]
    assert [each.id for each in outbox.newest(1)] == [second.id]
    assert outbox.newest(before_id=first.id) == ()
    assert outbox.newest(protocols=["other"]) == ()
    for unknown in ("zz", "ffff-ffff-ffff"):
        with pytest.raises(RecordUnknown):
            outbox.id_of(unknown)
    with pytest.raises(RecordUnknown):
        outbox.get("none")


def test_simulated_exams_are_not_queued_by_themselves(data, outbox):
    made = data.exam("e2")
    issue(data, made.id, "pacs")
    assert outbox.of_exam(made.id) == ()
    with data.store.read() as session:
        assert session.get(ExamRow, made.id).simulated
