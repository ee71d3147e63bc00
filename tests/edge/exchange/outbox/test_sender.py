"""One delivery after the other, to a real DICOM peer that answers as the test states."""

import random
import threading

import pytest

from edge.exchange.outbox.course import Patience
from edge.exchange.outbox.sender import Sender
from edge.exchange.peers.outcome import Answer, Outcome
from edge.records.audit.trail import AuditTrail
from edge.records.outbox.delivery import NewObject
from edge.records.schema import ExamRow
from tests.edge.exchange.outbox.tiny import AT_ONCE, TinyCourier, add_reports, signed_exams

RUNS = threading.Event()
COMMITTED = Answer(Outcome.ACCEPTED, "pacs keeps it", "0000")
LOST = Answer(Outcome.REFUSED, "pacs has no such object", "0112")
UNDECIDED = Answer(Outcome.RETRY, "pacs has not reported", "silent")


@pytest.fixture
def sender(records, tmp_path):
    def made(courier, waits=AT_ONCE):
        return Sender(records, courier, tmp_path / "data" / "spool", Patience(random.Random(1), waits))

    return made


def run(sender, most=20):
    sender.begin()
    for _ in range(most):
        if not sender.step(RUNS):
            return
    raise AssertionError("it never ends")


def queued(records, deliveries, **more):
    (exam,) = signed_exams(records, 1, **more)
    return exam, deliveries.queue("Dr. Reader", exam, ["pacs"])[0]


def sent_at(records, exam):
    with records.read() as session:
        return session.get(ExamRow, exam).sent_at


def acts(records):
    return [stored.entry.act for stored in reversed(AuditTrail(records).newest(50)) if stored.entry.act.startswith("delivery.")]


def test_a_peer_without_commitment_has_the_exam_when_it_took_every_object(records, deliveries, peer, sender):
    exam, delivery = queued(records, deliveries)
    run(sender(TinyCourier(peer.port)))
    now = deliveries.get(delivery.id)
    assert (now.state, now.attempts, now.objects, now.taken, now.next_at) == ("sent", 1, 2, 2, None)
    assert set(peer.held.values()) == {1}
    assert sent_at(records, exam) == now.sent_at
    assert acts(records) == ["delivery.queued", "delivery.sent"]


def test_nothing_is_released_before_the_peer_confirms_each_object(records, deliveries, peer, sender):
    exam, delivery = queued(records, deliveries)
    courier = TinyCourier(peer.port, confirms=True)
    courier.answers = lambda _: UNDECIDED
    sending = sender(courier)
    sending.begin()
    for _ in range(4):
        sending.step(RUNS)
    assert (deliveries.get(delivery.id).state, deliveries.get(delivery.id).answer, sent_at(records, exam)) == ("sent", UNDECIDED.text, None)
    courier.answers = lambda _: COMMITTED
    run(sending)
    now = deliveries.get(delivery.id)
    assert (now.state, now.confirmed_objects, now.receipt) == ("confirmed", 2, COMMITTED.text)
    assert sent_at(records, exam) == now.confirmed_at
    assert len(peer.calls) == 2
    assert acts(records) == ["delivery.queued", "delivery.sent", "delivery.confirmed"]


def test_an_object_that_the_peer_lost_is_sent_again_and_in_the_end_a_person_has_to_look(records, deliveries, peer, sender):
    exam, delivery = queued(records, deliveries)
    courier = TinyCourier(peer.port, confirms=True)
    courier.answers = lambda uid: LOST if uid == deliveries.objects(delivery.id)[1].uid else COMMITTED
    run(sender(courier, (0.0, 0.0, 0.0, 0.0, 0.0)))
    now = deliveries.get(delivery.id)
    assert (now.state, now.confirmed_objects, now.answer, sent_at(records, exam)) == ("refused", 1, LOST.text, None)
    assert sorted(peer.held.values()) == [1, 3]


def test_what_the_peer_refuses_stays_refused_and_the_rest_is_with_the_peer(records, deliveries, peer, sender):
    exam, delivery = queued(records, deliveries)
    peer.statuses = [0, 0xA900]
    sending = sender(TinyCourier(peer.port))
    run(sending)
    now = deliveries.get(delivery.id)
    assert (now.state, now.taken, now.status, now.next_at) == ("refused", 1, "A900", None)
    assert [each.state for each in deliveries.objects(delivery.id)] == ["sent", "refused"]
    assert sent_at(records, exam) is None
    deliveries.retry("Dr. Reader", delivery.id)
    run(sending)
    assert deliveries.get(delivery.id).state == "sent"
    assert set(peer.held.values()) == {1}
    assert acts(records) == ["delivery.queued", "delivery.refused", "delivery.retried", "delivery.sent"]


def test_a_warning_is_accepted_and_shown(records, deliveries, peer, sender):
    _, delivery = queued(records, deliveries)
    peer.statuses = [0xB000]
    run(sender(TinyCourier(peer.port)))
    assert (deliveries.get(delivery.id).state, deliveries.get(delivery.id).warned) == ("sent", 1)
    assert deliveries.objects(delivery.id)[0].status == "B000"


def test_a_busy_peer_gets_the_rest_later_and_nothing_twice(records, deliveries, peer, sender):
    _, delivery = queued(records, deliveries)
    peer.statuses = [0, 0xA700, 0xA700]
    run(sender(TinyCourier(peer.port)))
    assert (deliveries.get(delivery.id).state, deliveries.get(delivery.id).attempts) == ("sent", 3)
    assert set(peer.held.values()) == {1}


