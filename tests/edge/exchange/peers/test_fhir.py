"""A FHIR server: what each of its answers, and each way to give none, leads to."""

import json
import socket
import time

import pytest

from edge.exchange.peers.fhir import LARGEST, capabilities, post_bundle
from edge.exchange.peers.hospital import FhirPeer
from edge.exchange.peers.outcome import Outcome
from edge.exchange.peers.tls import Tls
from tests.edge.exchange.peers.certificates import authority
from tests.edge.exchange.peers.ends import silent
from tests.edge.exchange.peers.test_echo import server_side
from tests.ports import free_port

ACCEPTED, WARNED, RETRY, REFUSED = Outcome.ACCEPTED, Outcome.WARNED, Outcome.RETRY, Outcome.REFUSED
BUNDLE = b'{"resourceType": "Bundle", "type": "transaction"}'


def outcome(*diagnostics):
    issues = [{"severity": "error", "code": "processing", "diagnostics": each} for each in diagnostics]
    return json.dumps({"resourceType": "OperationOutcome", "issue": issues}).encode()


def response(*statuses, **more):
    entries = [{"response": {"status": status, **more}} for status in statuses]
    return json.dumps({"resourceType": "Bundle", "type": "transaction-response", "entry": entries}).encode()


def request(connection):
    """The whole request."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(1 << 16)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
    while len(body) < length:
        body += connection.recv(1 << 16)
    return head, body


def answering(status, body, kind="application/fhir+json", headers="", seen=None):
    def serve(connection):
        got = request(connection)
        if seen is not None:
            seen.append(got)
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        connection.sendall(head.encode() + body)
        connection.close()

    return serve


def server(port, **more):
    return FhirPeer(name="ehr", url=f"http://127.0.0.1:{port}/fhir", **{"answer_s": 60.0, **more})


@pytest.mark.parametrize(
    ("status", "body", "outcome", "text"),
    [
        (200, response("201 Created", "200 OK"), ACCEPTED, "ehr answers 200: it took 2 entries"),
        (201, response("201"), ACCEPTED, "ehr answers 201: it took 1 entries"),
        (200, b"", WARNED, "without a list of what it took"),
        (
            200,
            response("201", "404 Not Found", outcome={"issue": [{"code": "not-found"}]}),
            REFUSED,
            "404 Not Found for entry 2: not-found",
        ),
        (200, response("201", ""), REFUSED, "answers nothing for entry 2"),
        (200, b'{"resourceType": "Patient"}', REFUSED, "not as a FHIR server does"),
        (200, b"<html><body>Welcome to the portal", REFUSED, "sent application/fhir+json that begins: <html><body>Welcome"),
        (400, outcome("bad bundle"), REFUSED, "ehr answers 400: bad bundle"),
        (401, b"", REFUSED, "ehr answers 401: states nothing"),
        (404, b"not here", REFUSED, "that begins: not here"),
        (409, outcome("another owner"), REFUSED, "ehr answers 409: another owner"),
        (412, outcome("two patients match"), REFUSED, "ehr answers 412: two patients match"),
        (422, outcome("no code", "no status"), REFUSED, "ehr answers 422: no code; no status"),
        (408, b"", RETRY, "408"),
        (429, b"", RETRY, "429"),
        (500, outcome("database"), RETRY, "ehr answers 500: database"),
        (503, b"<html>busy", RETRY, "<html>busy"),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, int) else None,
)
def test_each_answer_is_shown_and_leads_to_one_outcome(status, body, outcome, text, listener) -> None:
    with listener(answering(status, body)) as port:
        answer = post_bundle(server(port), BUNDLE)
    assert answer.outcome is outcome, answer
    assert text in answer.text


def test_the_request_is_a_post_of_the_bundle_to_the_base_with_its_rights(listener, tmp_path) -> None:
    secret, seen = tmp_path / "authorization", []
    secret.write_text("Bearer abc\n")
    with listener(answering(200, response("201"), seen=seen)) as port:
        post_bundle(server(port, authorization=secret), BUNDLE)
    ((head, body),) = seen
    assert body == BUNDLE
    assert head.startswith(b"POST /fhir HTTP/1.1")
    assert b"\r\nAuthorization: Bearer abc" in head
    assert b"\r\nContent-Type: application/fhir+json" in head


def test_a_redirect_is_told_and_not_followed(listener) -> None:
    with listener(answering(307, b"", headers="Location: http://elsewhere.example/fhir\r\n")) as port:
        answer = post_bundle(server(port), BUNDLE)
    assert (answer.outcome, answer.status) == (REFUSED, "307")
    assert "moved to http://elsewhere.example/fhir" in answer.text


def slow(connection):
    """A byte now and then: each alone comes in time."""
    request(connection)
    while True:
        connection.sendall(b"H")
        time.sleep(0.05)


def half_close(connection):
    request(connection)
    connection.shutdown(socket.SHUT_WR)


def short(connection):
    request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{")
    connection.close()


def not_http(connection):
    connection.recv(1 << 16)
    connection.sendall(b"MSH|^~\\&|\r\n")
    connection.close()


@pytest.mark.parametrize("serve", [slow, half_close, short, not_http, silent], ids=lambda each: each.__name__)
def test_without_a_whole_answer_it_is_sent_again(serve, listener) -> None:
    with listener(serve) as port:
        answer = post_bundle(server(port, answer_s=0.5), BUNDLE)
    assert answer.outcome is RETRY, answer


def test_an_answer_without_end_is_not_taken_as_whole(listener) -> None:
    def serve(connection):
        request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + response("201"))

    with listener(serve) as port:
        answer = post_bundle(server(port, answer_s=0.5), BUNDLE)
    assert answer.outcome is RETRY


def test_a_flood_of_an_answer_is_cut(listener) -> None:
    with listener(answering(200, b" " * (LARGEST + 1))) as port:
        assert post_bundle(server(port), BUNDLE).outcome is RETRY


def test_a_server_that_is_down_is_tried_again() -> None:
    answer = post_bundle(server(free_port()), BUNDLE)
    assert (answer.outcome, answer.status) == (RETRY, "no-connection")
    assert "refuses the connection" in answer.text


def test_its_certificate_must_name_the_host(listener, tmp_path) -> None:
    right, wrong = authority(tmp_path / "right", "127.0.0.1"), authority(tmp_path / "wrong", "ehr.example")
    for files, taken in ((right, True), (wrong, False)):
        with listener(answering(200, response("201")), context=server_side(files)) as port:
            peer = FhirPeer(name="ehr", url=f"https://127.0.0.1:{port}", tls=Tls(ca=files.ca), answer_s=60.0)
            answer = post_bundle(peer, BUNDLE)
        assert answer.taken is taken, answer
    assert "its certificate is not valid here" in answer.text


def test_the_check_asks_for_the_capabilities(listener) -> None:
    seen = []
    with listener(answering(200, b'{"resourceType": "CapabilityStatement"}', seen=seen)) as port:
        assert capabilities(server(port)).outcome is ACCEPTED
    assert seen[0][0].startswith(b"GET /fhir/metadata HTTP/1.1")
    with listener(answering(200, b"<html>login")) as port:
        assert "begins: <html>login" in capabilities(server(port)).text
