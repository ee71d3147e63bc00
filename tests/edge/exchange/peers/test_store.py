"""C-STORE: what each answer of a peer, and each way to give none, leads to."""

import socket
import threading
import tracemalloc

import pytest
from pydicom import dcmread
from pydicom.errors import InvalidDicomError
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit
from pynetdicom import evt
from pynetdicom.presentation import build_context

from edge.exchange.peers import store as module
from edge.exchange.peers.association import associated
from edge.exchange.peers.outcome import Outcome
from edge.exchange.peers.store import store
from tests.edge.exchange.peers.conftest import CLIP, NAME, REPORT, STILL
from tests.edge.exchange.peers.ends import silent

ACCEPTED, WARNED, RETRY, REFUSED = Outcome.ACCEPTED, Outcome.WARNED, Outcome.RETRY, Outcome.REFUSED
STATUSES = {
    0x0000: ACCEPTED, 0xB000: WARNED, 0xB006: WARNED, 0xB007: WARNED, 0xB123: WARNED, 0x0107: WARNED, 0x0111: WARNED,
    0xA700: RETRY, 0xA7AB: RETRY, 0x0110: RETRY, 0x0213: RETRY, 0xFE00: RETRY,
    0xA900: REFUSED, 0xA9FF: REFUSED, 0xC000: REFUSED, 0xCABC: REFUSED, 0x0122: REFUSED, 0x0124: REFUSED, 0x1234: REFUSED,
}  # fmt: skip


def answers(peer, hospital, files):
    return list(store(peer, hospital, files))


def test_each_status_of_a_peer_is_shown_and_leads_to_one_outcome(scp, peer, hospital, dicom_file) -> None:
    files = [dicom_file() for _ in STATUSES]
    statuses = iter(STATUSES)
    with scp([REPORT], [(evt.EVT_C_STORE, lambda _: next(statuses))]) as port:
        found = answers(peer(port), hospital, files)
    assert [uid for uid, _ in found] == [file.stem for file in files]
    assert {int(answer.status, 16): answer.outcome for _, answer in found} == STATUSES
    assert all(f"pacs answers {answer.status}: " in answer.text for _, answer in found)


def test_the_comment_of_the_peer_is_shown(scp, peer, hospital, dicom_file) -> None:
    def full(event):
        from pydicom.dataset import Dataset

        status = Dataset()
        status.Status, status.ErrorComment = 0xA700, "disk full"
        return status

    with scp([REPORT], [(evt.EVT_C_STORE, full)]) as port:
        ((_, answer),) = answers(peer(port), hospital, [dicom_file()])
    assert (answer.outcome, answer.text) == (RETRY, "pacs answers A700: out of resources (disk full)")


def test_an_object_of_a_class_or_syntax_that_the_peer_does_not_take_is_refused_alone(scp, peer, hospital, dicom_file) -> None:
    files = [dicom_file(CLIP), dicom_file(STILL), dicom_file(CLIP, JPEGBaseline8Bit), dicom_file(CLIP)]
    with scp([CLIP], [(evt.EVT_C_STORE, lambda _: 0)]) as port:
        found = [answer for _, answer in answers(peer(port), hospital, files)]
    assert [answer.outcome for answer in found] == [ACCEPTED, REFUSED, REFUSED, ACCEPTED]
    assert "does not know this SOP class" in found[1].text
    assert "does not take this transfer syntax" in found[2].text


def test_a_peer_that_takes_nothing_refuses_each_object(scp, peer, hospital, dicom_file) -> None:
    with scp(["1.2.840.10008.1.1"]) as port:
        found = [answer for _, answer in answers(peer(port), hospital, [dicom_file(), dicom_file()])]
    assert [(answer.outcome, answer.status) for answer in found] == [(REFUSED, "context")] * 2


def test_a_peer_with_implicit_vr_only_takes_an_uncompressed_object_whole(scp, peer, hospital, dicom_file) -> None:
    received = []

    def keep(event):
        received.append((event.context.transfer_syntax, str(event.dataset.PatientName)))
        return 0

    with scp([(REPORT, ImplicitVRLittleEndian)], [(evt.EVT_C_STORE, keep)]) as port:
        ((_, answer),) = answers(peer(port), hospital, [dicom_file()])
    assert (answer.outcome, received) == (ACCEPTED, [(ImplicitVRLittleEndian, NAME)])


