"""A device under test and a probe with controllable faults.

Without options, the tests start an appliance, and the probe is on a pty. With `--dut URL --probe PORT`, the device is any appliance in
the network of the test bench; its source is the other end of the serial line PORT.
"""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections import deque

import pytest
import serial

from firmware_bridge.link.encoder import encode
from firmware_bridge.link.messages import Hello
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.player import ChestPlayer
from firmware_bridge.virtual_probe.probe import Identity, Probe
from firmware_bridge.virtual_probe.pty import PtyPort

FPS, SIDE, WAITING = 25, 60, 50
FLOOD_SIDE, FLOOD_FRAMES = 16, 200
"""Many frames of a flood fit into a terminal's buffer, so that a busy machine receives a flood at each turn."""
TIMEOUT_S = 30
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


class FaultyProbe:
    """A simulated probe that runs until it is unplugged. The faults `stalled`, `noise` and `flood` last; the others happen once."""

    def __init__(self, link, path=None):
        self._link, self._path = link, path
        self.can_unplug = path is None
        self._player = ChestPlayer(Chest(2, size=SIDE), FPS, rendered=4)
        self._flooding = ChestPlayer(Chest(2, size=FLOOD_SIDE), FPS, rendered=4)
        self.sent = 0
        self._waiting = deque()
        self.plug_in()

    def plug_in(self):
        self.stalled = self.noise = self.flood = False
        self.hit = None
        self._waiting.clear()
        self._port = SerialPort(self._path) if self._path else PtyPort(self._link)
        self._probe = Probe(self._player, Identity(serial_number=SERIAL_NUMBER))
        self._out = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def pull_out(self):
        self._out.set()
        self._thread.join()
        self._port.close()

    def say(self, data):
        """Sends unchanged bytes between two messages."""
        self._waiting.append(memoryview(data))

    def restart(self):
        """A brown-out: the probe loses its state and sends Hello without a request."""
        self._probe = Probe(self._player, Identity(serial_number=SERIAL_NUMBER))
        self.say(encode(Hello("SonoEdge virtual probe", "1.0", SERIAL_NUMBER, ("grey8", "simulated"))))

    def _run(self):
        due = time.monotonic()
        while not self._out.is_set():
            answer = self._probe.receive(self._port.read(), self._now())
            if not self.stalled and not self.noise and answer:
                self._waiting.append(memoryview(answer))
            if self.flood:
                for _ in range(FLOOD_FRAMES):
                    self._send_one(self._flooding, FLOOD_FRAMES)
                due = time.monotonic()
            elif time.monotonic() >= due:
                due += 1 / FPS
                self._send_one(self._player, WAITING)
            self._port.write(self._waiting)
            time.sleep(0.0002 if self.flood else 0.002)

    def _send_one(self, player, most_waiting):
        if self.noise:
            self._waiting.append(memoryview(os.urandom(300)))
        elif self._probe.streaming and not self.stalled and len(self._waiting) < most_waiting:
            message = b"".join(map(bytes, self._probe.frame(player.next(), self._now())))
            hit, self.hit = self.hit, None
            self._waiting.append(memoryview(hit(message) if hit else message))
            self.sent += 1

    @staticmethod
    def _now():
        return time.monotonic_ns() // 1000


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
    link = tmp_path_factory.mktemp("hil") / "probe"
    made = FaultyProbe(link, request.config.getoption("--probe"))
    made.link = link
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
