"""Decoding speed of the links, each compared with its own checksum over the same bytes: the minimum cost of any link with a checksum.

Also the latency of a frame, from reading its last byte to the delivery of the `Frame`.
"""

import math
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from statistics import median

import numpy as np
from fastcrc.crc64 import ecma_182

from firmware_bridge.igtl.decoder import Decoder as IgtlDecoder
from firmware_bridge.igtl.encoder import encode as igtl_encode
from firmware_bridge.igtl.image import IDENTITY, Image
from firmware_bridge.igtl.messages import Message as IgtlMessage
from firmware_bridge.link.decoder import Decoder, Loss
from firmware_bridge.link.encoder import encode
from firmware_bridge.link.messages import FrameData, Message, PixelFormat
from firmware_bridge.sources.url import open_source

ROWS, COLUMNS = 480, 640
FRAMES = 4
PORT_READS, SOCKET_READS = (4096, 65536), (65536, 262144)
"""Bytes per read: for a terminal and a USB bulk endpoint, and for a socket."""
TARGETS = {"crc32_ratio": (">=", 0.5), "crc64_ratio": (">=", 0.5), "frame_way_ms_p99": ("<=", 1.0)}
WAY_FRAMES_S = 60
PROBE = f"virtual://chest?size=480&rendered=8&fps={WAY_FRAMES_S}"


@dataclass(frozen=True, slots=True)
class LinkFigures:
    """Megabytes (10**6 bytes) per second on one core. A decoder's figure is for the slower chunk size; its ratio is to its checksum.

    `frame_way_ms` is the latency of 480x480 grey8 frames of the virtual probe, over SonoLink on a pty.
    """

    decode_mb_s: float
    crc32_mb_s: float
    crc32_ratio: float
    igtl_decode_mb_s: float
    crc64_mb_s: float
    crc64_ratio: float
    frame_way_ms_p50: float
    frame_way_ms_p99: float


def measure(seconds: float = 3.0) -> LinkFigures:
    """Decodes 640x480 grey8 frames and computes checksums of the same bytes, alternately, for about this many seconds; returns medians."""
    noise = np.random.default_rng(1).integers(0, 256, (FRAMES, ROWS, COLUMNS, 1), dtype=np.uint8)
    messages = [FrameData(PixelFormat.GREY8, ROWS, COLUMNS, memoryview(image).cast("B")) for image in noise]
    sonolink = b"".join(encode(message, number) for number, message in enumerate(messages))
    igtl = b"".join(igtl_encode(Image(image, (COLUMNS, ROWS), (0, 0), IDENTITY), "bench") for image in noise)
    return LinkFigures(
        *_compare(sonolink, PORT_READS, _sonolink_s, zlib.crc32, seconds / 3),
        *_compare(igtl, SOCKET_READS, _igtl_s, ecma_182, seconds / 3),
        *_frame_way_ms(seconds / 3),
    )


def _compare(
    stream: bytes, sizes: tuple[int, ...], decode: Callable[[list[bytes]], float], checksum: Callable[[bytes], int], seconds: float
) -> tuple[float, float, float]:
    """(decoded MB/s, checksummed MB/s, ratio)."""
    reads = {size: [stream[at : at + size] for at in range(0, len(stream), size)] for size in sizes}
    checked: list[float] = []
    decoded: dict[int, list[float]] = {size: [] for size in sizes}
    end = time.perf_counter() + seconds
    while not checked or time.perf_counter() < end:
        for size, chunks in reads.items():
            decoded[size].append(decode(chunks))
        begun = time.perf_counter()
        checksum(stream)
        checked.append(time.perf_counter() - begun)
    decode_s, check_s = max(median(turns) for turns in decoded.values()), median(checked)
    return len(stream) / 1e6 / decode_s, len(stream) / 1e6 / check_s, check_s / decode_s


def _sonolink_s(reads: list[bytes]) -> float:
    decoder = Decoder()
    begun = time.perf_counter()
    frames = sum(isinstance(item, Message) for read in reads for item in decoder.feed(read))
    spent_s = time.perf_counter() - begun
    _expect(frames)
    return spent_s


def _igtl_s(reads: list[bytes]) -> float:
    """A connection reads into the decoder's buffer. That is part of the read, like making `reads`, so it is not timed."""
    decoder, items, spent_s = IgtlDecoder(), list[IgtlMessage | Loss](), 0.0
    room = decoder.room()
    for read in reads:
        at = 0
        while at < len(read):
            part = read[at : at + len(room)]
            room[: len(part)] = part
            at += len(part)
            begun = time.perf_counter()
            items += decoder.took(len(part))
            room = decoder.room()
            spent_s += time.perf_counter() - begun
    _expect(sum(isinstance(item, IgtlMessage) for item in items))
    return spent_s


def _expect(frames: int) -> None:
    if frames != FRAMES:
        raise RuntimeError(f"{frames} frames were decoded instead of {FRAMES}")


def _frame_way_ms(seconds: float) -> tuple[float, float]:
    """p50 and p99 in milliseconds."""
    with open_source(PROBE) as source:
        frames = islice(source.frames(), math.ceil(seconds * WAY_FRAMES_S))
        way_ms = [(time.monotonic_ns() - frame.received_ns) / 1e6 for frame in frames]
    p50, p99 = np.percentile(way_ms, (50, 99))
    return float(p50), float(p99)
