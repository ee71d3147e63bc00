"""A pic0rick as a source: `p0rk:///dev/ttyACM0?type=envelope&hz=50&lines=64`.

It has one element, so an image is a sweep: `lines` A-lines side by side, in the order of capture. Each row shows the strongest of
eight samples. A line that never arrived stays black and is counted as `line-gap`. If the numbers jump beyond the sweep, the sweep ends
there: lines of two sweeps are never joined. Depth follows from the speed of sound (1540 m/s) and the sample rate; the movement of the
element is known only with `?pitch_mm=`. The pulser is armed only with `?pulser=1`; otherwise it is disarmed, even if another program
armed it, and always at the end. The samples of a self-test are not echoes and are flagged as simulated.
"""

import time

import numpy as np

from firmware_bridge.errors import NotAProbe, SourceLost, SourceUnknown
from firmware_bridge.frame import AcquisitionSettings, Frame, Geometry, Grey, Shape
from firmware_bridge.link.decoder import SEQUENCE_GAP, SEQUENCE_RESTART, Loss
from firmware_bridge.machine import Machine
from firmware_bridge.p0rk import commands
from firmware_bridge.p0rk.decoder import Decoder, Reply
from firmware_bridge.p0rk.frame import Kind, Line
from firmware_bridge.scan.compress import to_grey
from firmware_bridge.scan.envelope import of_rf
from firmware_bridge.scan.sound import depth_mm
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.sources.live import CAUSES, LiveSource
from firmware_bridge.sources.serial import line_of, open_port
from firmware_bridge.sources.url import SourceUrl

MACHINE = Machine(model="pic0rick")
SAMPLES_A_ROW = 8
DYNAMIC_RANGE_DB, FULL_SCALE = 60.0, 512.0
"""The converter has 10 bits, so the strongest echo is 512 above its middle."""
LINES, LINES_LIMIT = 64, 1024
REPLY_S, SETTLE_S = 3.0, 0.05
"""The wait for a reply, and for replies to bytes that were on the line before this host connected, in seconds."""
LINE_GAP = "line-gap"


class P0rkStopped(SourceLost):
    """The probe ended its stream by itself."""

    code = "p0rk-stopped"


def open_p0rk(url: SourceUrl) -> "P0rkSource":
    """Opens the port, stops any running stream, and starts the new one.

    Raises:
        SourceUnknown: an option, type or rate that the pic0rick does not have.
        SourceAbsent, SourceBusy, SourceDenied: the port cannot be opened.
        P0rkRefused, NotAProbe: the probe refuses, or the device is not a pic0rick.
    """
    url.allow("type", "hz", "lines", "pulser", "pitch_mm")
    kind = url.options.get("type", "envelope")
    most = commands.MOST_HZ.get(kind)
    if most is None:
        raise SourceUnknown(f"'{url.text}': the type {kind} is unknown", f"Write type={' or type='.join(commands.STREAM_TYPES)}")
    hz, lines, pitch = url.number("hz", most), url.number("lines", LINES), url.number("pitch_mm", 0)
    if not (1 <= hz <= most and hz == int(hz) and 2 <= lines <= LINES_LIMIT and lines == int(lines) and 0 <= pitch < 100):
        raise SourceUnknown(f"'{url.text}': hz, lines or pitch_mm is out of range", f"Write hz 1 to {most}, lines 2 to {LINES_LIMIT}")
    stream = commands.start(kind, int(hz))
    pulser = commands.ARM if url.flag("pulser") else commands.DISARM
    return P0rkSource(url, [pulser, stream], int(lines), pitch or None)


