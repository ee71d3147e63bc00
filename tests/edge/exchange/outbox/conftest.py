"""A real DICOM peer on this machine that states each call, and the records of an outbox."""

import threading
from collections import Counter
from contextlib import contextmanager

import pytest
import yaml
from pynetdicom import AE, evt

from edge.disk.layout import DataFolder
from edge.records.outbox.deliveries import Deliveries
from edge.records.store import Store
from edge.services.outbox import OutboxService
from edge.services.report import ReportService

RAW = "1.2.840.10008.5.1.4.1.1.66"


class Peer:
    """`calls` are the UIDs of every C-STORE in turn, `held` counts what it took; `statuses` are given one a call, then success."""

    def __init__(self):
        self.calls, self.held, self.order, self.taken = [], Counter(), [], []
        self.statuses, self.every, self.turn = [], 0, threading.Lock()
        self.on_call = lambda _count: None

    def store(self, event):
        uid = event.request.AffectedSOPInstanceUID
        with self.turn:
            self.calls.append(str(uid))
            status = self.statuses.pop(0) if self.statuses else 0xA700 if self.every and len(self.calls) % self.every == 0 else 0
            if status in (0, 0xB000):
                self.held[str(uid)] += 1
                self.taken.append(str(uid))
                self.order.append((str(event.dataset.StudyInstanceUID), str(event.dataset.AccessionNumber)))
        self.on_call(len(self.calls))
        return status


@contextmanager
def listening(peer):
    entity = AE("PACS")
    entity.maximum_associations = 20
    entity.add_supported_context(RAW)
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, peer.store)])
    peer.port = server.server_address[1]
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def peer():
    with listening(Peer()) as made:
        yield made


@pytest.fixture
def records(tmp_path):
    made = Store.open(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def deliveries(records):
    return Deliveries(records)


@pytest.fixture
def hospital(ward):
    """Writes `hospital.yaml` of the ward."""

    def write(*peers, **more):
        (ward.folder / "hospital.yaml").write_text(yaml.safe_dump({"peers": list(peers), **more}))

    return write


@pytest.fixture
def outbox(ward):
    """The outbox of the ward, for which its signatures queue."""
    made = OutboxService(ward.stored, ward.hand_over, DataFolder(ward.folder))
    ward.reports = ReportService(ward.store, ward.catalogue, ward.reviews, ward.stored.sidecar, made.automatic)
    return made
