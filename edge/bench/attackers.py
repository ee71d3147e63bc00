"""The attacks of the siege: each is a context that sends its requests to an appliance at `address` (HOST:PORT)."""

import http.client
import json
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from itertools import count

CONNECTIONS, SIGN_INS, BODIES, PDFS = 1100, 16, 4, 8
"""Idle connections; threads that sign in with invented names; that send a megabyte of unknown keys; that print a report."""
PUTS_PER_SECOND = 50
KEYS = json.dumps({f"key{number}": number for number in range(60_000)}).encode()
JSON = {"Content-Type": "application/json"}
PATIENCE_S = 60.0

Attack = Callable[[str], AbstractContextManager[None]]


def ask(address: str, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """The status and the body of one answer.

    Raises:
        OSError, http.client.HTTPException: there was no answer.
    """
    connection = http.client.HTTPConnection(address, timeout=PATIENCE_S)
    try:
        connection.request(method, f"/api/v1/{path}", body, JSON)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@contextmanager
def repeated(act: Callable[[], object], threads: int) -> Iterator[None]:
    """`act` again and again, in so many threads; what the appliance refuses does not end it."""
    stopping = threading.Event()

    def work() -> None:
        while not stopping.is_set():
            with suppress(OSError, http.client.HTTPException):
                act()

    workers = [threading.Thread(target=work, name="attacker") for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        stopping.set()
        for worker in workers:
            worker.join()


@contextmanager
def settings(address: str) -> Iterator[None]:
    """The settings of the probe, changed many times a second."""
    gains = count()

    def change() -> None:
        ask(address, "PUT", "source/settings", json.dumps({"gain_db": float(next(gains) % 2)}).encode())
        time.sleep(1 / PUTS_PER_SECOND)

    with repeated(change, 1):
        yield


@contextmanager
def pdfs(address: str) -> Iterator[None]:
    """The report of one exam, printed for many at a time."""
    exam = json.loads(ask(address, "POST", "exams", b"{}")[1])["id"]
    try:
        with repeated(lambda: ask(address, "GET", f"exams/{exam}/report.pdf"), PDFS):
            yield
    finally:
        ask(address, "POST", f"exams/{exam}/end")


@contextmanager
def connections(address: str) -> Iterator[None]:
    """Connections that send nothing; one that the appliance closes is opened again."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    host, port = address.rsplit(":", 1)
    with ExitStack() as undo:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(2 * CONNECTIONS, hard), hard))
        undo.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))

        def connected() -> socket.socket:
            return undo.enter_context(socket.create_connection((host, int(port)), PATIENCE_S))

        idle, places = [connected() for _ in range(CONNECTIONS)], count()

        def open_again() -> None:
            place = next(places) % CONNECTIONS
            idle[place].close()
            idle[place] = connected()
            time.sleep(0.01)

        with repeated(open_again, 1):
            yield


@contextmanager
def sign_ins(address: str) -> Iterator[None]:
    """Sign-ins with invented names."""
    names = count()

    def sign_in() -> None:
        ask(address, "POST", "sessions", json.dumps({"name": f"nobody{next(names)}", "pin": "000000"}).encode())

    with repeated(sign_in, SIGN_INS):
        yield


@contextmanager
def keys(address: str) -> Iterator[None]:
    """Megabytes of unknown keys."""
    with repeated(lambda: ask(address, "POST", "sessions", KEYS), BODIES):
        yield
