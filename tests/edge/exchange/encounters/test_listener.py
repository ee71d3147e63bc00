"""The listener for admissions, on real sockets of the loopback: who is taken, what is answered, and that nobody holds it up."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager

import pytest

from edge.exchange.encounters import listener
from edge.exchange.encounters.cache import load_book
from edge.exchange.encounters.listener import MOST_SENDERS, AdmissionsClosed, AdmissionsServer
from edge.exchange.encounters.receiver import Receiver
from edge.exchange.hl7.mllp import LONGEST, START, MllpDecoder, acknowledgement, framed
from edge.exchange.peers.hospital import Admissions, Hl7Peer
from edge.exchange.peers.mllp import send_message
from edge.exchange.peers.outcome import Outcome
from edge.exchange.peers.tls import Tls
from tests.edge.exchange.encounters.messages import NAME, NOW, adt
from tests.edge.exchange.peers.certificates import authority
from tests.ports import free_port

END_S = 20


@contextmanager
def serving(folder, **stated):
    """A server for the data folder; yields its port."""
    port = free_port()
    admissions = Admissions(**{"listen_host": "127.0.0.1", "listen_port": port, "senders": ("127.0.0.1",), **stated})
    server = AdmissionsServer(admissions, Receiver(folder, lambda: NOW))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield port
    finally:
        begun = time.monotonic()
        server.close()
        thread.join(END_S)
        assert not thread.is_alive()
        assert time.monotonic() - begun < 3


def connected(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=END_S)
    connection.settimeout(END_S)
    return connection


def answers(connection, count=1):
    decoder, found = MllpDecoder(), []
    while len(found) < count and (content := connection.recv(65536)):
        found += [acknowledgement(each) for each in decoder.feed(content)]
    return found


def ended(connection):
    """Whether the other end closed the connection."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def admissions(folder):
    book = load_book(folder)
    return sorted(each.admission_id for each in book.open(NOW)) if book else []


def test_messages_are_answered_in_their_order_on_one_connection(tmp_path) -> None:
    with serving(tmp_path) as port, connected(port) as sender:
        sender.sendall(b"".join(framed(adt("A01", visit=f"V-{number}").encode()) for number in range(3)) + b"\r\n")
        assert [(each.code, each.control_id) for each in answers(sender, 3)] == [("AA", f"A01-0-V-{number}") for number in range(3)]
        assert admissions(tmp_path) == ["V-0", "V-1", "V-2"]


def test_a_sender_that_this_program_has_itself_is_acknowledged(tmp_path) -> None:
    with serving(tmp_path) as port:
        answer = send_message(Hl7Peer(name="board", host="127.0.0.1", port=port), adt("A01").encode())
    assert (answer.outcome, answer.status) == (Outcome.ACCEPTED, "AA")


def test_a_message_in_pieces_is_one_message_and_a_half_closed_sender_gets_its_answer(tmp_path) -> None:
    content = framed(adt("A01").encode())
    with serving(tmp_path) as port, connected(port) as sender:
        for place in range(0, len(content), 40):
            sender.sendall(content[place : place + 40])
        sender.shutdown(socket.SHUT_WR)
        assert [each.code for each in answers(sender)] == ["AA"]
        assert ended(sender)


@pytest.mark.parametrize("senders", [("10.1.2.3",), ("10.0.0.0/8", "::1")])
def test_a_sender_that_the_file_does_not_name_is_refused(senders, tmp_path) -> None:
    with serving(tmp_path, senders=senders) as port, connected(port) as sender:
        assert ended(sender)
    assert admissions(tmp_path) == []


def test_a_network_of_senders_is_taken(tmp_path) -> None:
    with serving(tmp_path, senders=("127.0.0.0/8",)) as port, connected(port) as sender:
        sender.sendall(framed(adt("A01").encode()))
        assert len(answers(sender)) == 1


