import json
import zlib
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.boot.record import Event, Record, Records, decode, encode
from tests.provisioning.releases import NOW, PLACE, board_with

EVENT = Event(3, NOW, "OK-CONFIRMED", "Release 2.0 passed its trial", "1.0", "2.0")
RECORD = Record(7, "a", "b", 2, "", 5, {"time": 1_790_000_000}, "", EVENT)


def test_a_record_is_read_as_it_was_written():
    assert decode(encode(RECORD)) == RECORD


@pytest.mark.parametrize("at", range(len(encode(RECORD))))
def test_a_record_with_any_byte_changed_is_no_record(at):
    content = bytearray(encode(RECORD))
    content[at] ^= 0x01
    assert decode(bytes(content)) is None


@given(st.integers(0, len(encode(RECORD)) - 2))
def test_a_record_that_was_cut_anywhere_is_no_record(length):
    assert decode(encode(RECORD)[:length]) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(content):
    assert decode(content) is None


def test_fields_that_a_newer_program_added_are_ignored():
    line = json.dumps({**asdict(RECORD), "new": 1, "event": {**asdict(EVENT), "new": 2}}).encode()
    assert decode(line + b"\n%08x\n" % zlib.crc32(line)) == RECORD


def test_a_record_with_an_unknown_slot_is_no_record():
    assert decode(encode(replace(RECORD, active="../x"))) is None


@pytest.mark.parametrize("copy", [0, 1])
def test_one_damaged_copy_costs_nothing(copy):
    disk = board_with(1)
    records = Records(disk, PLACE)
    stored = records.commit(replace(records.load(), counter=9))
    disk.write(PLACE.records[copy], (b"damaged",))
    assert records.load() == stored
    assert records.damaged == (f"boot.{copy}",)


def test_two_damaged_copies_are_no_record():
    disk = board_with(1)
    for path in PLACE.records:
        disk.write(path, (b"",))
    assert Records(disk, PLACE).load() is None


@pytest.mark.parametrize("wrong", [{"number": "7"}, {"active": 1}, {"event": []}, {"event": {"number": 1}}, {"starts_left": None}])
def test_a_record_with_a_wrong_type_is_no_record(wrong):
    line = json.dumps({**asdict(RECORD), **wrong}).encode()
    assert decode(line + b"\n%08x\n" % zlib.crc32(line)) is None
