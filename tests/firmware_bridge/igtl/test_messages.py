"""Golden vectors from the format's own reference data, and messages that lie."""

import struct

import numpy as np
import pytest
from fastcrc.crc64 import ecma_182

from firmware_bridge.igtl.decoder import Decoder
from firmware_bridge.igtl.encoder import encode
from firmware_bridge.igtl.header import SIZE, Header, MalformedIgtl, timestamp_of
from firmware_bridge.igtl.image import IDENTITY, Image
from firmware_bridge.igtl.messages import Capability, Message, Status, String, Transform, read_message

MATRIX = (-0.954892, 0.196632, -0.222525, -0.196632, 0.142857, 0.970014, 0.222525, 0.970014, -0.0977491, 46.0531, 19.4709, 46.0531)

GOLDEN = {
    "TRANSFORM": (Transform(MATRIX), 106, "f6dd2b8eb4df6dd2"),
    "STATUS": (Status(15, 10, "ACTUATOR_DISABLED", "Actuator A is disabled."), 112, "98ee43eed8e431cf"),
    "STRING": (String("Welcome to OpenIGTLink", 3), 84, "cef1b42a701104d4"),
    "CAPABILITY": (Capability(("IMAGE", "GET_IMAGE", "TRANSFORM", "GET_TRANS")), 106, "6957e29e2b35ea1e"),
}


def picture(kind="u1", components=1, rows=5, columns=7, matrix=IDENTITY):
    samples = np.random.default_rng(1).integers(0, 100, (rows, columns, components)).astype(kind)
    return Image(samples, (columns, rows), (0, 0), matrix)


def decoded(data):
    (item,) = Decoder().feed(data)
    return item


def test_the_checksum_is_the_one_of_the_format():
    assert ecma_182(b"123456789") == 0x6C40DF5F0B497347


@pytest.mark.parametrize("kind", GOLDEN)
def test_golden_messages_are_written_to_the_byte_and_read_again(kind):
    body, size, crc = GOLDEN[kind]
    data = encode(body, "DeviceName", 1234567892)
    assert (len(data), data[50:58].hex()) == (size, crc)
    assert data[:34] == struct.pack(">H12s20s", 1, kind.encode(), b"DeviceName")
    assert data[34:42] == bytes.fromhex("00000000499602d4")
    message = decoded(data)
    assert message.header.type == kind
    if kind == "TRANSFORM":
        assert message.body.matrix == pytest.approx(MATRIX)
    else:
        assert message.body == body


@pytest.mark.parametrize("kind", ["i1", "u1", "<i2", ">u2", "<i4", ">u4", "<f4", ">f8"])
@pytest.mark.parametrize("components", [1, 3])
def test_every_scalar_type_and_byte_order_comes_back(kind, components):
    given = picture(kind, components)
    back = decoded(encode(given, "x", version=2)).body
    assert np.array_equal(back.samples, given.samples)
    assert back.grey.shape == (5, 7)
    assert back.grey.dtype == np.uint8


def test_spacing_is_the_length_of_each_column_of_the_matrix():
    turned = (0.0, 0.3, 0.4, 0.2, 0.0, 0.0, 0.0, 0.0, 1.0, 5.0, 6.0, 7.0)
    assert decoded(encode(picture(matrix=turned))).body.mm_per_px == pytest.approx((0.5, 0.2))


@pytest.mark.parametrize("matrix", [IDENTITY, (0.6, 0.8, 0.0, -0.8, 0.6, 0.0, 0.0, 0.0, 1.0, 5.0, 6.0, 7.0)])
def test_one_millimetre_both_ways_is_what_a_sender_without_a_scale_states(matrix):
    assert decoded(encode(picture(matrix=matrix))).body.mm_per_px is None


def test_one_millimetre_one_way_is_a_scale():
    assert decoded(encode(picture(matrix=(1.0, 0.0, 0.0, 0.0, 0.5, *IDENTITY[5:])))).body.mm_per_px == (1.0, 0.5)


