"""How an appliance under attack from the network goes on: its frame rate, and how long a person with the right PIN waits.

Quiet rounds and attacks take turns on one appliance, which runs as its own process. The attacker runs on the same machine and takes its
share of the processor, so that the figures are worse than those of an attack from elsewhere.
"""

import http.client
import json
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlsplit

from edge.bench.pipeline import probe_url
from edge.bench.watchers import Watcher, watching
from edge.bench.whole import BenchFailed, running
from edge.inference.choice import resolve
from edge.inference.shelf import Shelf
from edge.settings import Settings

TARGETS: dict[str, tuple[str, float]] = {
    "fps_ratio_connections": (">=", 0.9),
    "fps_ratio_sign_ins": (">=", 0.9),
    "fps_ratio_keys": (">=", 0.9),
    "sign_in_s_max": ("<=", 3.0),
}

CONNECTIONS, SIGN_INS, BODIES = 1100, 16, 4
"""Idle connections; threads that sign in with invented names; threads that send a megabyte of unknown keys."""
FRAMES_PER_SECOND, ROUNDS = 29.0, 7
BOSS = {"badge": "boss", "name": "Boss", "pin": "482915"}
KEYS = json.dumps({f"key{number}": number for number in range(60_000)}).encode()
JSON = {"Content-Type": "application/json"}
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class SiegeFigures:
    """Frames read in a second of each attack over those of the quiet rounds before and after it; `sign_in_s_max` is over all attacks."""

    fps_quiet: float
    fps_ratio_connections: float
    fps_ratio_sign_ins: float
    fps_ratio_keys: float
    sign_in_s_max: float


def measure(settings: Settings, seconds: float = 70.0, each: Callable[[int], None] = lambda _: None) -> SiegeFigures:
    """Takes about `seconds` for the seven rounds together; calls `each` with the number of each finished round.

    Raises:
        BenchFailed: the appliance did not start, ended, or refused the right PIN.
    """
    release = resolve(settings.model, Shelf.of(settings.data_dir), settings.threads)
    with running(probe_url(FRAMES_PER_SECOND), release, settings.threads) as appliance, watching(appliance.url, 1) as (watcher,):
        address = urlsplit(appliance.url).netloc
        _claim(address)
        round_s, finished = seconds / ROUNDS, count(1)
        rates, waits = [_rate(watcher, round_s)], []
        each(next(finished))
        for attack in (_connections, _sign_ins, _bodies):
            with attack(address), _signing_in(address) as waited:
                rates.append(_rate(watcher, round_s))
            waits += waited
            each(next(finished))
            rates.append(_rate(watcher, round_s))
            each(next(finished))
    quiet, attacked = rates[::2], rates[1::2]
    connections, sign_ins, keys = (2 * rate / (before + after) for rate, before, after in zip(attacked, quiet[:-1], quiet[1:], strict=True))
    return SiegeFigures(sum(quiet) / len(quiet), connections, sign_ins, keys, max(waits))


def _rate(watcher: Watcher, seconds: float) -> float:
    """Frames read in a second, as the appliance counts them."""
    begun = _counted(watcher)
    time.sleep(seconds)
    ended = _counted(watcher)
    return (ended[0] - begun[0]) / (ended[1] - begun[1])


def _counted(watcher: Watcher) -> tuple[int, float]:
    """The frames read at the next status message, and its time."""
    known, end = len(watcher.statuses), time.monotonic() + PATIENCE_S
    while len(watcher.statuses) == known:
        if time.monotonic() > end:
            raise BenchFailed("The live stream is silent", "Read the messages above, or run sonoedge doctor")
        time.sleep(0.005)
    return watcher.statuses[-1].counts.read, time.monotonic()


def _claim(address: str) -> None:
    if (status := _post(address, "claim", json.dumps(BOSS).encode())) != http.HTTPStatus.CREATED:
        raise BenchFailed(f"The appliance refused to be claimed ({status})", "Run sonoedge doctor")


def _post(address: str, path: str, body: bytes) -> int:
    connection = http.client.HTTPConnection(address, timeout=PATIENCE_S)
    try:
        connection.request("POST", f"/api/v1/{path}", body, JSON)
        return connection.getresponse().status
    finally:
        connection.close()


@contextmanager
def _signing_in(address: str) -> Iterator[list[float]]:
    """A person signs in again and again; the seconds that each attempt takes, until the PIN is accepted."""
    waited: list[float] = []
    right = json.dumps({"name": BOSS["badge"], "pin": BOSS["pin"]}).encode()

    def sign_in() -> None:
        begun = time.monotonic()
        while _post(address, "sessions", right) != http.HTTPStatus.CREATED and time.monotonic() - begun < PATIENCE_S:
            time.sleep(0.2)
        waited.append(time.monotonic() - begun)
        time.sleep(0.5)

    with _repeated(sign_in, 1):
        yield waited
    if not waited:
        raise BenchFailed("Nobody could sign in", "Give it more --seconds")


@contextmanager
def _repeated(act: Callable[[], object], threads: int) -> Iterator[None]:
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
def _connections(address: str) -> Iterator[None]:
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

        with _repeated(open_again, 1):
            yield


@contextmanager
def _sign_ins(address: str) -> Iterator[None]:
    names = count()
    with _repeated(lambda: _post(address, "sessions", json.dumps({"name": f"nobody{next(names)}", "pin": "000000"}).encode()), SIGN_INS):
        yield


@contextmanager
def _bodies(address: str) -> Iterator[None]:
    with _repeated(lambda: _post(address, "sessions", KEYS), BODIES):
        yield
