"""An appliance is killed, its disk filled to the last block, and it starts again: it shows the image, and records once there is room."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress

import pytest

from edge.health.port import listen

pytestmark = [pytest.mark.powercut, pytest.mark.slow]

IMAGE_MB = 1000
PATIENCE_S = 120
PERSON = {"badge": "boss", "name": "Boss", "pin": "482915"}


@pytest.fixture
def disk(ext4):
    return ext4(IMAGE_MB)


def fill(place):
    """Takes every block that is left."""
    step = 64 * 1024 * 1024
    with (place / "filler").open("wb") as file:
        at = 0
        while step >= 1024:
            try:
                os.posix_fallocate(file.fileno(), at, step)
                at += step
            except OSError:
                step //= 2
    with suppress(OSError), (place / "last").open("wb") as file:
        while True:
            file.write(bytes(512))
            file.flush()


@contextmanager
def appliance(folder, port):
    """A process that is killed at the end; its errors are in the file `errors`."""
    environment = {**os.environ, "SONOEDGE_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "edge.cli", "run", "--port", str(port), "--source", "virtual://chest?size=128&rendered=4"]
    with (folder.parents[1] / "errors").open("ab") as errors:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def ask(port, path, body=None):
    """(status, content); (0, {}) where nobody answers."""
    data, headers = (json.dumps(body).encode(), {"Content-Type": "application/json"}) if body else (None, {})
    try:
        with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/{path}", data, headers)) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
    except OSError:
        return 0, {}


def eventually(holds, what):
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def test_on_a_full_disk_it_starts_to_be_read_and_recovers_by_itself(disk, tmp_path):
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    sign_in = {"name": PERSON["badge"], "pin": PERSON["pin"]}
    with appliance(disk / "data", port):
        eventually(lambda: ask(port, "health")[0] == 200, "it does not start")
        assert ask(port, "claim", PERSON)[0] == 201
    fill(disk)
    with appliance(disk / "data", port) as process:
        eventually(lambda: ask(port, "source/counts")[1].get("read", 0) > 3, "no image on a full disk")
        status, problem = ask(port, "health")
        assert (status, problem["type"]) == (503, "urn:sonoedge:disk")
        assert ask(port, "sessions", sign_in)[0] == 201  # the newest record is read, which only the log of the database holds
        assert ask(port, "sessions/break-glass", {"reason": "Nobody else is here"})[0] == 507
        for left in ("filler", "last"):
            (disk / left).unlink()
        eventually(lambda: ask(port, "health")[0] == 200, "it does not recover")
        assert process.poll() is None
        assert ask(port, "sessions", sign_in)[0] == 201
    assert "Traceback" not in (tmp_path / "errors").read_text()