@pytest.mark.parametrize("endian", [0, 1, 2, 3])
@pytest.mark.parametrize("scalar", [2, 3])
def test_samples_of_one_byte_have_no_byte_order(endian, scalar):
    body = image_body(endian=endian, scalar=scalar, data=b"\1\2\3\4")
    message = read_message(Header(1, "IMAGE", "x", 0, len(body), 0), memoryview(body))
    assert message.body.samples.ravel().tolist() == [1, 2, 3, 4]


def test_metadata_travels_from_version_2_on():
    stated = {"Patient side": "left", "Größe": "ü 中"}
    message = decoded(encode(String("hello"), "x", version=2, metadata=stated, message_id=77))
    assert (message.body.text, message.message_id) == ("hello", 77)
    assert list(message.metadata.values()) == list(stated.values())
    assert decoded(encode(String("hello"), "x", metadata=stated)).metadata == {}


def test_time_is_seconds_and_parts_of_2_to_the_32():
    assert timestamp_of(1.5) == 0x1_8000_0000
    assert Header(1, "STATUS", "", timestamp_of(1234.25), 0, 0).time_us == 1_234_250_000


def image_body(**changes):
    stated = {"version": 1, "components": 1, "scalar": 3, "endian": 1, "coordinates": 1, "size": (2, 2, 1), "matrix": IDENTITY} | changes
    offset, part = stated.get("offset", (0, 0, 0)), stated.get("part", stated["size"])
    head = struct.pack(">HBBBB", *(stated[name] for name in ("version", "components", "scalar", "endian", "coordinates")))
    return head + struct.pack(">3H12f3H3H", *stated["size"], *stated["matrix"], *offset, *part) + stated.get("data", bytes(4))


NAN = (float("nan"), *IDENTITY[1:])


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("IMAGE", b""),
        ("IMAGE", image_body(scalar=9)),
        ("IMAGE", image_body(endian=3, scalar=5, data=bytes(8))),
        ("IMAGE", image_body(endian=0, scalar=5, data=bytes(8))),
        ("IMAGE", image_body(coordinates=0)),
        ("IMAGE", image_body(components=0)),
        ("IMAGE", image_body(size=(0, 2, 1))),
        ("IMAGE", image_body(size=(2, 2, 3))),
        ("IMAGE", image_body(part=(3, 2, 1))),
        ("IMAGE", image_body(offset=(1, 0, 0))),
        ("IMAGE", image_body(matrix=NAN)),
        ("IMAGE", image_body(matrix=(0.0,) * 12)),
        ("IMAGE", image_body(data=bytes(3))),
        ("IMAGE", image_body(data=bytes(5))),
        ("IMAGE", image_body(size=(65535, 65535, 1))),
        ("TRANSFORM", bytes(47)),
        ("TRANSFORM", struct.pack(">12f", *NAN)),
        ("STATUS", bytes(29)),
        ("STRING", struct.pack(">HH", 3, 9) + b"short"),
        ("STRING", b"\0"),
        ("CAPABILITY", bytes(13)),
    ],
)
def test_a_body_that_breaks_the_specification_is_refused_by_name(kind, body):
    header = Header(1, kind, "x", 0, len(body), ecma_182(body))
    with pytest.raises(MalformedIgtl):
        read_message(header, memoryview(body))


@pytest.mark.parametrize(
    "extended", [b"", struct.pack(">HHII", 12, 60000, 0, 1), struct.pack(">HHII", 0, 0, 0, 1), struct.pack(">HHII", 12, 2, 0, 1) + b"\0\1"]
)
def test_an_extended_header_that_lies_is_refused_by_name(extended):
    with pytest.raises(MalformedIgtl):
        read_message(Header(2, "STRING", "x", 0, len(extended), 0), memoryview(extended))


def test_a_part_of_an_image_says_where_it_lies():
    body = image_body(size=(4, 3, 1), offset=(1, 2, 0), part=(2, 1, 1), data=b"\7\t")
    message = read_message(Header(1, "IMAGE", "x", 0, len(body), 0), memoryview(body))
    assert isinstance(message, Message)
    assert (message.body.offset, message.body.samples.shape, message.body.whole) == ((1, 2), (1, 2, 1), False)


def test_the_header_is_58_bytes():
    assert len(Header(1, "STATUS", "x", 0, 0, 0).pack()) == SIZE == 58
