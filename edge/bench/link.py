"""How fast the link decodes, against the floor that any checked link pays: CRC-32 over the same bytes."""

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

import numpy as np

from firmware_bridge.link.decoder import Decoder
from firmware_bridge.link.encoder import encode
from firmware_bridge.link.messages import FrameData, Message, PixelFormat

ROWS, COLUMNS = 480, 640
FRAMES = 4
CHUNKS = (4096, 65536)
"""Bytes a read: what a terminal gives, and what a USB bulk endpoint or a socket gives."""

_Input = TypeVar("_Input")


@dataclass(frozen=True, slots=True)
class LinkFigures:
    """Megabytes (10**6 bytes) a second on one core; `decode_mb_s` is the slower of the chunk sizes, and the ratio is decode to CRC-32."""

    decode_mb_s: float
    crc32_mb_s: float
    crc32_ratio: float


def measure(seconds: float = 3.0) -> LinkFigures:
    """Decodes 640x480 grey8 frames and checksums the same bytes, turn by turn for about this many seconds; medians of the turns."""
    noise = np.random.default_rng(1).integers(0, 256, (FRAMES, ROWS * COLUMNS), dtype=np.uint8)
    stream = b"".join(encode(FrameData(PixelFormat.GREY8, ROWS, COLUMNS, memoryview(image)), number) for number, image in enumerate(noise))
    reads = {size: [stream[at : at + size] for at in range(0, len(stream), size)] for size in CHUNKS}
    crc: list[float] = []
    decode: dict[int, list[float]] = {size: [] for size in CHUNKS}
    end = time.perf_counter() + seconds
    while not crc or time.perf_counter() < end:
        for size, chunks in reads.items():
            decode[size].append(_seconds(_decode, chunks))
        crc.append(_seconds(zlib.crc32, stream))
    megabytes = len(stream) / 1e6
    decode_s, crc_s = max(median(turns) for turns in decode.values()), median(crc)
    return LinkFigures(megabytes / decode_s, megabytes / crc_s, crc_s / decode_s)


def _decode(chunks: list[bytes]) -> None:
    decoder = Decoder()
    frames = 0
    for chunk in chunks:
        for item in decoder.feed(chunk):
            frames += isinstance(item, Message)
    if frames != FRAMES:
        raise RuntimeError(f"{frames} frames of {FRAMES} were decoded")


def _seconds(work: Callable[[_Input], object], data: _Input) -> float:
    begin = time.perf_counter()
    work(data)
    return time.perf_counter() - begin
