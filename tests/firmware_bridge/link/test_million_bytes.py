"""A million damaged bytes, in bursts at known places: the allowed loss from each burst, and losses that cover all of it."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import pytest

from firmware_bridge.link.decoder import Decoder, Loss
from firmware_bridge.link.encoder import encode
from firmware_bridge.link.header import HEADER_SIZE
from firmware_bridge.link.messages import Event, FrameData, Heartbeat, Hello, Message, PixelFormat

MUTATED_BYTES = 1_000_000
ROWS, COLUMNS = 24, 40
BURST_BYTES = 600


def flip(message: bytes, at: int, size: int, rng: Random) -> bytes:
    return message[:at] + bytes(byte ^ rng.randint(1, 255) for byte in message[at : at + size]) + message[at + size :]


def delete(message: bytes, at: int, size: int, rng: Random) -> bytes:
    return message[:at] + message[at + size :]


def insert(message: bytes, at: int, size: int, rng: Random) -> bytes:
    return message[:at] + rng.randbytes(size) + message[at:]


def truncate(message: bytes, at: int, size: int, rng: Random) -> bytes:
    return message[: len(message) - size]


DAMAGE: tuple[Callable[[bytes, int, int, Random], bytes], ...] = (flip, delete, insert, truncate)


@dataclass
class Damaged:
    """A stream in which about every second message is valid, the messages sent, and the frames that each burst could hit."""

    data: bytes
    sent: dict[int, bytes]
    destroyed: set[int]
    bursts: int
    mutated: int


def damaged_stream(rng: Random) -> Damaged:
    parts, sent, destroyed, bursts, mutated = [encode(Hello("a", "1", "2"))], {}, set(), 0, 0
    while mutated < MUTATED_BYTES:
        number = len(sent)
        is_frame = rng.random() < 0.9
        pixels = rng.randbytes(ROWS * COLUMNS)
        message = encode(FrameData(PixelFormat.GREY8, ROWS, COLUMNS, memoryview(pixels)) if is_frame else Event("button"), number)
        if is_frame:
            sent[number] = pixels
        if bursts < len(parts) // 2:
            bursts += 1
            size = rng.randint(1, min(BURST_BYTES, len(message)))
            broken = rng.choice(DAMAGE)(message, rng.randint(0, len(message) - size), size, rng)
            mutated += size
            if is_frame and message not in broken:
                destroyed.add(number)
            message = broken
        parts.append(message)
    parts.append(encode(Heartbeat(), len(sent)))
    return Damaged(b"".join(parts), sent, destroyed, bursts, mutated)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_million_mutated_bytes_cost_at_most_one_frame_a_burst(seed):
    rng = Random(seed)
    stream = damaged_stream(rng)
    decoder, at, items = Decoder(), 0, []
    while at < len(stream.data):
        size = rng.randint(1, 8192)
        items += decoder.feed(stream.data[at : at + size])
        at += size
    items += decoder.close()
    messages = [item for item in items if isinstance(item, Message)]
    losses = [item for item in items if isinstance(item, Loss)]
    received = {item.header.sequence: bytes(item.body.data) for item in messages if isinstance(item.body, FrameData)}

    assert stream.mutated >= MUTATED_BYTES
    assert len(stream.destroyed) > 1000
    assert received == {number: pixels for number, pixels in stream.sent.items() if number not in stream.destroyed}
    assert sum(loss.frames for loss in losses) == len(stream.destroyed) <= stream.bursts
    assert sum(loss.bytes for loss in losses) + sum(HEADER_SIZE + item.header.length for item in messages) == len(stream.data)
