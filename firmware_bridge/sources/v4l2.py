"""Frame grabbers and cameras as a source: `v4l2:///dev/video0?size=640x480&fps=30&format=mjpeg`, through FFmpeg (PyAV).

YUYV and MJPEG become grey. A frame is whole if the decoder delivers every row: grabbers pad their JPEGs with any bytes, or leave the
end mark out. A damaged frame is dropped and counted (`damaged`). Missing frames are counted too, from the driver's times
(`sequence-gap`). The device is read without blocking, so that a device that hangs when it is unplugged is noticed. The decoding
of packets was tested on real streams; no grabber was available for tests.
"""

import errno
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from firmware_bridge.errors import (
    BridgeError,
    ProbeSilent,
    ProbeUnplugged,
    SourceAbsent,
    SourceBusy,
    SourceDenied,
    SourceUnknown,
    SourceUnreadable,
)
from firmware_bridge.frame import AcquisitionSettings, Frame, Grey
from firmware_bridge.link.decoder import SEQUENCE_GAP
from firmware_bridge.link.jpeg import first_image
from firmware_bridge.machine import Machine
from firmware_bridge.sources.base import Closing, Origin, SourceInfo, SourceLoss
from firmware_bridge.sources.damage import DamageWatch
from firmware_bridge.sources.ports import holders_of
from firmware_bridge.sources.url import SourceUrl
from firmware_bridge.sources.v4l2_node import look

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

FORMATS = {"mjpeg": "mjpeg", "yuyv": "yuyv422"}
SIZE = re.compile(r"\d{2,4}x\d{2,4}")
SILENCE_S, LOOK_EVERY_S = 3.0, 0.004
DAMAGED = "damaged"
STRICT = {"err_detect": "explode"}
"""FFmpeg reports damage within an image as an error; without this it fills the missing rows."""
LATE = 1.6
"""If a frame comes after this many usual intervals, one or more frames before it were lost."""
INTERVALS = 32
"""The usual interval is taken from this many intervals."""


def open_v4l2(url: SourceUrl) -> "V4l2Source":
    """Opens a node that can capture.

    Raises:
        SourceUnknown: an unknown option.
        SourceAbsent, SourceBusy, SourceDenied, SourceUnreadable: the node cannot be opened, or gives no frames.
    """
    url.allow("size", "fps", "format")
    options = _options(url)
    if not Path(url.path).exists():
        raise SourceAbsent(f"{url.path or 'the grabber'} is not there", "Plug it in; `sonoedge probe list` shows all ports")
    import av  # noqa: PLC0415 - FFmpeg is loaded only when it is needed

    try:
        capability, formats = look(url.path)
        if not capability.captures:
            raise SourceUnreadable(f"{url.path} ({capability.card}) gives no frames", "Name its other node; `sonoedge probe list` shows it")
        container = av.open(url.path, format="v4l2", options=options)
    except OSError as error:
        raise _refusal(url.path, error) from error
    except av.FFmpegError as error:
        raise SourceUnreadable(f"{url.path} cannot be opened ({error.strerror})", FIXES[SourceUnreadable]) from error
    name = f"{capability.card} ({', '.join(formats)})"
    machine = Machine.named(capability.card)
    info = SourceInfo(url.text, name, Origin.LIVE, capability.card, capability.driver, machine=machine)
    return V4l2Source(container, info, url.path)


def _options(url: SourceUrl) -> dict[str, str]:
    options = {"fflags": "nonblock"}
    if "size" in url.options:
        if not SIZE.fullmatch(url.options["size"]):
            raise SourceUnknown(f"'{url.text}': size={url.options['size']} is not a size", "Write for example size=640x480")
        options["video_size"] = url.options["size"]
    if "format" in url.options:
        if url.options["format"] not in FORMATS:
            raise SourceUnknown(f"'{url.text}': format={url.options['format']} is unknown", f"Write format={' or format='.join(FORMATS)}")
        options["input_format"] = FORMATS[url.options["format"]]
    if "fps" in url.options:
        rate = url.number("fps", 30)
        if not 1 <= rate <= 240:
            raise SourceUnknown(f"'{url.text}': fps={rate:g} is out of range", "Write fps=1 to fps=240")
        options["framerate"] = f"{rate:g}"
    return options


REFUSALS = {errno.EACCES: SourceDenied, errno.EPERM: SourceDenied, errno.ENODEV: SourceAbsent, errno.ENOENT: SourceAbsent}
FIXES = {
    SourceDenied: "Add the user to the group video, or install the udev rules; then log in again",
    SourceAbsent: "Plug it in; it is opened again automatically",
    SourceUnreadable: "Name a grabber's node; leave size, fps and format out to use its own",
}


def _refusal(path: str, error: OSError) -> BridgeError:
    if error.errno == errno.EBUSY:
        return SourceBusy(f"{', '.join(holders_of(path)) or 'another program'} holds {path}", "Close it")
    kind = REFUSALS.get(error.errno or 0, SourceUnreadable)
    return kind(f"{path} cannot be opened ({error.strerror or error})", FIXES[kind])


