"""Checks a peer: what it answers, what that proves, and what not."""

from edge.exchange.peers.dial import dial, no_connection
from edge.exchange.peers.echo import Checked, check_dicom
from edge.exchange.peers.fhir import capabilities
from edge.exchange.peers.hospital import DicomPeer, FhirPeer, Hl7Peer, Hospital, Peer
from edge.exchange.peers.outcome import Answer, Outcome


def check_peer(peer: Peer, hospital: Hospital) -> Checked:
    """Asks the peer for what changes nothing there."""
    if isinstance(peer, DicomPeer):
        return check_dicom(peer, hospital)
    if isinstance(peer, FhirPeer):
        answer = capabilities(peer)
        notes = ("Proven: the address, and that a FHIR server answers", "Not proven: that it takes what this board sends")
        return Checked(answer, notes=notes if answer.taken else ())
    return _connected(peer)


def _connected(peer: Hl7Peer) -> Checked:
    """HL7 has no question that changes nothing, so that a connection is all that can be tried."""
    try:
        dial(peer).close()
    except OSError as error:
        return Checked(no_connection(peer, error))
    answer = Answer(Outcome.ACCEPTED, f"{peer.name} accepts a connection at {peer.host}, port {peer.port}", "connected")
    tls = ", TLS" if peer.tls else ""
    return Checked(
        answer, notes=(f"Proven: the address, the port{tls}", "Not proven: that HL7 is spoken there, and that it takes messages")
    )
