import struct
import zlib

import pytest

from firmware_bridge.link.header import HEADER_SIZE, Flags, Header, MessageType

HEADER = Header(
    version=1,
    type=MessageType.FRAME,
    flags=Flags.SIMULATED | Flags.REPLAY,
    sequence=0x01020304,
    time_us=0x1112131415161718,
    length=0x212223,
    payload_crc=0x31323334,
)


def test_the_layout_is_the_specified_one():
    packed = HEADER.pack()
    checked = b"SLNK\x01\x04\x03\x00\x04\x03\x02\x01\x18\x17\x16\x15\x14\x13\x12\x11\x23\x22\x21\x00\x34\x33\x32\x31"
    assert packed == checked + struct.pack("<I", zlib.crc32(checked))
    assert len(packed) == HEADER_SIZE == 32


def test_unpacks_at_an_offset():
    assert Header.unpack(b"before" + HEADER.pack() + b"after", 6) == HEADER


@pytest.mark.parametrize("at", range(HEADER_SIZE))
def test_any_changed_byte_makes_it_no_header(at):
    packed = bytearray(HEADER.pack())
    packed[at] ^= 0x10
    assert Header.unpack(bytes(packed)) is None


def test_a_right_checksum_over_another_magic_is_no_header():
    checked = b"SLNX" + HEADER.pack()[4:28]
    assert Header.unpack(checked + struct.pack("<I", zlib.crc32(checked))) is None


def test_flags_of_a_newer_probe_stay_unchanged():
    header = Header(1, MessageType.FRAME, Flags(0x8001), 0, 0, 0, 0)
    unpacked = Header.unpack(header.pack())
    assert unpacked is not None
    assert unpacked.flags == 0x8001
    assert Flags.SIMULATED in unpacked.flags
    assert Flags.REPLAY not in unpacked.flags
