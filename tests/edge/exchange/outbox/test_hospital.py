"""A real exam, queued by its signature, reaches each kind of peer of `hospital.yaml`, with real objects and over real connections."""

import http.server
import json
import socketserver
import threading
from contextlib import contextmanager
from typing import ClassVar

import pytest
from pynetdicom import AE, AllStoragePresentationContexts, evt

from edge.disk.layout import DataFolder
from edge.exam.exam import ExamRefused
from edge.exchange.peers.commit import PUSH_MODEL
from edge.exchange.peers.file import HospitalInvalid
from edge.people.actor import Actor, Grant, NotAllowed, PinNeeded
from edge.people.permission import Role
from edge.records.outbox.delivery import DeliveryStale
from edge.records.schema import ExamRow
from edge.services.outbox import NoPeers, OutboxService
from tests.edge.exchange.outbox.worker import dicom, new_exam, running, until
from tests.edge.exchange.peers.ends import scp


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Fhir(http.server.BaseHTTPRequestHandler):
    taken: ClassVar = []

    def do_POST(self):
        self.taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        entries = [{"response": {"status": "201 Created"}} for _ in self.taken[-1]["entry"]]
        body = json.dumps({"resourceType": "Bundle", "type": "transaction-response", "entry": entries}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Hl7(socketserver.StreamRequestHandler):
    taken: ClassVar = []

    def handle(self):
        message = b""
        while not message.endswith(b"\x1c\r"):
            message += self.rfile.read(1)
        self.taken.append(message.strip(b"\x0b\x1c\r").decode())
        control = self.taken[-1].split("\r")[0].split("|")[9]
        self.wfile.write(f"\x0bMSH|^~\\&|EMR|WARD|||20261130||ACK^R01|1|P|2.5.1\rMSA|AA|{control}\r\x1c\r".encode())


@pytest.fixture
def pacs():
    """The objects that it took, by UID, and the port."""
    taken = {}

    def store(event):
        taken[str(event.request.AffectedSOPInstanceUID)] = str(event.dataset.Modality), str(event.dataset.PatientName)
        return 0

    entity = AE("PACS")
    entity.supported_contexts = AllStoragePresentationContexts
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
    yield taken, server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_a_signed_exam_reaches_each_kind_of_peer_by_itself(ward, hospital, outbox, pacs):
    taken, port = pacs
    with (
        serving(http.server.HTTPServer(("127.0.0.1", 0), Fhir)) as fhir,
        serving(socketserver.TCPServer(("127.0.0.1", 0), Hl7)) as hl7,
    ):
        record = {"kind": "fhir", "name": "record", "url": f"http://127.0.0.1:{fhir}/fhir"}
        hospital(dicom(port), record, {"kind": "hl7", "name": "ris", "host": "127.0.0.1", "port": hl7})
        exam = new_exam(ward)
        with running(outbox):
            until(lambda: {each.state for each in outbox.of_exam(ward.reader, exam).deliveries} == {"sent"})
    by_peer = {each.peer: each for each in outbox.of_exam(ward.reader, exam).deliveries}
    assert (by_peer["pacs"].taken, by_peer["pacs"].objects) == (len(taken), len(taken))
    assert {"US", "SR", "DOC"} <= {modality for modality, _ in taken.values()}
    assert all(name.startswith("ሰላማዊት አበበ") for _, name in taken.values())
    assert Fhir.taken.pop()["type"] == "transaction"
    assert "ሰላማዊት" in Hl7.taken.pop()
    assert ward.stored.records.get(exam).sent_at == by_peer["pacs"].sent_at, "the other peers do not keep images"
    assert not DataFolder(ward.folder).spool.exists()


@pytest.mark.slow
def test_an_amended_exam_is_sent_again_and_its_images_are_not(ward, hospital, outbox, pacs):
    taken, port = pacs
    hospital(dicom(port))
    exam = new_exam(ward)
    with running(outbox):
        until(lambda: ward.stored.records.get(exam).sent_at is not None)
        first = set(taken)
        ward.reports.amend(ward.reader, exam, ward.stored.records.get(exam).version, "read again", conclusion="Clear.")
        assert ward.stored.records.get(exam).sent_at is None, "the newest report is not with the peer"
        until(lambda: ward.stored.records.get(exam).sent_at is not None)
    assert [(each.report, each.state) for each in outbox.of_exam(ward.reader, exam).deliveries] == [(1, "sent"), (2, "sent")]
    assert {modality for uid, (modality, _) in taken.items() if uid not in first} <= {"SR", "DOC", "KO"}
    assert len(taken) > len(first)


@pytest.mark.slow
def test_an_exam_makes_room_when_the_peer_has_taken_responsibility_for_each_object(ward, hospital, outbox):
    taken, asked = [], []

    def store(event):
        taken.append(str(event.request.AffectedSOPInstanceUID))
        return 0

    def answered(event):
        if type(event.message).__name__ == "N_ACTION_RSP":
            assert ward.stored.records.get(exam).sent_at is None
            threading.Thread(target=report, args=(event.assoc,), daemon=True).start()

    def report(association):
        association.send_n_event_report(asked[-1], 1, PUSH_MODEL, "1.2.840.10008.1.20.1.1")

    def commit(event):
        asked.append(event.action_information)
        return 0, None

    contexts = [each.abstract_syntax for each in AllStoragePresentationContexts]
    handlers = [(evt.EVT_C_STORE, store), (evt.EVT_N_ACTION, commit), (evt.EVT_DIMSE_SENT, answered)]
    with scp([*contexts, (PUSH_MODEL, None, True, True)], handlers) as port:
        hospital(dicom(port, commitment=True))
        exam = new_exam(ward)
        with running(outbox):
            until(lambda: ward.stored.records.get(exam).sent_at is not None)
    (delivery,) = outbox.of_exam(ward.reader, exam).deliveries
    assert (delivery.state, delivery.confirmed_objects, delivery.objects) == ("confirmed", len(taken), len(taken))
    assert {str(each.ReferencedSOPInstanceUID) for each in asked[-1].ReferencedSOPSequence} == set(taken)


def test_a_worker_without_a_usable_file_states_it_and_sends_nothing(ward, hospital, outbox):
    hospital(dicom("not a port"))
    with pytest.raises(HospitalInvalid, match="port"):
        outbox.run(threading.Event())


def test_a_signature_queues_nothing_for_peers_that_are_asked_for_and_a_person_sends_once(ward, hospital, outbox):
    hospital(dicom(1, send="asked"), dicom(1, name="ris", send="never"))
    exam = new_exam(ward)
    assert outbox.of_exam(ward.reader, exam).deliveries == ()
    (first,) = outbox.send(ward.reader, exam)
    assert outbox.send(ward.reader, exam, ["pacs"]) == (first,)
    assert (first.queued_by, first.state) == (ward.reader.name, "waiting")


def test_a_simulated_exam_is_sent_only_when_a_person_asks_for_it(ward, hospital, outbox):
    hospital(dicom(1))
    exam = ward.take(identifier="P-0003", zones={})
    with ward.store.write() as change:
        change.session.get(ExamRow, exam).simulated = True
        change.log("test", "exam.simulated", f"exam/{exam}")
    ward.sign(exam)
    assert outbox.of_exam(ward.reader, exam).deliveries == ()
    assert len(outbox.send(ward.reader, exam)) == 1


def test_a_broken_file_stops_no_signature(ward, hospital, outbox):
    hospital(dicom(1))
    assert outbox.automatic() == ("pacs",)
    hospital(dicom("not a port"))
    exam = new_exam(ward)
    assert [each.peer for each in outbox.of_exam(ward.reader, exam).deliveries] == ["pacs"], "the peers of the last usable file"


def test_a_file_that_is_broken_at_the_start_does_not_make_a_signature_forget_the_peers(ward, hospital, outbox):
    hospital(dicom(1))
    outbox.automatic()
    hospital(dicom("not a port"))
    started = OutboxService(ward.stored, ward.hand_over, DataFolder(ward.folder))
    assert started.automatic() == ("pacs",)
    hospital()
    assert started.automatic() == ()


def test_the_figures_count_every_state_and_the_longest_wait(ward, hospital, outbox):
    hospital(dicom(1))
    assert (sum(outbox.figures().states.values()), outbox.figures().waits_s) == (0, 0)
    outbox.send(ward.reader, ward.exam_id)
    assert outbox.figures().states == {"waiting": 1} | dict.fromkeys(("sending", "sent", "confirmed", "refused", "cancelled"), 0)
    assert outbox.figures().waits_s > 0


def test_only_who_exports_sends_and_the_pin_is_needed(ward, hospital, outbox):
    hospital(dicom(1))
    (delivery,) = outbox.send(ward.reader, ward.exam_id)
    stale = Actor("operator", "Dr. Late", "x", (Grant(Role.INTERPRET),), pin_fresh=False)
    for act in (
        lambda who: outbox.send(who, ward.exam_id),
        lambda who: outbox.retry(who, delivery.id),
        lambda who: outbox.cancel(who, delivery.id),
    ):
        with pytest.raises(NotAllowed):
            act(ward.sara)
        with pytest.raises(PinNeeded):
            act(stale)
    assert outbox.get(ward.sara, delivery.id)[0].state == "waiting"
    assert outbox.cancel(ward.reader, delivery.id).ended_by == ward.reader.name
    with pytest.raises(DeliveryStale):
        outbox.cancel(ward.reader, delivery.id)
    assert outbox.retry(ward.reader, delivery.id).state == "waiting"


def test_an_exam_that_is_not_signed_or_a_peer_that_is_not_named_is_refused(ward, hospital, outbox):
    with pytest.raises(NoPeers, match="any peer"):
        outbox.send(ward.reader, ward.exam_id)
    hospital(dicom(1))
    with pytest.raises(NoPeers, match="elsewhere"):
        outbox.send(ward.reader, ward.exam_id, ["elsewhere"])
    with pytest.raises(ExamRefused, match="not signed"):
        outbox.send(ward.reader, ward.take(identifier="P-9", zones={}))