@pytest.mark.parametrize("content", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00"])
def test_who_does_not_speak_mllp_is_disconnected(content, tmp_path) -> None:
    with serving(tmp_path) as port, connected(port) as sender:
        sender.sendall(content)
        assert ended(sender)


def test_a_message_without_end_is_cut_at_its_limit(tmp_path) -> None:
    with serving(tmp_path) as port, connected(port) as sender:
        try:
            sender.sendall(START + b"x" * (LONGEST + 200_000))
        except ConnectionError:
            return
        assert ended(sender)


def test_a_slow_sender_is_disconnected_and_another_is_served_meanwhile(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(listener, "MESSAGE_S", 0.3)
    with serving(tmp_path) as port, connected(port) as slow, connected(port) as sender:
        slow.sendall(START + b"MSH|")
        sender.sendall(framed(adt("A01").encode()))
        assert [each.code for each in answers(sender)] == ["AA"]
        assert ended(slow)
        sender.sendall(framed(adt("A03", minutes=3).encode()))  # silence between messages is no fault
        assert [each.code for each in answers(sender)] == ["AA"]


def test_a_sender_that_reads_no_answer_is_disconnected(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(listener, "ANSWER_S", 0.3)
    flood = framed(adt("A28", number="x" * 400).encode()) * 200
    with serving(tmp_path) as port, socket.socket() as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sender.settimeout(END_S)
        sender.connect(("127.0.0.1", port))
        with pytest.raises(ConnectionError):
            sender.sendall(flood * 200)


def test_one_sender_too_many_takes_the_place_of_the_one_that_was_silent_longest(tmp_path) -> None:
    with serving(tmp_path) as port:
        senders = [connected(port) for _ in range(MOST_SENDERS)]
        for number, each in reversed([*enumerate(senders)]):
            each.sendall(framed(adt("A01", visit=f"V-{number}").encode()))
            assert len(answers(each)) == 1
        with connected(port) as late:
            late.sendall(framed(adt("A01", visit="V-late").encode()))
            assert len(answers(late)) == 1
        assert ended(senders[-1])
        senders[0].sendall(framed(adt("A03", visit="V-0", minutes=2).encode()))
        assert len(answers(senders[0])) == 1
        for each in senders:
            each.close()


def test_a_server_that_ends_leaves_no_sender_connected(tmp_path) -> None:
    with serving(tmp_path) as port:
        idle, half = connected(port), connected(port)
        half.sendall(START + b"MSH")
        idle.sendall(framed(adt("A01").encode()))
        answers(idle)
    for each in (idle, half):
        assert ended(each)
        each.close()


def test_over_tls_a_sender_needs_the_certificate_that_the_file_asks_for(tmp_path) -> None:
    files = authority(tmp_path / "tls", "127.0.0.1")
    own = {"certificate": files.certificate, "key": files.key}
    tls = Tls(ca=files.ca, **own)
    with serving(tmp_path, tls=tls) as port:
        taken = send_message(Hl7Peer(name="board", host="127.0.0.1", port=port, tls=tls), adt("A01").encode())
        assert taken.outcome is Outcome.ACCEPTED, taken
        bare = send_message(Hl7Peer(name="board", host="127.0.0.1", port=port, tls=Tls(ca=files.ca)), adt("A01", visit="V-2").encode())
        plain = send_message(Hl7Peer(name="board", host="127.0.0.1", port=port), adt("A01", visit="V-3").encode())
        assert bare.outcome is plain.outcome is Outcome.RETRY
        assert admissions(tmp_path) == ["V-17"]


def test_a_sender_that_begins_tls_and_says_no_more_is_disconnected(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(listener, "HANDSHAKE_S", 0.3)
    files = authority(tmp_path / "tls", "127.0.0.1")
    with serving(tmp_path, tls=Tls(certificate=files.certificate, key=files.key)) as port, connected(port) as sender:
        assert ended(sender)
        context = ssl.create_default_context(cafile=files.ca)
        with context.wrap_socket(connected(port), server_hostname="127.0.0.1") as other:
            other.sendall(framed(adt("A01").encode()))
            assert len(answers(other)) == 1


def test_a_port_that_is_taken_is_stated_with_the_next_step(tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        stated = Admissions(listen_host="127.0.0.1", listen_port=other.getsockname()[1], senders=("127.0.0.1",))
        with pytest.raises(AdmissionsClosed, match=r"Admissions cannot be taken at 127\.0\.0\.1.*hospital\.yaml"):
            AdmissionsServer(stated, Receiver(tmp_path, lambda: NOW))


def test_a_server_that_was_closed_before_it_ran_ends_at_once(tmp_path) -> None:
    admissions = Admissions(listen_host="127.0.0.1", listen_port=free_port(), senders=("127.0.0.1",))
    server = AdmissionsServer(admissions, Receiver(tmp_path, lambda: NOW))
    server.close()
    server.run()


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_python_hl7_sends_what_hl7apy_made_and_reads_the_answer(tmp_path, missing) -> None:
    try:
        import hl7
        from hl7.client import MLLPClient
        from hl7apy.consts import VALIDATION_LEVEL
        from hl7apy.core import Message
    except ImportError:
        missing("the packages hl7 and hl7apy")
    made = Message("ADT_A01", version="2.5.1", validation_level=VALIDATION_LEVEL.STRICT)
    made.msh.msh_7, made.msh.msh_9, made.msh.msh_10, made.msh.msh_11, made.msh.msh_18 = (
        "20261130080000", "ADT^A01^ADT_A01", "77", "P", "UNICODE UTF-8",
    )  # fmt: skip
    made.evn.evn_2 = "20261130080000"
    made.pid.pid_3, made.pid.pid_5, made.pid.pid_7, made.pid.pid_8 = "P-9^^^HOSP^MR", NAME, "19810302", "F"
    made.pv1.pv1_2, made.pv1.pv1_3, made.pv1.pv1_19 = "I", "W3^12^A", "V-99"
    assert made.validate()
    with serving(tmp_path) as port:
        with MLLPClient("127.0.0.1", port) as client:
            answer = hl7.parse(client.send_message(made.to_er7()).strip(b"\x0b\x1c\r").decode())
        assert (str(answer.segment("MSA")[1]), str(answer.segment("MSA")[2])) == ("AA", "77")
        (stored,) = load_book(tmp_path).open(NOW)
    assert (stored.admission_id, stored.patient_id, stored.name, stored.problems) == ("V-99", "P-9", NAME, ())
