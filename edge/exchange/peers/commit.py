"""Storage commitment (PS3.4 annex J): asks a peer to take responsibility for objects, and waits for its report.

The peer reports on the association of the request or on one of its own, to the port on which the board listens meanwhile. A report that
does not come is asked for again; one of an earlier question is not taken for this one.
"""

import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edge.exchange.peers.dial import NotAssociated
from edge.exchange.peers.hospital import DicomPeer, Hospital
from edge.exchange.peers.outcome import Answer, Outcome
from edge.exchange.peers.statuses import uncommitted
from edge.exchange.uids import derived_uid

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pynetdicom.events import Event, EventHandlerType

    from edge.exchange.peers.association import Handler

PUSH_MODEL, INSTANCE = "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"
REQUEST = 1
"""The action (PS3.4 J.3.2)."""
TAKEN, OF_NO_QUESTION = 0x0000, 0x0115
WHOLE_S = 60.0
"""From the answer to the request until the report."""
SAME_ASSOCIATION_S = 10.0
"""As long the association of the request stays open for the report; some peers report only after it ended."""


class _Report:
    """The peer's report on one transaction, from whichever thread it comes."""

    def __init__(self, peer: DicomPeer) -> None:
        self.transaction = derived_uid("commitment", uuid.uuid4())
        self.answers: dict[str, Answer] = {}
        self._peer, self._come = peer, threading.Event()

    def received(self, event: "Event") -> tuple[int, None]:
        """Handles an N-EVENT-REPORT."""
        information = event.event_information
        if information.get("TransactionUID") != self.transaction:
            return OF_NO_QUESTION, None
        name = self._peer.name
        safe = Answer(Outcome.ACCEPTED, f"{name} takes responsibility for this object", "0000")
        self.answers |= {str(item.ReferencedSOPInstanceUID): safe for item in information.get("ReferencedSOPSequence") or ()}
        for item in information.get("FailedSOPSequence") or ():
            self.answers[str(item.ReferencedSOPInstanceUID)] = uncommitted(name, int(item.get("FailureReason", 0x0110)))
        self._come.set()
        return TAKEN, None

    def wait(self, seconds: float) -> bool:
        return self._come.wait(seconds)


def commit(peer: DicomPeer, hospital: Hospital, objects: Sequence[tuple[str, str]], wait_s: float = WHOLE_S) -> Mapping[str, Answer]:
    """The answer on each object, by its SOP instance UID, for `objects` given by SOP class and instance UID.

    A peer that has no such service refuses each of them. Waits for the report for at most `wait_s`.
    """
    if not objects:
        return {}
    report = _Report(peer)
    try:
        with _listening(hospital, report):
            answer = _ask(peer, hospital, objects, report, wait_s)
    except NotAssociated as error:
        answer = error.answer
    except OSError as error:
        where = f"{hospital.listen_host}, port {hospital.listen_port}"
        answer = Answer(Outcome.RETRY, f"This board cannot listen on {where} for the report ({error.strerror or error})", "no-listener")
    left_out = answer or Answer(Outcome.RETRY, f"The report of {peer.name} does not name this object", "left-out")
    return {instance: report.answers.get(instance, left_out) for _, instance in objects}


def _ask(peer: DicomPeer, hospital: Hospital, objects: Sequence[tuple[str, str]], report: _Report, wait_s: float) -> Answer | None:
    """None once the report came, else the answer on every object."""
    from pynetdicom import evt  # noqa: PLC0415 - heavy, and wanted here only
    from pynetdicom.presentation import build_context  # noqa: PLC0415 - heavy, and wanted here only

    from edge.exchange.peers.association import associated  # noqa: PLC0415 - heavy, and wanted here only

    handlers: list[Handler] = [(evt.EVT_N_EVENT_REPORT, report.received)]
    with associated(peer, hospital.ae_title, [build_context(PUSH_MODEL)], handlers) as line:
        if not line.accepts(PUSH_MODEL):
            return Answer(Outcome.REFUSED, f"{peer.name} gives no storage commitment: {line.refusal(PUSH_MODEL)}", "context")
        with line.within(peer.answer_s) as association:
            status, _ = association.send_n_action(_request(report.transaction, objects), REQUEST, PUSH_MODEL, INSTANCE)
        if "Status" not in status:
            return line.ended("the request for storage commitment")
        if status.Status != TAKEN:
            return uncommitted(peer.name, int(status.Status))
        at_once = min(SAME_ASSOCIATION_S, wait_s)
        if report.wait(at_once):
            return None
    if report.wait(wait_s - at_once):
        return None
    return Answer(Outcome.RETRY, f"{peer.name} took the request for storage commitment, and did not report within {wait_s:g} s", "silent")


def _request(transaction: str, objects: Sequence[tuple[str, str]]) -> "Dataset":
    from pydicom.dataset import Dataset  # noqa: PLC0415 - heavy, and wanted here only

    request, items = Dataset(), []
    for sop_class, instance in objects:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, instance
        items.append(item)
    request.TransactionUID, request.ReferencedSOPSequence = transaction, items
    return request


@contextmanager
def _listening(hospital: Hospital, report: _Report) -> Iterator[None]:
    """Raises OSError: the port is in use, or the address is none of this board."""
    if not hospital.listen_port:
        yield
        return
    from pynetdicom import AE, evt  # noqa: PLC0415 - heavy, and wanted here only

    from edge.exchange.peers.association import RELEASE_S, Sockets  # noqa: PLC0415 - heavy, and wanted here only

    entity, sockets = AE(hospital.ae_title), Sockets()
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = SAME_ASSOCIATION_S
    entity.require_called_aet = True
    entity.add_supported_context(PUSH_MODEL, scu_role=True, scp_role=True)
    address = hospital.listen_host, hospital.listen_port
    handlers: list[EventHandlerType] = [(evt.EVT_N_EVENT_REPORT, report.received), (evt.EVT_CONN_OPEN, sockets.note)]
    tls = None if hospital.listen_tls is None else hospital.listen_tls.listening()
    server = entity.start_server(address, block=False, ssl_context=tls, evt_handlers=handlers)
    assert server is not None, "it does not block"
    try:
        yield
    finally:
        server.shutdown()
        end = time.monotonic() + RELEASE_S  # the answer to a report may still be on its way
        while any(each.is_established for each in entity.active_associations) and time.monotonic() < end:
            time.sleep(0.01)
        sockets.close()
        entity.shutdown()
