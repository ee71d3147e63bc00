"""The web server over real connections: idle ones do not stop the page, and slow ones are closed."""

import socket
import threading
import time
from contextlib import ExitStack, suppress

import pytest
from fastapi import FastAPI, Request

from edge.api import lobby, server
from edge.api.server import WebServer
from tests.edge.api.lines import answer, closed

ASK = b"GET /who HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
MANY = 1100


def application():
    app = FastAPI()

    @app.get("/who")
    async def who(request: Request) -> str:
        return request.client.host

    @app.post("/body")
    async def body(request: Request) -> int:
        return len(await request.body())

    @app.get("/large")
    async def large() -> str:
        return "x" * 40_000_000

    return app


@pytest.fixture
def served():
    """The address of a running server."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    beating = threading.Event()
    made = WebServer(application(), listener, beating.set)
    thread = threading.Thread(target=made.run)
    thread.start()
    assert beating.wait(30)
    yield address
    made.close()
    thread.join()


@pytest.fixture
def impatient(monkeypatch):
    """Time limits of a tenth of a second."""
    monkeypatch.setattr(lobby, "LIMITS_S", dict.fromkeys(lobby.LIMITS_S, 0.1))


def ask(address, text=ASK):
    with socket.create_connection(address, timeout=30) as line:
        line.sendall(text)
        return answer(line)


def test_the_page_answers_beside_a_thousand_idle_connections(served):
    with ExitStack() as idle:
        lines = [idle.enter_context(socket.create_connection(served, timeout=30)) for _ in range(MANY)]
        for _ in range(3):
            assert ask(served).startswith(b"HTTP/1.1 200")
        assert sum(not closed(line) for line in lines) <= lobby.EACH


BEGUN = {
    "nothing": b"",
    "half a line": b"GET /who HT",
    "half a head": b"GET /who HTTP/1.1\r\nHost: localhost\r\n",
    "half a body": b"POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx",
    "a second request": b"GET /who HTTP/1.1\r\nHost: localhost\r\n\r\nGET /w",
}


@pytest.mark.parametrize("begun", BEGUN)
@pytest.mark.slow
def test_a_request_that_does_not_end_is_closed(served, impatient, begun):
    with socket.create_connection(served, timeout=30) as line:
        line.sendall(BEGUN[begun])
        assert answer(line).count(b"HTTP/1.1 200") == (begun == "a second request")


@pytest.mark.slow
def test_a_client_that_sends_one_byte_at_a_time_is_closed_too(served, impatient):
    with socket.create_connection(served, timeout=30) as line:
        end = time.monotonic() + 30
        while not closed(line):
            assert time.monotonic() < end
            with suppress(OSError):
                line.sendall(b"G")
            time.sleep(0.05)


@pytest.mark.slow
def test_a_client_that_reads_nothing_is_closed(served, impatient):
    with socket.create_connection(served, timeout=30) as line:
        line.sendall(ASK.replace(b"/who", b"/large"))
        time.sleep(5)
        assert len(answer(line)) < 40_000_000


@pytest.mark.slow
def test_a_client_that_reads_slowly_receives_everything(served, monkeypatch):
    monkeypatch.setattr(lobby, "LIMITS_S", dict.fromkeys(lobby.LIMITS_S, 2.5))
    with socket.create_connection(served, timeout=30) as line:
        line.sendall(ASK.replace(b"/who", b"/large"))
        received = 0
        while data := line.recv(1_000_000):
            received += len(data)
            time.sleep(0.1)
    assert received > 40_000_000


@pytest.mark.parametrize("times", [1, 1000])
def test_nobody_can_state_another_address(served, times):
    stated = b", ".join(times * [b"203.0.113.7"])
    asked = ASK.replace(b"Host:", b"X-Forwarded-For: " + stated + b"\r\nForwarded: for=203.0.113.7\r\nHost:")
    assert b'"127.0.0.1"' in ask(served, asked)


@pytest.fixture
def crowded(monkeypatch):
    """A server that is full with two connections, whatever the lobby admits."""
    monkeypatch.setattr(server, "TOTAL", 1)


def test_a_full_server_refuses_at_once(crowded, served):
    with ExitStack() as idle:
        for _ in range(2):
            idle.enter_context(socket.create_connection(served, timeout=30))
        assert ask(served).startswith(b"HTTP/1.1 503")
    assert ask(served).startswith(b"HTTP/1.1 200")


def test_a_request_is_read_before_a_flood_can_replace_it():
    assert 4 * (server.BACKLOG + 1) < lobby.EACH
