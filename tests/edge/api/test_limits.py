"""A body of one gigabyte is refused early and never held in memory, over a real connection."""

import resource
import socket
import threading
import time

import pytest
import uvicorn

from edge.api.limits import LARGEST, LARGEST_UNSIGNED, MOST_VALUES

GIGABYTE = 1_000_000_000


@pytest.fixture
def server(crew):
    listener = socket.create_server(("127.0.0.1", 0))
    made = uvicorn.Server(uvicorn.Config(crew.app, log_config=None, access_log=False))
    thread = threading.Thread(target=made.run, kwargs={"sockets": [listener]})
    thread.start()
    while not made.started:
        time.sleep(0.01)
    yield listener.getsockname()
    made.should_exit = True
    thread.join()
    listener.close()


def send(address, head, chunks):
    """Sends until the appliance answers or closes; returns the answer and the number of bytes sent."""
    sent = 0
    with socket.create_connection(address, timeout=30) as line:
        line.sendall(head)
        try:
            for chunk in chunks:
                line.sendall(chunk)
                sent += len(chunk)
        except OSError:
            pass
        try:
            return line.recv(65536), sent
        except ConnectionResetError:
            return b"", sent


def endless():
    chunk = b"%x\r\n" % 65536 + b"x" * 65536 + b"\r\n"
    for _ in range(GIGABYTE // 65536):
        yield chunk


def test_an_announced_gigabyte_is_refused_before_it_arrives(server):
    head = b"POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % GIGABYTE
    answer, _ = send(server, head, [])
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"application/problem+json" in answer


def test_a_streamed_gigabyte_is_refused_at_the_limit_and_is_not_held_in_memory(server):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    head = b"POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    _, sent = send(server, head, endless())
    assert sent < GIGABYTE / 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_an_actor_without_permission_is_refused_before_the_body_is_read(server):
    head = b"POST /api/v1/operators HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (
        LARGEST - 1
    )
    answer, _ = send(server, head, [])
    assert answer.startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize(("size", "status"), [(LARGEST, 422), (LARGEST + 1, 413)])
def test_the_limit_is_exact(crew, size, status):
    body = b'"' + b"x" * (size - 2) + b'"'
    assert crew.admin.post("/api/v1/operators", content=body, headers={"Content-Type": "application/json"}).status_code == status


@pytest.mark.parametrize(("size", "status"), [(LARGEST_UNSIGNED, 422), (LARGEST_UNSIGNED + 1, 413)])
@pytest.mark.parametrize("path", ["sessions", "sessions/break-glass"])
def test_a_body_before_sign_in_is_small(crew, path, size, status):
    body = b'"' + b"x" * (size - 2) + b'"'
    answer = crew.browser().post(f"/api/v1/{path}", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status


FLOODS = {
    "unknown keys": lambda count: "{" + ",".join(f'"k{number}":0' for number in range(count)) + "}",
    "items": lambda count: "[" + ",".join("0" * count) + "]",
    "nested lists": lambda count: "[" * count,
    "nested objects": lambda count: '{"a":' * count,
    "objects in a list": lambda count: "[" + ",".join(["{}"] * count) + "]",
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_body_of_very_many_values_is_refused_before_it_is_parsed(crew, flood, monkeypatch):
    monkeypatch.setattr("json.loads", lambda *_: pytest.fail("parsed"))
    body = FLOODS[flood](MOST_VALUES + 2).encode()
    answer = crew.admin.post("/api/v1/operators", content=body, headers={"Content-Type": "application/json"})
    monkeypatch.undo()
    assert (answer.status_code, answer.json()["status"]) == (413, 413)
    assert f"{MOST_VALUES} values" in answer.json()["fix"]


def test_an_answer_lists_few_of_many_faults(crew):
    many = {f"k{number}": 0 for number in range(1000)} | {"x" * 5000: 0}
    answer = crew.admin.post("/api/v1/operators", json=many)
    assert answer.status_code == 422
    assert "and 999 more" in answer.json()["detail"]
    assert len(answer.content) < 2000


def test_the_name_of_an_unknown_key_is_shortened(crew):
    answer = crew.browser().post("/api/v1/sessions", json={"name": "boss", "pin": "482915", "x" * 5000: 0})
    assert answer.status_code == 422
    assert len(answer.content) < 1000


@pytest.mark.parametrize("size", [LARGEST, LARGEST + 50_000, 2 * LARGEST])
def test_a_client_that_sends_a_large_body_before_sign_in_receives_the_answer(server, size):
    head = b"POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % size
    answer, sent = send(server, head, [b"x" * size])
    assert answer.startswith(b"HTTP/1.1 413")
    assert sent == size
