"""The whole appliance as its own process, on an empty data folder, so that its memory and its start are measured alone."""

import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from firmware_bridge.child import python
from firmware_bridge.errors import Damaged

TIMEOUT_S = 60
KB_PER_MB = 1024


class BenchFailed(Damaged):
    """A benchmark could not measure."""

    code = "bench-failed"


@dataclass(frozen=True, slots=True)
class Whole:
    """A running appliance; `ready_s` is the time from its start to READY, which it sends to systemd."""

    pid: int
    url: str
    ready_s: float

    def memory_mb(self, kind: str = "VmRSS") -> float:
        """In 2**20 bytes, as the kernel counts it: `VmRSS`, or `RssAnon` without the pages of files. Raises BenchFailed: it ended."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
            return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{kind}:")) / KB_PER_MB
        except (OSError, StopIteration):
            raise BenchFailed("The appliance ended while it was measured", "Read its messages above, or run sonoedge doctor") from None


@contextmanager
def running(source: str, release: Path, threads: int, prepare: Callable[[Path], None] = lambda _: None) -> Iterator[Whole]:
    """`sonoedge run` on `source`, until the block ends; `prepare` is called with its data folder before it starts.

    Raises:
        BenchFailed: it did not become ready.
    """
    command = python("-m", "edge.cli", "run", "--port", "0", "--source", source, "--model", str(release), "--threads", str(threads))
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        prepare(Path(folder))
        manager.bind("")  # Linux gives it an abstract name
        manager.settimeout(TIMEOUT_S)
        environment = os.environ | {
            "NOTIFY_SOCKET": "@" + manager.getsockname()[1:].decode(),
            "SONOEDGE_LOG_LEVEL": "error",
            "SONOEDGE_DATA_DIR": folder,
        }
        begun = time.monotonic()
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as appliance:
            try:
                _wait(manager)
                ready_s = time.monotonic() - begun
                yield Whole(appliance.pid, _url(appliance), ready_s)
            finally:
                appliance.terminate()


def _wait(manager: socket.socket) -> None:
    try:
        manager.recv(100)
    except TimeoutError:
        raise BenchFailed("The appliance did not become ready", "Read its messages above, or run sonoedge doctor") from None


def _url(appliance: "subprocess.Popen[str]") -> str:
    assert appliance.stdout is not None
    found = re.search(r"http://\S+/", appliance.stdout.readline())
    if found is None:
        raise BenchFailed("The appliance did not print its address", "Run sonoedge doctor")
    return found[0]
