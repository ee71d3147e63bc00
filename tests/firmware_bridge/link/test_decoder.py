"""What the decoder makes of each kind of damage, and that every byte is accounted for."""

import numpy as np
import pytest

from firmware_bridge.link import decoder as d
from firmware_bridge.link.decoder import Decoder, Loss
from firmware_bridge.link.encoder import encode
from firmware_bridge.link.header import HEADER_SIZE, PAYLOAD_LIMIT, Flags, Header, MessageType
from firmware_bridge.link.messages import Event, FrameData, Heartbeat, Hello, Message, PixelFormat, Unknown

RNG = np.random.default_rng(7)
PIXELS = [RNG.integers(0, 256, (40, 50), dtype=np.uint8).tobytes() for _ in range(4)]
FRAMES = [encode(FrameData(PixelFormat.GREY8, 40, 50, memoryview(pixels)), number) for number, pixels in enumerate(PIXELS)]
SIZE = len(FRAMES[0])


def decode(data: bytes, chunk: int = 4096, close: bool = True) -> list[Message | Loss]:
    decoder = Decoder()
    items = [item for at in range(0, len(data), chunk) for item in decoder.feed(data[at : at + chunk])]
    return [*items, *decoder.close()] if close else items


def numbers(items: list[Message | Loss]) -> list[int]:
    return [item.header.sequence for item in items if isinstance(item, Message) and isinstance(item.body, FrameData)]


def losses(items: list[Message | Loss]) -> list[Loss]:
    return [item for item in items if isinstance(item, Loss)]


@pytest.mark.parametrize("chunk", [1, 7, 32, 33, 4096, 10**6])
def test_valid_frames_arrive_bit_exact_in_chunks_of_any_size(chunk):
    items = decode(b"".join(FRAMES), chunk, close=False)
    assert [bytes(item.body.data) for item in items if isinstance(item, Message)] == PIXELS


def test_a_frames_data_are_a_read_only_view_of_the_buffer_that_received_them():
    (message,) = decode(FRAMES[0])
    view = np.frombuffer(message.body.data, np.uint8)
    assert message.body.data.readonly
    assert not view.flags.owndata
    assert len(message.body.data.obj) == SIZE - HEADER_SIZE


def test_a_long_payload_may_trickle_in_byte_by_byte():
    pixels = bytes(range(256)) * 400
    body = FrameData(PixelFormat.GREY8, 400, 256, memoryview(pixels))
    assert len(pixels) > d.MOST_PARTS
    (message,) = decode(encode(body), chunk=1)
    assert message.body == body


def test_chunks_may_be_views_of_a_buffer_that_is_used_again():
    buffer = bytearray(100)
    decoder = Decoder()
    items: list[Message | Loss] = []
    for at in range(0, SIZE, 100):
        count = len(FRAMES[0][at : at + 100])
        buffer[:count] = FRAMES[0][at : at + 100]
        items += decoder.feed(memoryview(buffer)[:count])
    buffer[:] = bytes(100)
    assert bytes(items[0].body.data) == PIXELS[0]


def test_garbage_around_messages_is_counted():
    items = decode(b"x" * 10 + FRAMES[0] + b"SLNK" * 20 + FRAMES[1] + b"SLN")
    assert numbers(items) == [0, 1]
    assert losses(items) == [Loss(d.GARBAGE, 10, 0), Loss(d.GARBAGE, 80, 0), Loss(d.GARBAGE, 3, 0)]


def test_a_line_of_nothing_but_garbage_is_reported_before_it_ends():
    items = decode(bytes(200_000), close=False)
    assert sum(loss.bytes for loss in losses(items)) >= 200_000 - d.REPORT_BYTES
    assert {loss.cause for loss in losses(items)} == {d.GARBAGE}


def test_a_changed_header_loses_its_frame_and_the_number_tells():
    broken = bytearray(FRAMES[1])
    broken[20] ^= 1
    items = decode(FRAMES[0] + broken + FRAMES[2])
    assert numbers(items) == [0, 2]
    assert losses(items) == [Loss(d.GARBAGE, SIZE, 0), Loss(d.SEQUENCE_GAP, 0, 1)]


def test_a_changed_payload_loses_its_frame():
    broken = bytearray(FRAMES[1])
    broken[100:300] = bytes(200)
    items = decode(FRAMES[0] + broken + FRAMES[2])
    assert numbers(items) == [0, 2]
    assert losses(items) == [Loss(d.PAYLOAD_CRC, SIZE, 1)]