class Grabs:
    """Packets in, grey images and counted losses out; independent of device and clock."""

    def __init__(self, stream: "VideoStream", lose: Callable[[str, int], None]) -> None:
        stream.codec_context.options = {**stream.codec_context.options, **STRICT}
        self._stream = stream
        self._lose = lose
        self._last_us: int | None = None
        self._intervals: list[int] = []

    def take(self, packet: "Packet[VideoStream]") -> Iterator[tuple[Grey, int]]:
        """(image, microseconds) of a packet: one, or none if it is damaged.

        The driver marks a buffer as damaged by giving none of its bytes; an empty packet without a time is the end of the stream.
        """
        import av  # noqa: PLC0415 - FFmpeg is loaded only when it is needed

        if packet.size == 0:
            if packet.pts is not None:
                self._drop(packet)
            return
        try:
            frames = self._decode(packet)
        except av.FFmpegError:
            self._drop(packet)
            return
        for frame in frames:
            if frame.is_corrupt:
                self._drop(packet)
                continue
            yield np.asarray(frame.to_ndarray(format="gray"), np.uint8), self._follow(packet)

    def _decode(self, packet: "Packet[VideoStream]") -> "list[VideoFrame]":
        import av  # noqa: PLC0415 - FFmpeg is loaded only when it is needed

        context = self._stream.codec_context
        return context.decode(av.Packet(first_image(bytes(packet))) if context.name == "mjpeg" else packet)

    def _drop(self, packet: "Packet[VideoStream]") -> None:
        self._follow(packet)
        self._lose(DAMAGED, 1)

    def _follow(self, packet: "Packet[VideoStream]") -> int:
        """The packet's time; counts the frames that are missing before it."""
        at_us = round(float(packet.pts * packet.time_base) * 1e6) if packet.pts is not None and packet.time_base else (self._last_us or 0)
        if self._last_us is not None and at_us > self._last_us:
            step = at_us - self._last_us
            usual = sorted(self._intervals)[len(self._intervals) // 2] if self._intervals else step
            if step > LATE * usual:
                self._lose(SEQUENCE_GAP, round(step / usual) - 1)
            else:
                self._intervals = [*self._intervals[1 - INTERVALS :], step]
        self._last_us = at_us
        return at_us


class V4l2Source(Closing):
    """An open grabber. One thread takes `frames()`; another may call `close`."""

    def __init__(self, container: "InputContainer", info: SourceInfo, path: str) -> None:
        self.info = info
        self._container = container
        self._path = path
        self._losses: Counter[str] = Counter()
        self._closed = threading.Event()
        self._reading = threading.Lock()
        self._damage = DamageWatch(path, "Check the grabber's cable and its hub, or name another size or format in its URL")
        self._grabs = Grabs(container.streams.video[0], self._lose)

    @property
    def notice(self) -> BridgeError | None:
        """A current fault while the grabber still gives packets."""
        return self._damage.notice

    @property
    def losses(self) -> tuple[SourceLoss, ...]:
        return tuple(SourceLoss(cause, frames) for cause, frames in list(self._losses.items()))

    def frames(self) -> Iterator[Frame]:
        """Each image as it is grabbed.

        Raises:
            SourceLost: it was unplugged, or sends no frames.
        """
        count, last_s = 0, time.monotonic()
        while not self._closed.is_set():
            images = self._next()
            if images is None:
                if time.monotonic() - last_s > SILENCE_S:
                    raise ProbeSilent(f"{self._path} has given no frame for {SILENCE_S:g} s", "Check the grabber's input and its cable")
                self._closed.wait(LOOK_EVERY_S)
                continue
            last_s = time.monotonic()
            for pixels, at_us in images:
                self._damage.given()
                yield Frame(pixels, count, at_us, time.monotonic_ns(), machine=self.info.machine)
                count += 1

    def _next(self) -> list[tuple[Grey, int]] | None:
        """The images of the next packet; None if there is no packet yet."""
        import av  # noqa: PLC0415 - FFmpeg is loaded only when it is needed

        with self._reading:
            if self._closed.is_set():
                return None
            try:
                packet = next(self._container.demux(video=0), None)
                return None if packet is None else list(self._grabs.take(packet))
            except BlockingIOError:
                return None
            except (av.FFmpegError, OSError) as error:
                why = error.strerror or error
                raise ProbeUnplugged(f"{self._path} was unplugged ({why})", "Check its cable; it is opened again automatically") from error

    def _lose(self, cause: str, frames: int) -> None:
        self._losses.update({cause: frames})
        if cause == DAMAGED:
            self._damage.lost(frames, "the decoder does not get every row")

    def apply(self, settings: AcquisitionSettings) -> AcquisitionSettings:  # noqa: ARG002 - a grabber cannot set the scanner
        return AcquisitionSettings()

    def close(self) -> None:
        if not self._closed.is_set():
            self._closed.set()
            with self._reading:
                self._container.close()
