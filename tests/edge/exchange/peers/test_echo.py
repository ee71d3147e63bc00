"""C-ECHO and the check of a peer: what it really answers, and what that proves."""

import ssl

import pytest
from pynetdicom import evt

from edge.exchange.peers.echo import VERIFICATION, check_dicom, echo
from edge.exchange.peers.hospital import Hospital
from edge.exchange.peers.outcome import Outcome
from edge.exchange.peers.tls import Tls
from tests.edge.exchange.peers.certificates import authority
from tests.edge.exchange.peers.conftest import CLIP, REPORT
from tests.ports import free_port

BOARD = Hospital(ae_title="EDGEUS")


def test_a_peer_that_answers_to_any_title_does_not_prove_its_own(scp, peer) -> None:
    with scp([VERIFICATION, CLIP, REPORT]) as port:
        found = check_dicom(peer(port, "WRONG"), BOARD)
    assert (found.answer.outcome, found.answer.status) == (Outcome.ACCEPTED, "0000")
    assert found.takes == ("ultrasound clips", "structured reports")
    assert "worklist" in found.refuses
    assert any(note.startswith("Not proven: the AE title") for note in found.notes)


def test_a_peer_that_minds_its_title_proves_it(scp, peer) -> None:
    with scp([VERIFICATION], checks_title=True) as port:
        found = check_dicom(peer(port, "PACS"), BOARD)
    assert any(note.startswith("Proven: the AE title PACS") and "Called AE title not recognised" in note for note in found.notes)


def test_a_wrong_title_shows_the_reason_and_its_source(scp, peer) -> None:
    with scp([VERIFICATION], checks_title=True) as port:
        answer = echo(peer(port, "PACX"), BOARD)
    assert (answer.outcome, answer.status) == (Outcome.RETRY, "rejected")
    assert answer.text == "pacs: it rejects the association: Called AE title not recognised (permanent, DUL service-user)"


def test_a_status_that_is_not_success_is_shown(scp, peer) -> None:
    with scp([VERIFICATION], [(evt.EVT_C_ECHO, lambda _: 0x0122)]) as port:
        answer = echo(peer(port), BOARD)
    assert (answer.outcome, answer.status) == (Outcome.REFUSED, "0122")


def test_a_peer_without_verification_refuses_it(scp, peer) -> None:
    with scp([CLIP]) as port:
        answer = echo(peer(port), BOARD)
    assert (answer.outcome, answer.text) == (Outcome.REFUSED, "pacs refuses C-ECHO: it does not know this SOP class")


def test_a_peer_that_aborts_is_shown_as_such(listener, peer) -> None:
    def abort(connection):
        connection.recv(1 << 16)
        connection.sendall(b"\x07\x00\x00\x00\x00\x04\x00\x00\x02\x00")

    with listener(abort) as port:
        answer = echo(peer(port), BOARD)
    assert (answer.outcome, answer.status) == (Outcome.RETRY, "aborted")
    assert answer.text == "pacs: its DICOM layer aborted the association"


def test_a_refused_connection_and_an_unknown_host_are_told_apart(peer) -> None:
    assert "it refuses the connection" in echo(peer(free_port()), BOARD).text
    unknown = echo(peer(104).model_copy(update={"host": "no-such-host.invalid"}), BOARD)
    assert (unknown.outcome, unknown.status) == (Outcome.RETRY, "no-connection")
    assert "no name server knows this host" in unknown.text


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    """Certificates of a peer and of a board, each from an authority of its own."""
    folder = tmp_path_factory.mktemp("pem")
    return {name: authority(folder / name, host) for name, host in (("peer", "127.0.0.1"), ("other", "pacs.example"), ("board", "board"))}


def server_side(files, clients=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients.ca)
    return context


def test_tls_with_a_certificate_on_each_side_answers(scp, peer, pem) -> None:
    tls = Tls(ca=pem["peer"].ca, certificate=pem["board"].certificate, key=pem["board"].key)
    with scp([VERIFICATION], ssl_context=server_side(pem["peer"], pem["board"])) as port:
        answer = echo(peer(port, tls=tls), BOARD)
    assert answer.outcome is Outcome.ACCEPTED, answer


@pytest.mark.parametrize(
    ("server", "ca", "words"),
    [
        ("peer", "board", "its certificate is not valid here"),
        ("other", "other", "its certificate is not valid here: IP address mismatch"),
    ],
    ids=["another authority", "another host"],
)
def test_a_certificate_that_does_not_vouch_for_the_host_is_refused(server, ca, words, *, scp, peer, pem) -> None:
    with scp([VERIFICATION], ssl_context=server_side(pem[server])) as port:
        answer = echo(peer(port, tls=Tls(ca=pem[ca].ca)), BOARD)
    assert (answer.outcome, answer.status) == (Outcome.RETRY, "no-connection")
    assert words in answer.text


def test_tls_on_one_side_only_is_told(scp, peer, pem, listener) -> None:
    with listener(lambda connection: connection.sendall(b"\x03\x00\x00\x00\x00\x04\x00\x01\x01\x01")) as port:
        answer = echo(peer(port, tls=Tls(ca=pem["peer"].ca)), BOARD)
    assert (answer.outcome, answer.status) == (Outcome.RETRY, "no-connection")
    assert "TLS failed" in answer.text
    with scp([VERIFICATION], ssl_context=server_side(pem["peer"])) as port:
        answer = echo(peer(port, answer_s=2.0), BOARD)
    assert answer.outcome is Outcome.RETRY
    assert answer.status in ("closed", "silent")
