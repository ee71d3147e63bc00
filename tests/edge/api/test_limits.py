"""A body of one gigabyte is refused early and never held in memory, over a real connection."""

import resource
import socket
import threading
import time

import pytest
import uvicorn

from edge.api.limits import LARGEST

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
    head = b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % GIGABYTE
    answer, _ = send(server, head, [])
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"application/problem+json" in answer


def test_a_streamed_gigabyte_is_refused_at_the_limit_and_is_not_held_in_memory(server):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    head = b"POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    _, sent = send(server, head, endless())
    assert sent < GIGABYTE / 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_an_actor_without_permission_is_refused_before_the_body_is_read(server):
    head = b"POST /api/v1/operators HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (LARGEST - 1)
    answer, _ = send(server, head, [])
    assert answer.startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize(("size", "status"), [(LARGEST, 422), (LARGEST + 1, 413)])
def test_the_limit_is_exact(crew, size, status):
    body = b'"' + b"x" * (size - 2) + b'"'
    assert crew.admin.post("/api/v1/operators", content=body, headers={"Content-Type": "application/json"}).status_code == status
