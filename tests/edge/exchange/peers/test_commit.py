"""Storage commitment: each report of a peer, from each side, and none."""

import socket
import threading
from functools import partial

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.pdu_primitives import SCP_SCU_RoleSelectionNegotiation

from edge.exchange.peers import tls
from edge.exchange.peers.commit import PUSH_MODEL, commit
from edge.exchange.peers.hospital import Hospital
from edge.exchange.peers.outcome import Outcome
from edge.exchange.peers.tls import Tls
from tests.edge.exchange.peers.certificates import authority
from tests.edge.exchange.peers.conftest import REPORT
from tests.ports import free_port

ACCEPTED, RETRY, REFUSED = Outcome.ACCEPTED, Outcome.RETRY, Outcome.REFUSED
DEAF = Hospital(ae_title="EDGEUS")
"""It has no port for reports."""
COMMITMENT = (PUSH_MODEL, None, True, True)


def report(transaction, safe=(), failed=()):
    made = Dataset()
    made.TransactionUID = transaction
    lists = {"ReferencedSOPSequence": [(uid, None) for uid in safe], "FailedSOPSequence": failed}
    for name, objects in lists.items():
        items = []
        for uid, reason in objects:
            item = Dataset()
            item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = REPORT, uid
            if reason is not None:
                item.FailureReason = reason
            items.append(item)
        if items:
            setattr(made, name, items)
    return made


class Reporter:
    """A peer that takes a request, and reports on the association of the request, once the answer to the request is sent."""

    def __init__(self, make, status=0):
        self.make, self.status, self.answered, self.request = make, status, [], None

    @property
    def handlers(self):
        return [(evt.EVT_N_ACTION, self._take), (evt.EVT_DIMSE_SENT, self._sent)]

    def _take(self, event):
        self.request = event.action_information
        return self.status, None

    def _sent(self, event):
        if type(event.message).__name__ == "N_ACTION_RSP" and self.make:
            threading.Thread(target=self._report, args=(event.assoc,), daemon=True).start()

    def _report(self, association):
        content = self.make(self.request.TransactionUID)
        kind = 2 if "FailedSOPSequence" in content else 1
        status, _ = association.send_n_event_report(content, kind, PUSH_MODEL, "1.2.840.10008.1.20.1.1")
        self.answered.append(status.get("Status"))


def listening(hospital):
    return hospital.model_copy(update={"listen_host": "127.0.0.1", "listen_port": free_port()})


def asked(peer, hospital, *uids, wait_s=30.0):
    return commit(peer, hospital, [(REPORT, uid) for uid in uids], wait_s)


def test_a_peer_that_takes_responsibility_for_each_object_confirms_each(scp, peer) -> None:
    reporter = Reporter(partial(report, safe=["2.25.1", "2.25.2"]))
    with scp([COMMITMENT], reporter.handlers) as port:
        found = asked(peer(port), DEAF, "2.25.1", "2.25.2")
    assert {uid: answer.outcome for uid, answer in found.items()} == {"2.25.1": ACCEPTED, "2.25.2": ACCEPTED}
    assert [item.ReferencedSOPInstanceUID for item in reporter.request.ReferencedSOPSequence] == ["2.25.1", "2.25.2"]


def test_each_failure_reason_is_shown_for_its_object_alone(scp, peer) -> None:
    reasons = {0x0110: RETRY, 0x0112: REFUSED, 0x0119: REFUSED, 0x0122: REFUSED, 0x0131: RETRY, 0x0213: RETRY, 0x0999: REFUSED}
    failed = [(f"2.25.{reason}", reason) for reason in reasons]
    reporter = Reporter(partial(report, safe=["2.25.1"], failed=failed))
    with scp([COMMITMENT], reporter.handlers) as port:
        found = asked(peer(port), DEAF, "2.25.1", "2.25.7", *(uid for uid, _ in failed))
    assert found["2.25.1"].outcome is ACCEPTED
    assert (found["2.25.7"].outcome, found["2.25.7"].status) == (RETRY, "left-out")
    assert {reason: found[f"2.25.{reason}"].outcome for reason in reasons} == reasons
    assert found[f"2.25.{0x0112}"].text == "pacs answers 0112: it does not have this object"


def test_a_report_of_another_question_is_not_taken_for_this_one(scp, peer) -> None:
    reporter = Reporter(lambda _: report("2.25.999", safe=["2.25.1"]))
    with scp([COMMITMENT], reporter.handlers) as port:
        found = asked(peer(port), DEAF, "2.25.1", wait_s=0.5)
    assert found["2.25.1"].outcome is RETRY
    assert reporter.answered == [0x0115]


