"""Video files, through FFmpeg: every frame in grey, on the full range 0 to 255 for any range in the file.

A frame is as players show it: upright, with square pixels. Most containers state their number of frames, so that missing frames can
be counted; Matroska and WebM do not.
"""

from collections.abc import Generator, Iterator
from fractions import Fraction
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from firmware_bridge.frame import Grey
from firmware_bridge.sources.clip_stream import clip_of, marks, shown
from firmware_bridge.sources.greys import luma, to_grey_pixels
from firmware_bridge.sources.recorded import UNTIMED_US, Lose, Picture, Recording, unreadable
from firmware_bridge.sources.upright import PixelShape, turn_of_matrix, turned
from firmware_bridge.sources.video_clock import VideoClock

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.sidedata.sidedata import SideDataContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

INVENTIVE = frozenset({"mpeg4", "msmpeg4v1", "msmpeg4v2", "msmpeg4", "h263", "flv", "wmv1", "wmv2"})
"""FFmpeg's decoders that give grey frames where a clip begins in the middle, up to its first whole picture; the others wait for that."""


def open_video(path: Path) -> Recording:
    """Opens a video file.

    Raises:
        SourceUnreadable: FFmpeg finds no clip in it, or the file hides all of it.
    """
    with _container(path) as container:
        stream = clip_of(path, container)
        number, frames = stream.index, shown(path, stream)
    if frames == 0:
        raise unreadable(path, "its edit list hides every frame", "Export the clip again, without a cut")
    return Recording(lambda lose: _pictures(path, number, lose), frames)


def _container(path: Path) -> "InputContainer":
    import av  # noqa: PLC0415 - FFmpeg is loaded only for a video

    if path.stat().st_size == 0:
        raise unreadable(path, "the file is empty (0 bytes)")
    try:
        return av.open(str(path), options={"protocol_whitelist": "file"}, metadata_errors="replace")
    except av.FFmpegError as error:
        raise unreadable(path, f"it is not a readable video, or is cut off ({error.strerror})") from error


def _pictures(path: Path, number: int, lose: Lose) -> Generator[Picture, None, None]:
    with _container(path) as container:
        stream = next(stream for stream in container.streams.video if stream.index == number)
        stream.thread_type = "AUTO"
        rate = stream.guessed_rate
        step_us = UNTIMED_US if rate is None else round(1_000_000 / rate)
        clock = VideoClock(container.format.name, step_us)
        given, lost = 0, 0
        for frame in _decoded(container, stream):
            if frame is None:
                lose("undecodable", 1)
                lost += 1
                continue
            yield Picture(_upright(frame, stream), clock.at_us(frame), step_us)
            given += 1
        missing = (shown(path, stream) or 0) - marks(stream) - given - lost
        if missing > 0:
            lose("missing", missing)


def _decoded(container: "InputContainer", stream: "VideoStream") -> Iterator["VideoFrame | None"]:
    """Each frame of the stream; None for each that is damaged, or that builds on pictures from before the clip begins."""
    whole = stream.codec_context.name not in INVENTIVE
    early: list[int] = []
    begun, failed = False, 0
    for packet, frames in _attempts(container, stream):
        if frames is None:
            failed += 1
            yield None
            continue
        if not begun and packet is not None and packet.pts is not None and not packet.is_discard:
            early.append(packet.pts)
        for frame in frames:
            if not begun:
                begun = True
                yield from repeat(None, sum(at < (frame.pts or 0) for at in early) - failed)
            whole = whole or frame.key_frame
            yield frame if whole and not frame.is_corrupt else None


def _attempts(
    container: "InputContainer", stream: "VideoStream"
) -> Iterator[tuple["Packet[VideoStream] | None", "list[VideoFrame] | None"]]:
    """Each packet, and the frames that come out as it goes in; None for damage in it or between packets."""
    import av  # noqa: PLC0415 - FFmpeg is loaded only for a video

    packets = container.demux(stream)
    while True:
        packet = frames = None
        try:
            packet = next(packets, None)
            if packet is None:
                return
            frames = packet.decode()
        except av.FFmpegError:
            pass
        yield packet, frames


def _upright(frame: "VideoFrame", stream: "VideoStream") -> Grey:
    """(rows, columns) as a player shows the frame: with square pixels, turned and mirrored as its display matrix states.

    Each frame has its own matrix; the shape of a pixel is the container's own, else the one of the frames decoded last.
    """
    aspect = stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio or Fraction(1)
    pixels = PixelShape(aspect.numerator, aspect.denominator).squared(_grey(frame))
    matrix = _display_matrix(frame)
    return pixels if matrix is None else turned(pixels, turn_of_matrix(matrix))


def _display_matrix(frame: "VideoFrame") -> list[int] | None:
    """Its nine numbers; PyAV's own `rotation` does not tell whether a frame is mirrored."""
    from av.sidedata.sidedata import Type  # noqa: PLC0415 - FFmpeg is loaded only for a video

    for data in cast("SideDataContainer", frame.side_data):
        if data.type is Type.DISPLAYMATRIX:
            return [int(number) for number in np.frombuffer(bytes(data), np.int32)]
    return None


def _grey(frame: "VideoFrame") -> Grey:
    """(rows, columns) luma, over black where the frame is transparent.

    FFmpeg stretches the limited range (16 to 235) to the full range, bit for bit by its definition.
    """
    if any(component.is_alpha for component in frame.format.components):
        return to_grey_pixels(frame.to_ndarray(format="rgba"))
    if frame.format.is_rgb:
        return luma(frame.to_ndarray(format="rgb24"))
    return np.asarray(frame.to_ndarray(format="gray"), np.uint8)
