"""Tiny exams for the outbox: rows of signed exams, a courier that makes small DICOM files, and a sender in a child process.

As a program it forks a sender for each line on stdin; a line is a JSON object with `folder`, `port`, `seed` and `objects`.
"""

import json
import os
import random
import sys
import threading
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from edge.exchange.outbox.courier import Packed, Parcel
from edge.exchange.outbox.course import Patience
from edge.exchange.outbox.sender import Sender
from edge.exchange.peers.hospital import DicomPeer, Hospital
from edge.exchange.peers.store import store
from edge.exchange.uids import derived_uid
from edge.records.ids import new_id, uid_of
from edge.records.outbox.deliveries import queue
from edge.records.outbox.delivery import NewObject
from edge.records.schema import ExamRow, ReportRow
from edge.records.store import Store

RAW = "1.2.840.10008.5.1.4.1.1.66"
AT_ONCE = (0.0,)


def signed_exams(records, count, reports=1, peers=()):
    """The ids of new exams with this many reports each, of which the last is queued for these peers."""
    ids = [new_id() for _ in range(count)]
    with records.write() as change:
        for each in ids:
            change.session.add(
                ExamRow(
                    id=each, study_uid=uid_of(each), folder=each, protocol="blue-6", protocol_version="1", protocol_digest="",
                    state="final", zones={}, context={}, emergency=False, simulated=False, qualified=True, operator="Sara", over_read=[],
                    begun_at=change.now, ended_at=change.now, signed_at=change.now, signed_by="Dr. Reader",
                )
            )  # fmt: skip
        change.session.flush()
        for each in ids:
            add_reports(change, each, range(1, reports + 1))
            queue(change, "Dr. Reader", each, reports, peers)
        change.log("test", "exams.made", "records")
    return ids


def add_reports(change, exam_id, numbers):
    for number in numbers:
        change.session.add(
            ReportRow(
                id=new_id(), exam_id=exam_id, number=number, status="final", body="{}", sha256="", made_at=change.now, made_by="test",
                why="",
            )
        )  # fmt: skip


class TinyCourier:
    """To a real DICOM peer on this machine. Object 0 of an exam is an image that each of its reports shares."""

    def __init__(self, port, objects=2, *, confirms=False, lost=frozenset(), missing=(), broken=None):
        self.peer = DicomPeer(name="pacs", host="127.0.0.1", port=port, ae_title="PACS", commitment=confirms, answer_s=5.0)
        self.objects, self.confirms, self.keeps_images = objects, confirms, True
        self.lost, self.missing, self.broken = set(lost), missing, broken
        self.packed, self.answers = [], None

    def __call__(self, name):
        return self if name == self.peer.name else None

    def pack(self, delivery, into):
        if self.broken:
            raise self.broken
        assert list(into.iterdir()) == []
        self.packed.append(delivery.id)
        return Packed(tuple(self._parcel(delivery, into, number) for number in range(self.objects)), self.missing)

    def _parcel(self, delivery, into, number):
        uid = derived_uid("tiny", delivery.exam_id, number, delivery.report if number else 0)
        path = into / f"{number}.dcm"
        written(path, uid, delivery)
        return Parcel(NewObject(uid, RAW, "still" if number == 0 else "report", "L1" if number == 0 else ""), path)

    def send(self, parcels):
        return store(self.peer, Hospital(), [parcel.path for parcel in parcels])

    def ask(self, objects):
        return {uid: self.answers(uid) for _, uid in objects}


def written(path, uid, delivery):
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = RAW, uid
    dataset.StudyInstanceUID, dataset.AccessionNumber = uid_of(delivery.exam_id), str(delivery.report)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID, dataset.file_meta.MediaStorageSOPInstanceUID = RAW, uid
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.save_as(path, enforce_file_format=True)


def send_until_killed(line):
    asked = json.loads(line)
    records = Store.open(Path(asked["folder"]))
    courier, patience = TinyCourier(asked["port"], asked["objects"]), Patience(random.Random(asked["seed"]), AT_ONCE)
    sender, stopping = Sender(records, courier, Path(asked["folder"]) / "spool", patience), threading.Event()
    sender.begin()
    while True:
        if not sender.step(stopping):
            os.write(1, b"idle\n")
            stopping.wait(0.05)


if __name__ == "__main__":
    for asked in sys.stdin:
        child = os.fork()
        if child == 0:
            send_until_killed(asked)
        os.write(1, f"{child}\n".encode())
        os.waitpid(child, 0)
        os.write(1, b"ended\n")