@pytest.mark.parametrize("left", [HEADER_SIZE, HEADER_SIZE + 1, 500, SIZE - 1])
def test_a_truncated_frame_costs_nothing_of_what_follows(left):
    items = decode(FRAMES[0] + FRAMES[1][:left] + FRAMES[2] + FRAMES[3])
    assert numbers(items) == [0, 2, 3]
    assert losses(items) == [Loss(d.TRUNCATED, left, 1)]


def test_a_truncated_frame_gives_back_all_the_small_messages_that_it_swallowed():
    small = b"".join(encode(Event(f"button {number}"), 1) for number in range(20))
    items = decode(FRAMES[0][:100] + small + FRAMES[1] + FRAMES[2])
    assert [item.body.name for item in items if isinstance(item, Message) and isinstance(item.body, Event)] == [
        f"button {number}" for number in range(20)
    ]
    assert losses(items) == [Loss(d.TRUNCATED, 100, 1)]


def test_inserted_bytes_cost_only_the_frame_that_they_split():
    items = decode(FRAMES[0] + FRAMES[1][:500] + b"?" * 60 + FRAMES[1][500:] + FRAMES[2])
    assert numbers(items) == [0, 2]
    assert losses(items) == [Loss(d.PAYLOAD_CRC, SIZE + 60, 1)]


def test_truncated_frames_one_after_the_other_are_each_reported():
    items = decode(FRAMES[0][:700] + FRAMES[1][:900] + FRAMES[2] + FRAMES[3])
    assert numbers(items) == [2, 3]
    assert losses(items) == [Loss(d.TRUNCATED, 700, 1), Loss(d.TRUNCATED, 900, 1)]


def test_a_frame_that_never_arrived_is_known_from_any_message_after_it():
    items = decode(FRAMES[0] + encode(Heartbeat(), 3))
    assert losses(items) == [Loss(d.SEQUENCE_GAP, 0, 2)]


def test_frame_numbers_wrap_without_a_loss():
    body = FrameData(PixelFormat.GREY8, 40, 50, memoryview(PIXELS[0]))
    items = decode(encode(body, 2**32 - 1) + encode(body, 2**32) + encode(body, 2**32 + 2))
    assert losses(items) == [Loss(d.SEQUENCE_GAP, 0, 1)]


def test_a_hello_restarts_the_numbers():
    items = decode(FRAMES[3] + encode(Hello("a", "1", "2")) + FRAMES[0])
    assert losses(items) == []


def test_numbers_that_go_back_without_a_hello_are_reported():
    assert losses(decode(FRAMES[3] + FRAMES[0] + FRAMES[1])) == [Loss(d.SEQUENCE_RESTART, 0, 0)]


def test_a_payload_against_the_specification_is_reported_and_skipped():
    wrong = encode(FrameData(PixelFormat.GREY8, 40, 51, memoryview(PIXELS[1])), 1)
    items = decode(FRAMES[0] + wrong + FRAMES[2])
    assert numbers(items) == [0, 2]
    assert losses(items) == [Loss(d.MALFORMED, SIZE, 1)]


def test_a_length_beyond_the_limit_is_malformed_at_once():
    header = Header(1, MessageType.FRAME, Flags(0), 1, 0, PAYLOAD_LIMIT + 1, 0)
    items = decode(FRAMES[0] + header.pack() + FRAMES[2])
    assert numbers(items) == [0, 2]
    assert losses(items) == [Loss(d.MALFORMED, HEADER_SIZE, 1)]


def test_messages_of_another_version_or_type_are_stepped_over():
    foreign = Header(9, MessageType.FRAME, Flags(0), 77, 0, 3, 0x352441C2).pack() + b"abc"
    unknown = Header(1, 0x7E, Flags(0), 1, 0, 3, 0x352441C2).pack() + b"abc"
    items = decode(FRAMES[0] + foreign + unknown + FRAMES[1])
    assert numbers(items) == [0, 1]
    assert [item.body for item in items if isinstance(item, Message)][1:3] == [Unknown(memoryview(b"abc"))] * 2
    assert losses(items) == []


def test_closing_gives_up_what_waits_and_returns_what_it_had_swallowed():
    decoder = Decoder()
    assert list(decoder.feed(FRAMES[0][:300] + encode(Event("button"), 1) + b"SLNK")) == []
    event, *lost = sorted(decoder.close(), key=lambda item: isinstance(item, Loss))
    assert event.body == Event("button")
    assert lost == [Loss(d.TRUNCATED, 300, 1), Loss(d.GARBAGE, 4, 0)]
    assert list(decoder.close()) == []
