"""A device under test and a probe with controllable faults.

Without options, the tests start an appliance, and the probe is on a pty. With `--dut URL --probe PORT`, the device is any appliance in
the network of the test bench; its source is the other end of the serial line PORT.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request

import pytest
import serial

from firmware_bridge.virtual_probe.faulty import FaultyProbe
from firmware_bridge.virtual_probe.pty import PtyPort
from tests.hil.golden import Golden

TIMEOUT_S = 120
"""On a slow board a frame takes seconds; `sonoedge bench reconnect` measures how soon the appliance reads again."""
SERIAL_NUMBER = "HIL-1"


class SerialPort:
    """The tester's end of a real serial line, with the interface of a PtyPort."""

    def __init__(self, path):
        self._port = serial.Serial(path, 115200, timeout=0, exclusive=True)

    def read(self):
        return self._port.read(min(self._port.in_waiting, 65536))

    def write(self, parts):
        while parts:
            self._port.write(parts.popleft())

    def close(self):
        self._port.close()


class RigProbe(FaultyProbe):
    """The probe of the test bench: on a pty at `link`, or on the serial line with this path, which no program can unplug."""

    def __init__(self, link, path=None):
        self.link, self.can_unplug = link, path is None
        super().__init__(lambda: SerialPort(path) if path else PtyPort(link), SERIAL_NUMBER)


class Device:
    """The appliance, through its API only."""

    def __init__(self, url):
        self._api = url.rstrip("/") + "/api/v1/"

    def get(self, noun):
        with urllib.request.urlopen(self._api + noun, timeout=10) as answer:
            return json.load(answer)

    def put(self, noun, body):
        request = urllib.request.Request(self._api + noun, json.dumps(body).encode(), {"content-type": "application/json"}, method="PUT")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    @property
    def source(self):
        return self.get("source")

    @property
    def counts(self):
        return self.get("source/counts")

    def link_drops(self):
        return {cause: frames for cause, frames in self.counts["dropped"].items() if cause.startswith("link:")}

    def until(self, seen, what):
        """Waits until `seen` is true; returns the time that it took."""
        begun = time.monotonic()
        while not seen(self):
            assert time.monotonic() - begun < TIMEOUT_S, f"{what}; the source: {self.source}"
            time.sleep(0.02)
        return time.monotonic() - begun

    def reads(self, frames=5):
        """Waits until the appliance has read this many more frames."""
        before = self.counts["read"]
        return self.until(lambda dut: dut.counts["read"] >= before + frames, "it does not read any more")


@pytest.fixture(scope="package")
def probe(request, tmp_path_factory):
    made = RigProbe(tmp_path_factory.mktemp("hil") / "probe", request.config.getoption("--probe"))
    yield made
    made.pull_out()


@pytest.fixture(scope="package")
def dut(request, probe, tmp_path_factory):
    url = request.config.getoption("--dut")
    if url:
        yield Device(url)
        return
    settings = {"SONOEDGE_DATA_DIR": str(tmp_path_factory.mktemp("data")), "SONOEDGE_PORT": "0"}
    command = [sys.executable, "-m", "edge.cli", "run", "--source", f"serial://{probe.link}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | settings) as appliance:
        yield Device(appliance.stdout.readline().split()[1])
        appliance.terminate()
        assert appliance.wait(20) == 0


@pytest.fixture(scope="session")
def golden():
    return Golden()


@pytest.fixture(autouse=True)
def clean_health(dut):
    """After every test, the device streams again, has failed on no frame and has counted every frame."""
    dut.until(lambda dut: dut.source["state"] == "streaming", "it does not stream")
    yield
    dut.until(lambda dut: dut.source["state"] == "streaming" and not dut.source["reason"], "it did not recover")
    dut.reads(3)
    counts = dut.counts
    assert not {"prepare-failed", "read-failed"} & set(counts["dropped"])
    in_flight = counts["received"] - counts["read"] - sum(counts["dropped"].values())
    assert 0 <= in_flight <= 3
