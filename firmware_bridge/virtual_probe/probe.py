"""The probe's side of SonoLink: bytes from the host in, messages for the host out. Sans-I/O."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from firmware_bridge.frame import AcquisitionSettings, Geometry
from firmware_bridge.link.decoder import Decoder, Loss
from firmware_bridge.link.encoder import encode, encode_parts
from firmware_bridge.link.header import VERSIONS, Flags
from firmware_bridge.link.messages import (
    RECORDING_ENDED,
    ErrorReport,
    Event,
    FrameData,
    GeometryReport,
    Heartbeat,
    Hello,
    Payload,
    PixelFormat,
    SetSettings,
    SettingsReport,
    Start,
    Status,
    Stop,
)
from firmware_bridge.link.reports import next_report
from firmware_bridge.virtual_probe.player import Player, Shown

PIXELS = "grey8"
HOST_SILENCE_US = 5_000_000
"""After this time without a message from the host the probe stops streaming: the cable is out."""
SIGN_OF_LIFE_US = 500_000

Parts = tuple[bytes | memoryview, ...]
Report = GeometryReport | SettingsReport


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity that the probe states; `versions` may be any, to test a host with a probe that it does not support."""

    device: str = "SonoEdge virtual probe"
    firmware: str = "1.0"
    serial_number: str = "VIRTUAL-1"
    versions: tuple[int, ...] = VERSIONS


class Probe:
    """One probe. Times are its own clock in microseconds."""

    def __init__(self, player: Player, identity: Identity) -> None:
        self._player = player
        self._identity = identity
        self._decoder = Decoder()
        self._geometry: Geometry | None = None
        self._settings: AcquisitionSettings | None = None
        self._sequence = self._reports = 0
        self._host_us = 0
        self._spoke_us = 0
        self._dropped = 0
        self.streaming = False

    def receive(self, data: bytes, now_us: int) -> bytes:
        """The answer to the host's bytes."""
        answers = b""
        for item in self._decoder.feed(data):
            self._host_us = now_us
            if not isinstance(item, Loss):
                answers += b"".join(encode(body, self._sequence, now_us) for body in self._answer(item.body))
        return answers

    def _answer(self, body: Payload) -> Iterator[Payload]:
        match body:
            case Start(versions, frames):
                yield from self._start(versions, wants_frames=frames != 0)
            case Stop():
                self.streaming = False
            case SetSettings(settings):
                self._settings = self._player.apply(settings)
                yield self._counted(SettingsReport(self._settings))

    def _start(self, versions: tuple[int, ...], *, wants_frames: bool) -> Iterator[Payload]:
        """Answers a start. Hello always comes first: it shows the host a mismatch and the next step."""
        who = self._identity
        self._sequence = self._reports = self._dropped = 0
        self._geometry, self._settings = None, None
        capabilities = (PIXELS, *self._player.capabilities)
        yield Hello(who.device, who.firmware, who.serial_number, capabilities, who.versions, self._player.recording, self._player.machine)
        agreed = bool(set(versions) & set(who.versions))
        self.streaming = agreed and wants_frames
        if not agreed:
            yield ErrorReport("version-mismatch", f"this probe uses SonoLink {who.versions}, the host {versions}")

    def frame(self, shown: Shown, now_us: int) -> Parts:
        """One frame to send, after its geometry and settings if they have changed."""
        before: Parts = ()
        if shown.geometry != self._geometry:
            self._geometry = shown.geometry
            before += (encode(self._counted(GeometryReport(shown.geometry)), self._sequence, now_us),)
        if shown.settings != self._settings:
            self._settings = shown.settings
            before += (encode(self._counted(SettingsReport(shown.settings)), self._sequence, now_us),)
        rows, columns = shown.pixels.shape
        data = FrameData(PixelFormat.GREY8, rows, columns, np.ascontiguousarray(shown.pixels).data, self._reports)
        flags = self._player.flags | (Flags.SIMULATED if shown.simulated else Flags(0))
        parts = encode_parts(data, self._sequence, now_us, flags)
        self._sequence += 1
        return before + parts

    def _counted(self, report: Report) -> Report:
        self._reports = next_report(self._reports)
        return report

    def drop(self) -> None:
        """A frame was due, but the host has not read the previous one: the number is used up, so that the gap shows."""
        self._sequence += 1
        self._dropped += 1

    def end(self, now_us: int) -> bytes:
        """The bytes to send at the end of a recording."""
        return encode(Event(RECORDING_ENDED), self._sequence, now_us)

    def tick(self, now_us: int) -> bytes:
        """The sign of life, when one is due; notices a lost host."""
        if self.streaming and now_us - self._host_us > HOST_SILENCE_US:
            self.streaming = False
        if not self.streaming or now_us - self._spoke_us < SIGN_OF_LIFE_US:
            return b""
        self._spoke_us = now_us
        return encode(Status(None, None, self._dropped), self._sequence, now_us) + encode(Heartbeat(), self._sequence, now_us)
