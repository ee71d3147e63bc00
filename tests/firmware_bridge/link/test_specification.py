"""docs/sonolink.md and the code agree."""

import re
import zlib
from pathlib import Path

import pytest

from firmware_bridge.link import decoder, session
from firmware_bridge.link.decoder import Decoder
from firmware_bridge.link.encoder import encode
from firmware_bridge.link.header import PAYLOAD_LIMIT, Flags, MessageType
from firmware_bridge.link.messages import FrameData, Heartbeat, Message, PixelFormat, Start

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "sonolink.md").read_text()
EXAMPLES = [bytes.fromhex(block) for block in re.findall(r"```sonolink\n(.*?)```", TEXT, re.DOTALL)]
IMAGE = FrameData(PixelFormat.GREY8, 2, 3, memoryview(bytes([0, 32, 64, 96, 128, 255])))
SAID = (
    (Start(), 0, 0, Flags(0)),
    (IMAGE, 258, 1_000_000, Flags.SIMULATED),
    (Heartbeat(), 259, 1_500_000, Flags(0)),
)


def test_the_examples_decode_to_what_the_text_says():
    items = list(Decoder().feed(EXAMPLES[0])) + list(Decoder().feed(EXAMPLES[1] + EXAMPLES[2]))
    messages = [item for item in items if isinstance(item, Message)]
    assert tuple((message.body, message.header.sequence, message.header.time_us, message.header.flags) for message in messages) == SAID


@pytest.mark.parametrize("number", range(len(SAID)))
def test_the_examples_are_what_the_encoder_writes(number):
    assert encode(*SAID[number]) == EXAMPLES[number]


def test_the_bytes_explained_are_those_of_the_frame():
    table = TEXT[TEXT.index("| `53 4c 4e 4b` | magic |") :]
    explained = "".join("".join(re.findall(r"`([0-9a-f ]+)`", row)) for row in table.split("\n\n")[0].splitlines())
    assert bytes.fromhex(explained) == EXAMPLES[1]


def test_the_table_of_messages_is_complete():
    rows = dict(re.findall(r"^\| 0x([0-9a-f]{2}) \| (\w+) \|", TEXT, re.MULTILINE))
    assert {int(number, 16): name.upper() for number, name in rows.items()} == {
        kind: kind.name.replace("SET_SETTINGS", "SETSETTINGS") for kind in MessageType
    }


def test_the_table_of_formats_is_complete():
    rows = re.findall(r"^\| (\d) \| ([A-Z][A-Z0-9_]+) \|", TEXT, re.MULTILINE)
    assert {int(number): name for number, name in rows} == {kind: kind.name for kind in PixelFormat}


def test_the_table_of_causes_is_complete():
    damage = TEXT[TEXT.index("## Damage") : TEXT.index("## A worked example")]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", damage, re.MULTILINE)) == {*decoder.CAUSES, *session.CAUSES}


def test_the_limit_and_the_check_value_are_those_of_the_code():
    assert f"at most {PAYLOAD_LIMIT} (16 MiB)" in TEXT
    assert f"0x{zlib.crc32(b'123456789'):X}" in TEXT