def test_a_file_arrives_as_it_is(scp, peer, hospital, dicom_file) -> None:
    received = []

    def keep(event):
        received.append(event.encoded_dataset(include_meta=False))
        return 0

    file = dicom_file(syntax=ExplicitVRLittleEndian, extra=100_000)
    with scp([REPORT], [(evt.EVT_C_STORE, keep)]) as port:
        answers(peer(port), hospital, [file])
    assert file.read_bytes().endswith(received[0])
    assert len(received[0]) > 100_000


def test_an_association_that_ends_in_the_middle_leaves_the_rest_to_be_sent_again(scp, peer, hospital, dicom_file) -> None:
    count = iter(range(9))

    def abort_the_second(event):
        if next(count) == 1:
            event.assoc.abort()
        return 0

    with scp([REPORT], [(evt.EVT_C_STORE, abort_the_second)]) as port:
        found = [answer for _, answer in answers(peer(port), hospital, [dicom_file() for _ in range(4)])]
    assert [answer.outcome for answer in found] == [ACCEPTED, RETRY, RETRY, RETRY]
    assert {answer.status for answer in found[1:]} == {"aborted"}
    assert "aborted the association" in found[1].text


def test_a_slow_peer_is_cut_off_and_the_rest_is_sent_again(scp, peer, hospital, dicom_file) -> None:
    done = threading.Event()
    with scp([REPORT], [(evt.EVT_C_STORE, lambda _: (done.wait(60), 0)[1])]) as port:
        found = [answer for _, answer in answers(peer(port, answer_s=0.3), hospital, [dicom_file(), dicom_file()])]
        done.set()
    assert [(answer.outcome, answer.status) for answer in found] == [(RETRY, "silent")] * 2
    assert "did not answer an object within 0.3" in found[0].text


def test_a_peer_that_stops_reading_holds_neither_the_board_nor_its_memory(*, scp, peer, hospital, dicom_file, monkeypatch) -> None:
    done = threading.Event()

    def stall(event):
        if type(event.pdu).__name__ == "P_DATA_TF":
            done.wait(60)

    monkeypatch.setattr(module, "SLOWEST_BYTES_S", 1 << 30)
    files = [dicom_file(extra=1 << 25)]
    tracemalloc.start()
    with scp([REPORT], [(evt.EVT_PDU_RECV, stall)]) as port:
        found = [answer for _, answer in answers(peer(port, answer_s=0.5), hospital, files)]
        done.set()
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(answer.outcome, answer.status) for answer in found] == [(RETRY, "silent")]
    assert held < 1 << 23


def refuse_to_read(connection):
    connection.recv(1 << 16)
    connection.sendall(b"\x02\x00\x00")  # the begin of an A-ASSOCIATE-AC


def half_close(connection):
    connection.recv(1 << 16)
    connection.shutdown(socket.SHUT_WR)


def not_dicom(connection):
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    connection.close()


@pytest.mark.parametrize(
    ("serve", "status"),
    [(silent, "silent"), (refuse_to_read, "silent"), (half_close, "closed"), (not_dicom, "closed")],
    ids=["silent", "stops in a PDU", "half-closed", "not DICOM"],
)
def test_a_peer_without_an_association_leaves_everything_to_be_sent_again(serve, status, *, listener, peer, hospital, dicom_file) -> None:
    with listener(serve) as port:
        found = [answer for _, answer in answers(peer(port, answer_s=0.5), hospital, [dicom_file(), dicom_file()])]
    assert [(answer.outcome, answer.status) for answer in found] == [(RETRY, status)] * 2


def test_nothing_to_send_asks_nobody(peer, hospital) -> None:
    assert answers(peer(1), hospital, []) == []


def test_a_file_that_is_not_dicom_is_refused_before_anything_is_sent(peer, hospital, dicom_file, tmp_path) -> None:
    other = tmp_path / "other.dcm"
    other.write_bytes(b"PK" + bytes(200))
    with pytest.raises(InvalidDicomError):
        answers(peer(1), hospital, [dicom_file(), other])
    assert dcmread(dicom_file()).PatientName == NAME


def test_an_object_does_not_wait_until_the_peer_acknowledged_its_command(scp, peer, hospital) -> None:
    with scp([CLIP]) as port, associated(peer(port), hospital.ae_title, [build_context(CLIP)]) as line:
        assert line.association.dul.socket.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
