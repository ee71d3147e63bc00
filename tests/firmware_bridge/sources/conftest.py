"""Small real files, made afresh for each test."""

import struct
from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from firmware_bridge.frame import Grey

FULL = 2
"""FFmpeg's colour range whose luma runs from 0 to 255."""


def _with_grey_chroma(luma: Grey) -> Grey:
    return np.vstack((luma, np.full((luma.shape[0] // 2, luma.shape[1]), 128, np.uint8)))


STORED: dict[str, Callable[[Grey], Grey]] = {
    "gray": lambda luma: luma,
    "bgr24": lambda luma: np.dstack((luma, luma, luma)),
    "yuv420p": _with_grey_chroma,
    "yuvj420p": _with_grey_chroma,
}

MakeVideo = Callable[..., Path]
Noise = Callable[[int], list[Grey]]


@pytest.fixture
def make_video(tmp_path: Path) -> MakeVideo:
    """Writes planes of luma (rows, columns) as a lossless video and returns its path.

    `aspect` is the width to the height of a pixel (0: not stated), `matrix` the display matrix; at the numbers `repeated` the frame
    before is shown again; one frame in `every` is whole, at least.
    """

    def make(
        name: str,
        luma: Sequence[Grey],
        codec: str = "libx264",
        pix_fmt: str = "yuv420p",
        *,
        colour_range: int = FULL,
        rate: int = 25,
        aspect: Fraction = Fraction(0),
        matrix: Sequence[int] | None = None,
        repeated: Collection[int] = (),
        every: int = 250,
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w", options={"movflags": "faststart"} if path.suffix == ".mp4" else {}) as container:
            stream = container.add_stream(codec, rate=rate, options={"qp": "0"} if codec == "libx264" else {})
            stream.height, stream.width = luma[0].shape
            stream.pix_fmt = pix_fmt
            stream.codec_context.color_range = colour_range
            stream.codec_context.sample_aspect_ratio = aspect
            stream.codec_context.gop_size = every
            times = [number for number in range(len(luma) + len(repeated)) if number not in repeated]
            for number, plane in zip(times, luma, strict=True):
                frame = av.VideoFrame.from_ndarray(STORED[pix_fmt](plane), format=pix_fmt)
                frame.pts, frame.time_base = number, Fraction(1, rate)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        if matrix is not None:
            place_matrix(path, matrix)
        return path

    return make


def place_matrix(path: Path, matrix: Sequence[int]) -> None:
    """Writes a display matrix into the track header (version 0, ISO/IEC 14496-12) of an .mp4 or .mov of one track."""
    data = bytearray(path.read_bytes())
    struct.pack_into(">9i", data, data.find(b"tkhd") + 44, *matrix)
    path.write_bytes(data)


@pytest.fixture
def noise() -> Noise:
    """Planes of 64 x 48 that compress badly, so that a file has bytes to lose in each frame; the lower half shows the frame's number."""

    def make(count: int) -> list[Grey]:
        random = np.random.default_rng(7)
        pictures = [random.integers(0, 255, (48, 64), np.uint8) for _ in range(count)]
        for number, picture in enumerate(pictures):
            picture[24:] = 8 * number
        return pictures

    return make


@pytest.fixture(scope="session")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bytes, list[tuple[int, int]], int], Path]:
    """Writes a whole file under a name, with some bytes changed to others and cut off somewhere."""

    def write(name: str, whole: bytes, changes: list[tuple[int, int]], end: int) -> Path:
        data = bytearray(whole)
        for at, value in changes:
            data[at % len(data)] = value
        path = tmp_path_factory.getbasetemp() / name
        path.write_bytes(bytes(data[: end % (len(data) + 1)]))
        return path

    return write