@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning")  # of pynetdicom
def test_a_peer_that_is_down_is_tried_later_and_rests_meanwhile(records, deliveries, sender):
    _, first = queued(records, deliveries)
    _, second = queued(records, deliveries)
    run(sender(TinyCourier(1), (1000.0,)))
    now = deliveries.get(first.id)
    assert (now.state, now.attempts, now.status) == ("waiting", 1, "no-connection")
    assert 0 < (now.next_at - now.tried_at).total_seconds() < 1001
    assert deliveries.get(second.id).attempts == 0


@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning")  # of pynetdicom
def test_what_a_person_tries_again_does_not_wait_for_the_rest_of_the_peer(records, deliveries, sender):
    _, first = queued(records, deliveries)
    sending = sender(TinyCourier(1), (1000.0,))
    run(sending)
    deliveries.retry("Dr. Reader", first.id)
    tried = deliveries.get(first.id).tried_at
    run(sending)
    assert deliveries.get(first.id).tried_at > tried


def test_a_peer_that_does_not_report_is_not_asked_for_the_next_one_and_still_receives_it(records, deliveries, peer, sender):
    _, first = queued(records, deliveries)
    _, second = queued(records, deliveries)
    courier, asked = TinyCourier(peer.port, confirms=True), []
    courier.answers = lambda uid: asked.append(uid) or UNDECIDED
    run(sender(courier, (1000.0,)))
    assert [deliveries.get(each.id).state for each in (first, second)] == ["sent", "sent"]
    assert len(asked) == 2, "both objects of one delivery, in one question"


def test_a_later_report_never_overtakes_an_earlier_one(records, deliveries, peer, sender):
    exam, first = queued(records, deliveries)
    peer.statuses = [0, 0xA900]
    sending = sender(TinyCourier(peer.port))
    run(sending)
    with records.write() as change:
        add_reports(change, exam, [2])
        change.log("test", "exam.amended", f"exam/{exam}")
    (second,) = deliveries.queue("Dr. Reader", exam, ["pacs"])
    run(sending)
    assert (deliveries.get(second.id).state, deliveries.get(second.id).attempts) == ("waiting", 0)
    deliveries.retry("Dr. Reader", first.id)
    run(sending)
    assert [deliveries.get(each.id).state for each in (first, second)] == ["sent", "sent"]
    assert [number for _, number in peer.order] == ["1", "1", "2"], "the image of both is sent once"
    assert sent_at(records, exam) == deliveries.get(second.id).sent_at


def test_an_exam_that_could_not_be_made_in_full_is_not_released(records, deliveries, peer, sender):
    exam, delivery = queued(records, deliveries)
    run(sender(TinyCourier(peer.port, missing=(NewObject("2.25.1", "", "clip", "L2", "its recording is damaged"),))))
    now = deliveries.get(delivery.id)
    assert (now.state, now.objects, now.missing, sent_at(records, exam)) == ("sent", 2, 1, None)
    assert deliveries.objects(delivery.id)[-1].answer == "its recording is damaged"


@pytest.mark.parametrize(
    ("broken", "then"),
    [(OSError(28, "No space left on device"), ("waiting", "disk")), (TypeError("no pixels"), ("refused", "failed"))],
)
def test_an_exam_that_cannot_be_made_does_not_stop_the_others(records, deliveries, peer, sender, broken, then):  # noqa: PLR0917 - fixtures
    _, bad = queued(records, deliveries)
    courier = TinyCourier(peer.port, broken=broken)
    sending = sender(courier, (1000.0,))
    run(sending)
    courier.broken = None
    _, good = queued(records, deliveries)
    run(sender(courier))
    assert (deliveries.get(bad.id).state, deliveries.get(bad.id).status) == then
    assert deliveries.get(good.id).state == "sent"


def test_a_delivery_to_a_peer_that_is_no_longer_named_is_refused_with_the_reason(records, deliveries, peer, sender):
    (exam,) = signed_exams(records, 1)
    (delivery,) = deliveries.queue("Dr. Reader", exam, ["old-pacs"])
    run(sender(TinyCourier(peer.port)))
    assert (deliveries.get(delivery.id).state, deliveries.get(delivery.id).answer) == ("refused", "hospital.yaml has no peer old-pacs")


def test_a_delivery_that_is_cancelled_while_it_is_sent_stops_before_the_next_object(records, deliveries, peer, sender):
    _, delivery = queued(records, deliveries)
    peer.on_call = lambda count: deliveries.cancel("Dr. Reader", delivery.id) if count == 1 else None
    run(sender(TinyCourier(peer.port, 3)))
    now = deliveries.get(delivery.id)
    assert (now.state, now.ended_by, now.taken) == ("cancelled", "Dr. Reader", 1)
    assert len(peer.calls) == 1
    assert acts(records) == ["delivery.queued", "delivery.cancelled"]


def test_the_spool_is_empty_after_each_delivery_and_after_a_start(records, deliveries, peer, sender, tmp_path):
    spool = tmp_path / "data" / "spool"
    spool.mkdir()
    (spool / "left.dcm").write_bytes(b"from before a power cut")
    queued(records, deliveries)
    queued(records, deliveries)
    run(sender(TinyCourier(peer.port)))
    assert not spool.exists()


def test_a_stop_in_the_middle_loses_nothing(records, deliveries, peer, sender):
    _, delivery = queued(records, deliveries)
    stopping = threading.Event()
    peer.on_call = lambda _: stopping.set()
    sender(TinyCourier(peer.port)).step(stopping)
    assert deliveries.get(delivery.id).state == "sending"
    run(sender(TinyCourier(peer.port)))
    assert deliveries.get(delivery.id).state == "sent"
    assert set(peer.held.values()) == {1}
