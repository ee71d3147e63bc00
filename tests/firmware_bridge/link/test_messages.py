import json
import struct

import pytest

from firmware_bridge.errors import MalformedMessage
from firmware_bridge.frame import AcquisitionSettings, Geometry
from firmware_bridge.link.encoder import encode
from firmware_bridge.link.header import Flags, Header, MessageType
from firmware_bridge.link.messages import GeometryReport, SettingsReport, Start, Status, Unknown, read_body


def read(kind: int, payload: bytes, version: int = 1):
    return read_body(Header(version, kind, Flags(0), 0, 0, len(payload), 0), memoryview(payload))


def test_what_was_written_is_read(example):
    message = encode(example)
    header = Header.unpack(message)
    assert header is not None
    assert read_body(header, memoryview(message)[32:]) == example


def test_unknown_keys_are_ignored_and_missing_ones_are_not_known():
    assert read(MessageType.SETTINGS, b'{"depth_mm": 90, "colour": "red"}') == SettingsReport(AcquisitionSettings(depth_mm=90.0))
    assert read(MessageType.GEOMETRY, b"{}") == GeometryReport(Geometry())
    assert read(MessageType.STATUS, b'{"battery_percent": null}') == Status(None, None, 0)


def test_other_types_and_versions_stay_unread():
    assert read(0x7F, b"later") == Unknown(memoryview(b"later"))
    assert read(MessageType.START, b"not JSON", version=2) == Unknown(memoryview(b"not JSON"))


def frame(pixel_format: int, rows: int, columns: int, size: int) -> bytes:
    return struct.pack("<BxHHxx", pixel_format, rows, columns) + bytes(size)


MALFORMED = {
    "not JSON": (MessageType.SETTINGS, b"{"),
    "not UTF-8": (MessageType.SETTINGS, b'{"preset": "\xff"}'),
    "not an object": (MessageType.SETTINGS, b"[1]"),
    "nested beyond measure": (MessageType.SETTINGS, b"[" * 100_000),
    "number as text": (MessageType.SETTINGS, b'{"depth_mm": "90"}'),
    "number as truth": (MessageType.SETTINGS, b'{"depth_mm": true}'),
    "not a number": (MessageType.SETTINGS, b'{"depth_mm": NaN}'),
    "infinite": (MessageType.SETTINGS, b'{"depth_mm": 1e999}'),
    "whole number beyond a float": (MessageType.SETTINGS, b'{"depth_mm": 1' + b"0" * 400 + b"}"),
    "whole number beyond Python": (MessageType.SETTINGS, b'{"depth_mm": 1' + b"0" * 5000 + b"}"),
    "text as number": (MessageType.SET_SETTINGS, b'{"preset": 1}'),
    "no such shape": (MessageType.GEOMETRY, b'{"shape": "round"}'),
    "pair of one": (MessageType.GEOMETRY, b'{"mm_per_px": [1]}'),
    "pair of text": (MessageType.GEOMETRY, b'{"mm_per_px": ["1", "2"]}'),
    "hello without a name": (MessageType.HELLO, b'{"versions": [1]}'),
    "capabilities as text": (
        MessageType.HELLO,
        b'{"device": "a", "firmware": "1", "serial_number": "2", "versions": [1], "capabilities": "jpeg"}',
    ),
    "start without versions": (MessageType.START, b""),
    "start with none": (MessageType.START, b'{"versions": []}'),
    "start with a version as truth": (MessageType.START, b'{"versions": [true]}'),
    "start with version 0": (MessageType.START, b'{"versions": [0]}'),
    "dropped below zero": (MessageType.STATUS, b'{"dropped_frames": -1}'),
    "event without a name": (MessageType.EVENT, b"{}"),
    "half a character": (MessageType.EVENT, b'{"name": "\\ud800"}'),
    "error without a code": (MessageType.ERROR, b"{}"),
    "frame without format": (MessageType.FRAME, b"\x01\x00\x03"),
    "frame of no format": (MessageType.FRAME, frame(9, 3, 4, 12)),
    "frame too short": (MessageType.FRAME, frame(1, 3, 4, 11)),
    "frame too long": (MessageType.FRAME, frame(1, 3, 4, 13)),
    "frame of nothing": (MessageType.FRAME, frame(1, 0, 4, 0)),
    "lines too short": (MessageType.FRAME, frame(4, 3, 4, 12)),
    "empty JPEG": (MessageType.FRAME, frame(2, 3, 4, 0)),
    "JPEG beyond measure": (MessageType.FRAME, frame(2, 65535, 65535, 10)),
}


@pytest.mark.parametrize(("kind", "payload"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_payload_that_breaks_the_specification_is_malformed(kind, payload):
    with pytest.raises(MalformedMessage, match="SonoLink") as caught:
        read(kind, payload)
    assert "firmware" in caught.value.fix


def test_none_is_left_out_of_json():
    assert json.loads(encode(Start())[32:]) == {"versions": [1]}
    assert json.loads(encode(Status(None, None, 0))[32:]) == {"dropped_frames": 0}
