"""HL7 over MLLP: what each acknowledgement, and each way to give none, leads to."""

import socket

import pytest

from edge.exchange.peers.hospital import Hl7Peer
from edge.exchange.peers.mllp import send_message
from edge.exchange.peers.outcome import Outcome
from edge.exchange.peers.tls import Tls
from tests.edge.exchange.peers.certificates import authority
from tests.edge.exchange.peers.ends import silent
from tests.edge.exchange.peers.test_echo import server_side
from tests.ports import free_port

MESSAGE = "MSH|^~\\&|SonoEdge|ward-3|EHR|H|20261130||ORU^R01^ORU_R01|M-1|P|2.5.1|||||||UNICODE UTF-8\rPID|1||P-1||አበበ^ሰላማዊት\r".encode()


def acknowledging(code, control_id="M-1", text="", received=None):
    def serve(connection):
        content = b""
        while not content.endswith(b"\x1c\r"):
            content += connection.recv(1 << 16)
        if received is not None:
            received.append(content)
        connection.sendall(f"\x0bMSH|^~\\&|EHR|H|||20261130||ACK|A-1|P|2.5.1\rMSA|{code}|{control_id}|{text}\r\x1c\r".encode())

    return serve


def receiver(port, **more):
    return Hl7Peer(name="lab", host="127.0.0.1", port=port, **{"answer_s": 60.0, **more})


@pytest.mark.parametrize(
    ("code", "outcome"),
    [("AA", Outcome.ACCEPTED), ("CA", Outcome.ACCEPTED), *((code, Outcome.REFUSED) for code in ("AE", "AR", "CE", "CR"))],
)
def test_each_acknowledgement_is_shown_and_leads_to_one_outcome(code, outcome, listener) -> None:
    with listener(acknowledging(code, text="patient unknown")) as port:
        answer = send_message(receiver(port), MESSAGE)
    assert (answer.outcome, answer.status, answer.text) == (outcome, code, f"lab answers {code}: patient unknown")


def test_the_message_arrives_whole_in_its_frame(listener) -> None:
    received = []
    with listener(acknowledging("AA", received=received)) as port:
        send_message(receiver(port), MESSAGE)
    assert received == [b"\x0b" + MESSAGE + b"\x1c\r"]


def test_the_acknowledgement_of_another_message_is_not_taken_for_this_one(listener) -> None:
    with listener(acknowledging("AA", "M-2")) as port:
        answer = send_message(receiver(port), MESSAGE)
    assert (answer.outcome, answer.text) == (Outcome.RETRY, "lab acknowledged message M-2 instead of M-1")


def half_close(connection):
    connection.recv(1 << 16)
    connection.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize(("serve", "status"), [(silent, "silent"), (half_close, "closed")], ids=["silent", "half-closed"])
def test_without_an_acknowledgement_it_is_sent_again(serve, status, listener) -> None:
    with listener(serve) as port:
        answer = send_message(receiver(port, answer_s=0.3), MESSAGE)
    assert (answer.outcome, answer.status) == (Outcome.RETRY, status)


def test_a_server_that_speaks_something_else_is_refused(listener) -> None:
    with listener(lambda connection: connection.sendall(b"\x0bHTTP/1.1 400\x1c\r")) as port:
        answer = send_message(receiver(port), MESSAGE)
    assert (answer.outcome, answer.status) == (Outcome.REFUSED, "acknowledgement-unreadable")
    assert "HTTP/1.1 400" in answer.text


def test_a_receiver_that_is_down_is_tried_again() -> None:
    answer = send_message(receiver(free_port()), MESSAGE)
    assert (answer.outcome, answer.status) == (Outcome.RETRY, "no-connection")


def test_tls_is_used_where_it_is_stated(listener, tmp_path) -> None:
    files = authority(tmp_path / "pem", "127.0.0.1")
    with listener(acknowledging("AA"), context=server_side(files)) as port:
        assert send_message(receiver(port, tls=Tls(ca=files.ca)), MESSAGE).outcome is Outcome.ACCEPTED
