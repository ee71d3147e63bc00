"""Video files, through FFmpeg: every frame in grey, on the full range 0 to 255 for any range in the file.

Most containers state their number of frames, so that missing frames can be counted; Matroska and WebM do not.
"""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from firmware_bridge.frame import Grey
from firmware_bridge.sources.recorded import UNTIMED_US, Lose, Picture, Recording, unreadable

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream


def open_video(path: Path) -> Recording:
    """Opens a video file.

    Raises:
        SourceUnreadable: FFmpeg finds no video in it.
    """
    with _container(path) as container:
        frames = container.streams.video[0].frames
    return Recording(lambda lose: _pictures(path, lose), frames or None)


def _container(path: Path) -> "InputContainer":
    import av  # noqa: PLC0415 - FFmpeg is loaded only for a video

    if path.stat().st_size == 0:
        raise unreadable(path, "the file is empty (0 bytes)")
    try:
        container = av.open(str(path), options={"protocol_whitelist": "file"}, metadata_errors="replace")
    except av.FFmpegError as error:
        raise unreadable(path, f"it is not a readable video, or is cut off ({error.strerror})") from error
    if not container.streams.video:
        container.close()
        raise unreadable(path, "it holds no video, or is cut off")
    return container


def _pictures(path: Path, lose: Lose) -> Generator[Picture, None, None]:
    with _container(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        rate = stream.guessed_rate
        step_us = UNTIMED_US if rate is None else round(1_000_000 / rate)
        given, lost, first_us = 0, 0, None
        for frame in _decoded(container, stream):
            if frame is None:
                lose("undecodable", 1)
                lost += 1
                continue
            at_us = round(frame.time * 1_000_000) if frame.pts is not None else given * step_us
            first_us = at_us if first_us is None else first_us
            yield Picture(_grey(frame), at_us - first_us, step_us)
            given += 1
        if stream.frames > given + lost:
            lose("missing", stream.frames - given - lost)


def _decoded(container: "InputContainer", stream: "VideoStream") -> Iterator["VideoFrame | None"]:
    """Each frame of the stream, None for a damaged frame."""
    import av  # noqa: PLC0415 - FFmpeg is loaded only for a video

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            frames = packet.decode()
        except av.FFmpegError:
            yield None
            continue
        for frame in frames:
            yield None if frame.is_corrupt else frame


def _grey(frame: "VideoFrame") -> Grey:
    """(rows, columns) luma; FFmpeg stretches the limited range (16 to 235) to the full range, bit for bit by its definition."""
    if frame.format.is_rgb:
        return np.asarray(Image.fromarray(frame.to_ndarray(format="rgb24")).convert("L"))
    return np.asarray(frame.to_ndarray(format="gray"), np.uint8)
