"""The whole way to Orthanc: sent by the signature, confirmed by its storage commitment, and then allowed to make room."""

import json
import urllib.request

import pytest

from edge.records.exams.retention import Policy, due
from tests.edge.exchange.outbox.worker import dicom, new_exam, running, until
from tests.peers.servers import LISTEN, ORTHANC_DICOM, ORTHANC_HTTP, orthanc, private_network

pytestmark = [pytest.mark.peers, pytest.mark.slow]


@pytest.fixture
def network(missing):
    with private_network(missing):
        yield


def get(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{ORTHANC_HTTP}{path}", timeout=60) as reply:
        return json.loads(reply.read())


def test_orthanc_holds_and_confirms_every_object_before_the_recordings_make_room(network, missing, tmp_path, ward, hospital, outbox):  # noqa: PLR0917
    hospital(dicom(ORTHANC_DICOM, ae_title="ORTHANC", commitment=True), ae_title="EDGEUS", listen_host="127.0.0.1", listen_port=LISTEN)
    exam = new_exam(ward)
    everything = Policy(0, 10**9)
    assert due(ward.store, ward.folder, everything) == ()
    with orthanc(tmp_path / "orthanc", missing), running(outbox):
        until(lambda: outbox.of_exam(ward.reader, exam).deliveries[0].state == "confirmed")
        (delivery,) = outbox.of_exam(ward.reader, exam).deliveries
        held = {get(f"/instances/{each}/tags?simplify")["SOPInstanceUID"] for each in get("/instances")}
    assert held == {each.uid for each in outbox.get(ward.reader, delivery.id)[1] if each.state == "confirmed"}
    assert (delivery.confirmed_objects, delivery.objects) == (len(held), len(held))
    assert [removal.exam_id for removal in due(ward.store, ward.folder, everything)] == [exam]