def test_a_report_that_does_not_come_is_asked_for_again(scp, peer) -> None:
    with scp([COMMITMENT], Reporter(None).handlers) as port:
        found = asked(peer(port), DEAF, "2.25.1", wait_s=0.1)
    assert (found["2.25.1"].outcome, found["2.25.1"].status) == (RETRY, "silent")
    assert "did not report within 0.1 s" in found["2.25.1"].text


@pytest.mark.parametrize(("status", "outcome"), [(0x0110, RETRY), (0x0213, RETRY), (0x0122, REFUSED)])
def test_a_request_that_is_not_taken_leads_to_what_its_status_states(status, outcome, scp, peer) -> None:
    with scp([COMMITMENT], Reporter(None, status).handlers) as port:
        found = asked(peer(port), DEAF, "2.25.1")
    assert (found["2.25.1"].outcome, found["2.25.1"].status) == (outcome, f"{status:04X}")


def test_a_peer_without_the_service_refuses(scp, peer) -> None:
    with scp([REPORT]) as port:
        found = asked(peer(port), DEAF, "2.25.1")
    assert (found["2.25.1"].outcome, found["2.25.1"].status) == (REFUSED, "context")


def test_a_peer_that_is_down_is_asked_again(peer) -> None:
    found = asked(peer(free_port()), DEAF, "2.25.1")
    assert (found["2.25.1"].outcome, found["2.25.1"].status) == (RETRY, "no-connection")


class Caller(Reporter):
    """A peer that reports on an association of its own, to the port of a board, over TLS where `secured` is given."""

    def __init__(self, make, board, secured=None):
        super().__init__(make)
        self.board, self.secured = board, secured

    def _report(self, _):
        entity, role = AE("PACS"), SCP_SCU_RoleSelectionNegotiation()
        role.sop_class_uid, role.scu_role, role.scp_role = PUSH_MODEL, False, True
        entity.add_requested_context(PUSH_MODEL)
        secured = self.secured and (self.secured.context(), "127.0.0.1")
        own = entity.associate("127.0.0.1", self.board.listen_port, ae_title="EDGEUS", ext_neg=[role], tls_args=secured)
        super()._report(own)
        own.release()


def test_a_report_on_another_association_reaches_the_port_of_the_board(scp, peer) -> None:
    board = listening(DEAF)
    with scp([COMMITMENT], Caller(partial(report, safe=["2.25.1"]), board).handlers) as port:
        found = asked(peer(port), board, "2.25.1")
    assert found["2.25.1"].outcome is ACCEPTED


def test_a_report_over_tls_reaches_the_board_from_a_peer_with_its_certificate(scp, peer, tmp_path) -> None:
    own, theirs = authority(tmp_path / "own", "127.0.0.1"), authority(tmp_path / "theirs", "pacs")
    board = listening(DEAF).model_copy(update={"listen_tls": Tls(ca=theirs.ca, certificate=own.certificate, key=own.key)})
    secured = Tls(ca=own.ca, certificate=theirs.certificate, key=theirs.key)
    with scp([COMMITMENT], Caller(partial(report, safe=["2.25.1"]), board, secured).handlers) as port:
        found = asked(peer(port), board, "2.25.1")
    assert found["2.25.1"].outcome is ACCEPTED


@pytest.mark.parametrize("over_tls", [False, True], ids=["plain", "TLS"])
def test_someone_who_calls_the_port_and_says_nothing_does_not_hold_the_board(over_tls, scp, peer, tmp_path, monkeypatch) -> None:
    board, callers = listening(DEAF), []
    if over_tls:
        own = authority(tmp_path / "own", "127.0.0.1")
        board = board.model_copy(update={"listen_tls": Tls(certificate=own.certificate, key=own.key)})
        monkeypatch.setattr(tls, "HANDSHAKE_S", 0.2)

    def call(transaction):
        callers.append(socket.create_connection(("127.0.0.1", board.listen_port)))
        callers[0].sendall(b"\x16\x03\x01" if over_tls else b"\x01\x00\x00")
        return report(transaction, safe=["2.25.1"])

    with scp([COMMITMENT], Reporter(call).handlers) as port:
        found = asked(peer(port), board, "2.25.1")
    callers[0].close()
    assert found["2.25.1"].outcome is ACCEPTED


def test_a_port_in_use_is_named(scp, peer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, scp([COMMITMENT], Reporter(None).handlers) as port:
        board = DEAF.model_copy(update={"listen_host": "127.0.0.1", "listen_port": server.getsockname()[1]})
        found = asked(peer(port), board, "2.25.1")
    assert (found["2.25.1"].outcome, found["2.25.1"].status) == (RETRY, "no-listener")
    assert f"port {board.listen_port}" in found["2.25.1"].text


def test_nothing_to_commit_asks_nobody(peer) -> None:
    assert commit(peer(1), DEAF, []) == {}
