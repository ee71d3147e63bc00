"""The rate of readings with eight live pages, one of which never reads, compared with none. Rounds of both take turns on one appliance."""

import json
import time
import urllib.request
from contextlib import ExitStack
from statistics import median

from websockets.sync.client import connect

from edge.bench.watchers import stream_of, watching

MANY, ROUNDS = 8, 3
QUEUE = 1
"""Messages that the client's library receives ahead; then nothing is read from the connection."""
LEAVING_S = 0.1


def rate_ratio(url: str, seconds: float) -> float:
    """Frames read in a second with `MANY` watchers over those without any: the median of the rounds, which take `seconds` together."""
    each = seconds / ROUNDS / 2
    return median(_rate(url, each, MANY) / _rate(url, each, 0) for _ in range(ROUNDS))


def _rate(url: str, seconds: float, count: int) -> float:
    with ExitStack() as crowd:
        if count:
            crowd.enter_context(watching(url, count - 1))
            crowd.enter_context(connect(stream_of(url), max_queue=QUEUE, close_timeout=LEAVING_S))
        begun, before = time.monotonic(), _read(url)
        time.sleep(seconds)
        return (_read(url) - before) / (time.monotonic() - begun)


def _read(url: str) -> int:
    """Frames read since the start."""
    with urllib.request.urlopen(f"{url}api/v1/source/counts") as answer:  # noqa: S310 - our own appliance
        count: int = json.load(answer)["read"]
    return count
