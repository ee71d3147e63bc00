"""HL7 v2 over MLLP: sends one message, and waits for its acknowledgement."""

import socket

from edge.exchange.hl7.mllp import Acknowledgement, AcknowledgementUnreadable, MllpDecoder, MllpTooLong, acknowledgement, framed
from edge.exchange.peers.dial import dial, no_connection
from edge.exchange.peers.hospital import Hl7Peer
from edge.exchange.peers.limit import TimeLimit
from edge.exchange.peers.outcome import Answer, Outcome, shown

CHUNK = 65536


def send_message(peer: Hl7Peer, message: bytes) -> Answer:
    """Sends a message. A peer that accepts it answers AA or CA; another code is a refusal, and silence leaves it to be sent again."""
    try:
        connection = dial(peer)
    except OSError as error:
        return no_connection(peer, error)
    limit = TimeLimit()
    try:
        with connection:
            connection.settimeout(peer.answer_s)
            limit.start(connection, peer.answer_s)
            connection.sendall(framed(message))
            return _answered(peer.name, _received(connection), _control_id(message))
    except (AcknowledgementUnreadable, MllpTooLong) as error:
        return Answer(Outcome.REFUSED, f"{peer.name}: {error}", error.code)
    except (TimeoutError, EOFError, OSError) as error:
        if limit.over or isinstance(error, TimeoutError):
            return Answer(Outcome.RETRY, f"{peer.name} did not acknowledge the message within {peer.answer_s:g} s", "silent")
        return Answer(Outcome.RETRY, f"{peer.name} closed the connection without an acknowledgement", "closed")
    finally:
        limit.stop()


def _received(connection: socket.socket) -> Acknowledgement:
    """Raises EOFError: the peer closed the connection before."""
    decoder = MllpDecoder()
    while content := connection.recv(CHUNK):
        for whole in decoder.feed(content):
            return acknowledgement(whole)
    raise EOFError


def _answered(name: str, received: Acknowledgement, control_id: str) -> Answer:
    if received.control_id != control_id:
        text = f"{name} acknowledged message {shown(received.control_id) or '(none)'} instead of {control_id}"
        return Answer(Outcome.RETRY, text, "other-message")
    outcome = Outcome.ACCEPTED if received.accepted else Outcome.REFUSED
    return Answer(outcome, f"{name} answers {received.code}" + (f": {shown(received.text)}" if received.text else ""), received.code)


def _control_id(message: bytes) -> str:
    """MSH-10; MSH-1 is the separator itself."""
    header = message.partition(b"\r")[0]
    fields = header.split(header[3:4]) if len(header) > 3 else []
    return fields[9].decode("utf-8", "replace") if len(fields) > 9 else ""
