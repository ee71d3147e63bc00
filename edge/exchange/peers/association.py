"""One DICOM association (PS3.8) of which every step has an end, and what the peer really answered where it has none.

pynetdicom waits without end for a peer that stops in the middle of a PDU or reads no more, and states the reasons of a peer in its log
alone. Here a `TimeLimit` cuts the connection, and the PDUs that carry reasons are kept. This module is slow to import.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.events import Event, EventType
from pynetdicom.pdu import A_ABORT_RQ, A_ASSOCIATE_RJ
from pynetdicom.presentation import PresentationContext

from edge.exchange.peers.dial import CONNECT_S, NotAssociated, dial, no_connection
from edge.exchange.peers.hospital import DicomPeer
from edge.exchange.peers.limit import TimeLimit, cut
from edge.exchange.peers.outcome import Answer, Outcome
from edge.exchange.peers.pending import Pending

ASKED_AGAIN_S = 3.0
"""For the connection that finds out why there was none."""
RELEASE_S = 5.0
END_S = 60.0
"""For the threads of a connection that was cut. They end at once, but on a busy board they may wait for their turn."""
LATE_S = 5.0
"""How much longer pynetdicom waits than the limit: a last resort where its own thread has died."""
CONTEXT_REFUSALS = {
    1: "it refuses this presentation context",
    2: "it refuses this presentation context without a reason",
    3: "it does not know this SOP class",
    4: "it does not take this transfer syntax",
}
"""By the result of a presentation context, PS3.8 table 9-18."""
ABORTERS = {0: "its program", 2: "its DICOM layer"}
"""By the source of an A-ABORT, PS3.8 9.3.8."""
Handler = tuple[EventType, Callable[[Event], object]]

_config.LOG_HANDLER_LEVEL = "none"
_config.LOG_REQUEST_IDENTIFIERS = _config.LOG_RESPONSE_IDENTIFIERS = False  # names of patients belong in no log
_config.STORE_SEND_CHUNKED_DATASET = True  # a file is sent as it is


class Sockets:
    """The sockets of associations. pynetdicom leaves one open that the peer has closed already."""

    def __init__(self) -> None:
        self._noted: dict[socket.socket, tuple[threading.Thread, ...]] = {}

    def note(self, event: Event) -> None:
        wrapped = event.assoc.dul.socket
        if wrapped is not None and wrapped.socket is not None:
            self._noted[wrapped.socket] = event.assoc.dul, event.assoc

    def close(self) -> None:
        """Also where threads wait for one: it is cut first, because they fail on a socket that is closed under them."""
        for each in self._noted:
            cut(each)
        end = time.monotonic() + END_S
        for each, threads in self._noted.items():
            for thread in threads:
                if thread.is_alive():
                    thread.join(max(0.0, end - time.monotonic()))
            each.close()


def _send_at_once(event: Event) -> None:
    """Without Nagle's wait: an object follows its command in a write of its own, and would wait 40 ms for a delayed acknowledgement."""
    wrapped = event.assoc.dul.socket
    if wrapped is not None and wrapped.socket is not None:
        wrapped.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Line:
    """An association with `peer` that is open until the peer, or the end of a time, ends it."""

    def __init__(self, peer: DicomPeer) -> None:
        self.peer = peer
        self._limit, self._sockets = TimeLimit(), Sockets()
        self._association: Association | None = None
        self._ended: tuple[str, str] | None = None
        self._seconds, self._closed = peer.answer_s, False

    @property
    def association(self) -> Association:
        assert self._association is not None, "no connection was made"
        return self._association

    @property
    def open(self) -> bool:
        """Pynetdicom still takes an association as established for a moment after its end, and would wait for an answer in vain."""
        return bool(self.association.is_established) and not self._closed

    def begin(self, hospital_title: str, contexts: Sequence[PresentationContext], handlers: Sequence[Handler]) -> None:
        """Raises NotAssociated, unless the peer accepted the association or refused each context."""
        entity = AE(hospital_title)
        entity.connection_timeout, entity.acse_timeout = CONNECT_S, self.peer.answer_s + LATE_S
        entity.dimse_timeout = entity.network_timeout = None
        own: list[Handler] = [
            (evt.EVT_ACSE_SENT, self._sockets.note),  # before it connects
            (evt.EVT_CONN_OPEN, self._opened),
            (evt.EVT_CONN_CLOSE, self._close_noted),
            (evt.EVT_PDU_RECV, self._received),
        ]
        tls = self.peer.tls
        try:
            made = entity.associate(
                self.peer.host,
                self.peer.port,
                list(contexts),
                self.peer.ae_title,
                tls_args=None if tls is None else (tls.context(), self.peer.host),
                evt_handlers=[*own, *handlers],
            )
        except OSError as error:  # the name of the host, or a file of TLS
            raise NotAssociated(self.peer, no_connection(self.peer, error)) from error
        finally:
            self._limit.stop()
        if not made.is_established and not made.rejected_contexts:
            raise NotAssociated(self.peer, self.ended("the request for an association") if self._association else self._asked_again())

    def _opened(self, event: Event) -> None:
        self._sockets.note(event)
        _send_at_once(event)
        self._association = event.assoc
        event.assoc.dul.to_provider_queue = Pending(event.assoc.dul)  # the old one is empty: its only item began this connection
        self._count(self._seconds)

    def _close_noted(self, _: Event) -> None:
        self._closed = True

    def _count(self, seconds: float) -> None:
        self._seconds = seconds
        wrapped = self.association.dul.socket
        if wrapped is not None and wrapped.socket is not None:
            self._limit.start(wrapped.socket, seconds)

    def _received(self, event: Event) -> None:
        if isinstance(event.pdu, A_ASSOCIATE_RJ):
            self._ended = "rejected", _rejection(event.pdu)
        elif isinstance(event.pdu, A_ABORT_RQ):
            self._ended = "aborted", f"{ABORTERS.get(event.pdu.source or 0, 'it')} aborted the association"

    @contextmanager
    def within(self, seconds: float) -> Iterator[Association]:
        """The association for one exchange, which the connection does not outlive by more than `seconds`."""
        self.association.dimse_timeout = seconds + LATE_S
        self._count(seconds)
        try:
            yield self.association
        finally:
            self._limit.stop()

    def ended(self, what: str) -> Answer:
        """Why there is no answer to `what`; it was the last exchange."""
        self._closed = True
        name = self.peer.name
        if self._ended is not None:
            status, reason = self._ended
            return Answer(Outcome.RETRY, f"{name}: {reason}", status)
        if self._limit.over:
            return Answer(Outcome.RETRY, f"{name} did not answer {what} within {self._seconds:.3g} s; the connection was cut", "silent")
        return Answer(Outcome.RETRY, f"{name} closed the connection without an answer to {what}", "closed")

    def _asked_again(self) -> Answer:
        """Why there was no connection: pynetdicom does not state it."""
        try:
            dial(self.peer, ASKED_AGAIN_S).close()
        except OSError as error:
            return no_connection(self.peer, error)
        return Answer(Outcome.RETRY, f"The connection to {self.peer.name} failed, and is possible now", "no-connection")

    def refusal(self, sop_class: str) -> str:
        """Why the peer takes no object of this class: the first of its refusals."""
        results = [each.result for each in self.association.rejected_contexts if each.abstract_syntax == sop_class]
        return CONTEXT_REFUSALS.get(results[0] or 0, CONTEXT_REFUSALS[2]) if results else CONTEXT_REFUSALS[2]

    def accepts(self, sop_class: str, transfer_syntax: str = "") -> bool:
        """Whether the peer takes objects of this class, in this transfer syntax if one is given."""
        return any(
            each.abstract_syntax == sop_class and (not transfer_syntax or each.transfer_syntax == [transfer_syntax])
            for each in self.association.accepted_contexts
        )

    def close(self) -> None:
        if self._association is not None and self.open:
            with self.within(RELEASE_S) as association:
                association.release()
        self._sockets.close()


@contextmanager
def associated(peer: DicomPeer, calling: str, contexts: Sequence[PresentationContext], handlers: Sequence[Handler] = ()) -> Iterator[Line]:
    """An association from the AE title `calling`, released at the end. Where the peer refuses each context, it is not open.

    Raises:
        NotAssociated: there is none; its answer states why.
    """
    line = Line(peer)
    try:
        line.begin(calling, contexts, handlers)
        yield line
    finally:
        line.close()


def _rejection(pdu: A_ASSOCIATE_RJ) -> str:
    """The peer's reason in the words of PS3.8 table 9-21."""
    try:
        reason, result, source = pdu.reason_str, pdu.result_str, pdu.source_str
    except ValueError:
        return f"it rejects the association (result {pdu.result}, source {pdu.source}, reason {pdu.reason_diagnostic})"
    lasting = "permanent" if "Permanent" in result else "transient"
    return f"it rejects the association: {reason} ({lasting}, {source})"
