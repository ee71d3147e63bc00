"""A bare connection to a peer, and in words why there is none."""

import errno
import os
import socket
import ssl

from edge.exchange.peers.hospital import DicomPeer, Hl7Peer
from edge.exchange.peers.outcome import Answer, Outcome, shown
from firmware_bridge.errors import PeerFault

CONNECT_S = 10.0
"""For TCP, and again for TLS, with each address of a host."""
NO_WAY = "there is no way to this host. Check the network of this board, and the address"
REASONS = {
    errno.ECONNREFUSED: "it refuses the connection. Check that its program runs, and the port",
    errno.EHOSTUNREACH: NO_WAY,
    errno.ENETUNREACH: NO_WAY,
}


class NotAssociated(PeerFault):
    """There is no association with a DICOM peer; `answer` states why."""

    code = "peer-not-associated"

    def __init__(self, peer: DicomPeer, answer: Answer) -> None:
        super().__init__(answer.text.rstrip("."), f"See what works: sonoedge hospital check {peer.name}")
        self.answer = answer


def dial(peer: DicomPeer | Hl7Peer, seconds: float = CONNECT_S) -> socket.socket:
    """A connected socket, with TLS where the peer has it; the caller closes it.

    Raises:
        OSError: there is no connection; `no_connection` puts it in words.
    """
    connection = socket.create_connection((peer.host, peer.port), timeout=seconds)
    if peer.tls is None:
        return connection
    try:
        return peer.tls.context().wrap_socket(connection, server_hostname=peer.host)
    except BaseException:
        connection.close()
        raise


def no_connection(peer: DicomPeer | Hl7Peer, error: OSError) -> Answer:
    """The answer where a connection failed. It may succeed later, so that nothing is given up."""
    return Answer(Outcome.RETRY, f"No connection to {peer.name} ({peer.host}, port {peer.port}): {why(error)}", "no-connection")


def why(error: OSError) -> str:
    """Why a connection failed, and what to check."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid here: {shown(error.verify_message)}. Check tls.ca, and that the certificate names the host"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({shown(str(error))}). Check that it speaks TLS on this port, and accepts the certificate of this board"
    if isinstance(error, TimeoutError):
        return "it does not answer. Check that it runs, the address, the port, the firewall, and that both ends have TLS or neither"
    if isinstance(error, socket.gaierror):
        return "no name server knows this host. Check its name, or write its IP address"
    return REASONS.get(error.errno or 0, shown(os.strerror(error.errno) if error.errno else str(error)))
