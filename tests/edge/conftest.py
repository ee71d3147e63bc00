"""A virtual probe in a process of its own, that a test can pull out and plug in again."""

import subprocess
import sys
import time

import pytest

PATIENCE_S = 60


class Plug:
    """The probe's port is always at `path`, as udev names hardware, and nothing is there while it is out."""

    def __init__(self, path):
        self.path = path
        self.url = f"serial://{path}"
        self._probe = None

    def plug_in(self, *arguments):
        command = [
            sys.executable,
            "-m",
            "firmware_bridge.virtual_probe",
            "--link",
            str(self.path),
            "--rendered",
            "4",
            "--size",
            "128",
            *arguments,
        ]
        self._probe = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._probe.stdout.readline()

    def pull_out(self):
        if self._probe is not None:
            self._probe.kill()
            self._probe.wait()
            self._probe.stdout.close()
            self._probe = None
            self.path.unlink(missing_ok=True)


@pytest.fixture
def plug(tmp_path):
    plug = Plug(tmp_path / "probe")
    yield plug
    plug.pull_out()


@pytest.fixture(scope="session")
def eventually():
    def wait(seen, what):
        end = time.monotonic() + PATIENCE_S
        while not seen():
            assert time.monotonic() < end, what
            time.sleep(0.02)

    return wait
