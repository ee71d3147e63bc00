import zlib

import pytest

from firmware_bridge.errors import MalformedMessage
from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.link.encoder import encode, encode_parts
from firmware_bridge.link.header import PAYLOAD_LIMIT, Flags, Header
from firmware_bridge.link.messages import FrameData, Heartbeat, PixelFormat, SetSettings, Unknown


def test_the_header_describes_the_payload(example):
    message = encode(example, 5, 99, Flags.REPLAY)
    header = Header.unpack(message)
    assert header is not None
    assert (header.sequence, header.time_us, header.flags) == (5, 99, Flags.REPLAY)
    assert header.length == len(message) - 32
    assert header.payload_crc == zlib.crc32(message[32:])


def test_a_frames_pixels_are_passed_on_without_a_copy():
    pixels = bytearray(12)
    *_, data = encode_parts(FrameData(PixelFormat.GREY8, 3, 4, memoryview(pixels)))
    pixels[5] = 77
    assert isinstance(data, memoryview)
    assert data[5] == 77
    assert data.readonly


def test_sequence_numbers_wrap():
    header = Header.unpack(encode(Heartbeat(), 2**32 + 3))
    assert header is not None
    assert header.sequence == 3


def test_a_frame_beyond_the_limit_is_refused():
    with pytest.raises(MalformedMessage, match="16777224 bytes"):
        encode(FrameData(PixelFormat.GREY8, 4096, 4096, memoryview(bytes(PAYLOAD_LIMIT))))


def test_a_number_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        encode(SetSettings(AcquisitionSettings(gain_db=float("nan"))))


def test_an_unknown_message_cannot_be_sent():
    with pytest.raises(TypeError, match="Unknown"):
        encode(Unknown(memoryview(b"")))
