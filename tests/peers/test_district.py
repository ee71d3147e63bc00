"""A district: two boards send to one Orthanc on PostgreSQL at the same time, also exams of the same patient; both ends count the same."""

import json
import random
import threading
import urllib.request
from collections import Counter

import pytest
from pydicom import dcmread

from edge.exchange.outbox.course import Patience
from edge.exchange.outbox.sender import Sender
from edge.exchange.uids import derived_uid
from edge.records.ids import uid_of
from edge.records.outbox.deliveries import Deliveries
from edge.records.store import Store
from tests.edge.exchange.outbox.tiny import TinyCourier, signed_exams
from tests.peers.district import district
from tests.peers.servers import ORTHANC_DICOM, ORTHANC_HTTP, private_network

pytestmark = [pytest.mark.peers, pytest.mark.slow]
EXAMS, OBJECTS, PATIENTS = 100, 2, 10
"""Of each board: exams, objects of each, and patients whom both boards share."""


class OfPatients(TinyCourier):
    """Its exams are of patients whom the other board examines too."""

    def _parcel(self, delivery, into, number):
        parcel = super()._parcel(delivery, into, number)
        dataset = dcmread(parcel.path)
        patient = int(delivery.exam_id[-4:], 16) % PATIENTS
        dataset.SeriesInstanceUID = derived_uid("series", delivery.exam_id)
        dataset.PatientID, dataset.PatientName = f"P-{patient}", f"Patient^{patient}"
        dataset.save_as(parcel.path, enforce_file_format=True)
        return parcel


def send_all(folder, errors):
    """A board that sends until nothing is due; what has to be tried again stays."""
    records = Store.open(folder)
    try:
        sender = Sender(records, OfPatients(ORTHANC_DICOM, OBJECTS), folder / "spool", Patience(random.Random(1)))
        sender.begin()
        while sender.step(threading.Event()):
            pass
    except Exception as error:  # the test states it
        errors.append(error)
    finally:
        records.close()


def asked(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{ORTHANC_HTTP}{path}", timeout=60) as reply:
        return json.loads(reply.read())


def test_two_boards_send_side_by_side_and_both_ends_count_the_same(tmp_path, missing, record_property):
    boards, errors, ids = [tmp_path / name for name in ("north", "south")], [], []
    for folder in boards:
        records = Store.open(folder)
        ids += signed_exams(records, EXAMS, peers=["pacs"])
        records.close()
    with private_network(missing), district(tmp_path / "district", missing) as database:
        senders = [threading.Thread(target=send_all, args=(folder, errors)) for folder in boards]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(600)
        assert not any(sender.is_alive() for sender in senders)
        assert errors == []
        there = asked("/statistics")
        studies = asked("/studies?expand")
        engine = asked("/system")["DatabaseBackendPlugin"]
        copied = database.dumped(tmp_path / "orthanc.dump")
    assert "PostgreSQL" in engine
    assert "TABLE DATA public resources" in copied
    sent = Counter(delivery.state for folder in boards for delivery in deliveries(folder))
    assert sent == {"sent": 2 * EXAMS}
    assert (there["CountStudies"], there["CountInstances"]) == (2 * EXAMS, 2 * EXAMS * OBJECTS)
    assert there["CountPatients"] <= PATIENTS
    assert {study["MainDicomTags"]["StudyInstanceUID"] for study in studies} == {uid for folder in boards for uid in studies_of(folder)}
    for name, value in (("exams of two boards", 2 * EXAMS), ("studies on PostgreSQL", there["CountStudies"])):
        record_property(name, value)


def deliveries(folder):
    records = Store.open(folder)
    try:
        return Deliveries(records).newest(10_000)
    finally:
        records.close()


def studies_of(folder):
    return [uid_of(delivery.exam_id) for delivery in deliveries(folder)]
