"""How an appliance under attack from the network goes on: its frame rate, and how long a person with the right PIN waits.

Quiet rounds and attacks take turns on one appliance, which runs as its own process. The attacker runs on the same machine and takes its
share of the processor, so that the figures are worse than those of an attack from elsewhere.
"""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from edge.bench import attackers
from edge.bench.attackers import PATIENCE_S, Attack, ask, repeated
from edge.bench.pipeline import probe_url
from edge.bench.watchers import Watcher, watching
from edge.bench.whole import BenchFailed, running
from edge.inference.choice import resolve
from edge.inference.shelf import Shelf
from edge.settings import Settings

TARGETS: dict[str, tuple[str, float]] = {
    "fps_ratio_settings": (">=", 0.9),
    "fps_ratio_pdfs": (">=", 0.9),
    "fps_ratio_connections": (">=", 0.9),
    "fps_ratio_sign_ins": (">=", 0.9),
    "fps_ratio_keys": (">=", 0.9),
    "sign_in_s_max": ("<=", 3.0),
}

BY_CLINICIANS: tuple[Attack, ...] = (attackers.settings, attackers.pdfs)
"""What anyone is allowed on an appliance that nobody has claimed: too much of it."""
BY_STRANGERS: tuple[Attack, ...] = (attackers.connections, attackers.sign_ins, attackers.keys)
"""What anyone can send to a claimed appliance."""
FRAMES_PER_SECOND = 29.0
ROUNDS = 2 * len(BY_CLINICIANS + BY_STRANGERS) + 1
BOSS = {"badge": "boss", "name": "Boss", "pin": "482915"}


@dataclass(frozen=True, slots=True)
class SiegeFigures:
    """Frames read in a second of each attack over those of the quiet rounds before and after it.

    `sign_in_s_max` is over the attacks by strangers.
    """

    fps_quiet: float
    fps_ratio_settings: float
    fps_ratio_pdfs: float
    fps_ratio_connections: float
    fps_ratio_sign_ins: float
    fps_ratio_keys: float
    sign_in_s_max: float


def measure(settings: Settings, seconds: float = 110.0, each: Callable[[int], None] = lambda _: None) -> SiegeFigures:
    """Takes about `seconds` for the rounds together; calls `each` with the number of each finished round.

    Raises:
        BenchFailed: the appliance did not start, ended, or refused the right PIN.
    """
    release = resolve(settings.model, Shelf.of(settings.data_dir), settings.threads)
    with running(probe_url(FRAMES_PER_SECOND), release, settings.threads) as appliance, watching(appliance.url, 1) as (watcher,):
        address = urlsplit(appliance.url).netloc
        rounds = _Rounds(watcher, seconds / ROUNDS, each)
        for attack in BY_CLINICIANS:
            with attack(address):
                rounds.take()
            rounds.take()
        _claim(address)
        waits: list[float] = []
        for attack in BY_STRANGERS:
            with attack(address), _signing_in(address) as waited:
                rounds.take()
            waits += waited
            rounds.take()
    change, pdfs, connections, sign_ins, keys = rounds.ratios()
    return SiegeFigures(sum(rounds.quiet) / len(rounds.quiet), change, pdfs, connections, sign_ins, keys, max(waits))


class _Rounds:
    """A quiet round, an attack, a quiet round, and so on; each rate is in frames read in a second."""

    def __init__(self, watcher: Watcher, round_s: float, each: Callable[[int], None]) -> None:
        self._watcher, self._round_s, self._each = watcher, round_s, each
        self._rates: list[float] = []
        self.take()

    def take(self) -> None:
        self._rates.append(_rate(self._watcher, self._round_s))
        self._each(len(self._rates))

    @property
    def quiet(self) -> list[float]:
        return self._rates[::2]

    def ratios(self) -> list[float]:
        """The rate of each attack over those of the quiet rounds before and after it."""
        attacked = self._rates[1::2]
        return [2 * rate / (before + after) for rate, before, after in zip(attacked, self.quiet[:-1], self.quiet[1:], strict=True)]


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
    status, _ = ask(address, "POST", "claim", json.dumps(BOSS).encode())
    if status != http.HTTPStatus.CREATED:
        raise BenchFailed(f"The appliance refused to be claimed ({status})", "Run sonoedge doctor")


@contextmanager
def _signing_in(address: str) -> Iterator[list[float]]:
    """A person signs in again and again; the seconds that each attempt takes, until the PIN is accepted."""
    waited: list[float] = []
    right = json.dumps({"name": BOSS["badge"], "pin": BOSS["pin"]}).encode()

    def sign_in() -> None:
        begun = time.monotonic()
        while ask(address, "POST", "sessions", right)[0] != http.HTTPStatus.CREATED and time.monotonic() - begun < PATIENCE_S:
            time.sleep(0.2)
        waited.append(time.monotonic() - begun)
        time.sleep(0.5)

    with repeated(sign_in, 1):
        yield waited
    if not waited:
        raise BenchFailed("Nobody could sign in", "Give it more --seconds")