class P0rkSource(LiveSource):
    """An open pic0rick that streams."""

    def __init__(self, url: SourceUrl, setup: list[bytes], lines: int, pitch_mm: float | None) -> None:
        super().__init__(line_of(open_port(url.path)), url.text, url.path)
        self._decoder = Decoder()
        self._lines = lines
        self._pitch_mm = pitch_mm
        self._sweep: list[Line | None] = []
        self._replies: list[str] = []
        self._asked = b""
        self._opened = False
        """True from the reply to the start on: lines before it belong to the stream of a previous host."""
        self._firmware = ""
        self._count = 0
        try:
            self._send_bytes(b"\n" + commands.STOP)
            self._reply()
            self._turn(SETTLE_S)
            self._replies.clear()
            self._firmware = commands.firmware_of(self._command(commands.STATUS))
            for command in setup:
                self._command(command)
        except BaseException:
            self.close()
            raise

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(self._url, "pic0rick", Origin.LIVE, "pic0rick", self._firmware, machine=MACHINE)

    def _command(self, command: bytes) -> str:
        self._asked = command
        self._send_bytes(command)
        reply = self._reply()
        if reply.startswith(commands.ERR):
            raise commands.refusal(self._place, reply)
        return reply

    def _reply(self) -> str:
        """The answer to one command; frames of a stream that has just ended are ignored."""
        deadline = time.monotonic() + REPLY_S
        while time.monotonic() < deadline:
            while self._replies:
                if (reply := self._replies.pop(0)).startswith((commands.OK, commands.ERR)):
                    return reply
            self._turn(0.1)
        raise NotAProbe(f"the device at {self._place} does not answer as a pic0rick does", "Name its port; it needs firmware 1.5")

    def _understand(self, data: bytes | memoryview, received_ns: int) -> bool:
        received = False
        for item in self._decoder.feed(bytes(data)):
            match item:
                case Line():
                    received = True
                    if self._opened:
                        self._add(item, received_ns)
                case Reply(text):
                    received = True
                    self._take_reply(text)
                case Loss(cause, _, frames) if cause == SEQUENCE_GAP:
                    self._lose(LINE_GAP, frames)
                    self._miss(frames, received_ns)
                case Loss(cause, _, lines):
                    self._lose(cause, 0)
                    if lines:
                        self._damage.lost(lines, CAUSES[cause])
                    if cause == SEQUENCE_RESTART:
                        self._miss(self._lines, received_ns)
        return received or self._decoder.in_message

    def _take_reply(self, text: str) -> None:
        """A streaming probe sends text only when it stops: a failed capture ends the stream."""
        if not self._opened:
            self._replies.append(text)
            self._opened = self._asked.startswith(commands.START) and text.startswith(commands.OK)
        elif text.startswith(commands.ERR):
            error = commands.refusal(self._place, text)
            raise P0rkStopped(error.what, error.fix)

    def _miss(self, lines: int, received_ns: int) -> None:
        """Missing lines leave a gap in the current sweep, or end it."""
        held = [line for line in self._sweep if line is not None]
        if held:
            self._sweep += [None] * min(lines, self._lines - len(self._sweep))
            self._show(held[-1], received_ns)

    def _add(self, line: Line, received_ns: int) -> None:
        self._sweep.append(line)
        self._show(line, received_ns)

    def _show(self, line: Line, received_ns: int) -> None:
        """Passes the sweep on once it is whole; `line` is the last that arrived."""
        if len(self._sweep) < self._lines:
            return
        sweep, self._sweep = self._sweep, []
        header = line.header
        rate_mhz = header.sample_rate_hz / 1e6
        spacing = (self._pitch_mm, depth_mm(SAMPLES_A_ROW, rate_mhz)) if self._pitch_mm else None
        self._give(
            Frame(
                _image(sweep, header.samples),
                self._count,
                header.time_us,
                received_ns,
                Geometry(Shape.LINEAR, spacing),
                AcquisitionSettings(depth_mm=depth_mm(header.samples, rate_mhz)),
                simulated=any(one is not None and one.self_test is not None for one in sweep),
                machine=MACHINE,
            )
        )
        self._count += 1

    def _beat(self, now_s: float) -> None:
        """The probe streams until it is stopped: nothing is due."""

    def _farewell(self) -> bytes:
        return commands.STOP + commands.DISARM

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:  # noqa: ARG002 - it has other settings
        """Returns unknown settings: the pic0rick has no depth and no gain in decibels."""
        return AcquisitionSettings()


def _image(sweep: list[Line | None], samples: int) -> Grey:
    """(rows, lines): each row is the strongest of eight samples; a line that is missing or has another length is black."""
    strengths = np.zeros((len(sweep), samples), np.float32)
    for number, line in enumerate(sweep):
        if line is not None and line.header.samples == samples:
            amplitude = line.amplitude[np.newaxis]
            strengths[number] = of_rf(amplitude)[0] if line.header.kind is Kind.RAW else np.abs(amplitude[0])
    rows = -(-samples // SAMPLES_A_ROW)
    padded = np.zeros((len(sweep), rows * SAMPLES_A_ROW), np.float32)
    padded[:, :samples] = strengths
    return np.ascontiguousarray(to_grey(padded.reshape(len(sweep), rows, SAMPLES_A_ROW).max(axis=2), DYNAMIC_RANGE_DB, FULL_SCALE).T)
