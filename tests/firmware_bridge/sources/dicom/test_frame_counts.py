"""Each frame comes or is counted, whatever the object states about their number."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.encaps import encapsulate_extended
from pydicom.uid import JPEG2000Lossless, RLELossless

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.sources.dicom import contents, fragments
from firmware_bridge.sources.dicom.contents import Span
from firmware_bridge.sources.dicom.fragments import Fragment, Walk, frames_of
from firmware_bridge.sources.file import open_file

CINE = np.random.default_rng(5).integers(0, 255, (4, 15, 17), np.uint8)
SHAPE = CINE.shape[1:]
COUNTS = [None, "0", "1", "3", "4"]


def stating(dataset, count: str | None):
    del dataset.NumberOfFrames
    if count is not None:
        dataset.NumberOfFrames = count
    return dataset


@pytest.fixture
def jpegs(encoded) -> list[bytes]:
    return [encoded(picture, quality=100) for picture in CINE]


def near(pixels) -> bool:
    return len(pixels) == len(CINE) and np.abs(np.asarray(pixels, int) - CINE).max() <= 3


@pytest.mark.parametrize("count", COUNTS)
def test_all_frames_that_the_bytes_hold_come(count: str | None, an_object, read) -> None:
    result = read(stating(an_object(CINE), count))
    np.testing.assert_array_equal(result.pixels, CINE)
    assert (result.losses, result.announced) == ({}, 4)


@pytest.mark.parametrize("text", [b"", b"  ", b"x ", b"-1", b"+4"])
def test_a_count_that_is_no_number_is_none(text: bytes, an_object, saved, read) -> None:
    path = saved(an_object(CINE))
    data = path.read_bytes()
    at = data.index(b"\x28\x00\x08\x00IS")
    path.write_bytes(data[: at + 6] + struct.pack("<H", len(text)) + text + data[at + 10 :])
    np.testing.assert_array_equal(read(path).pixels, CINE)


@pytest.mark.parametrize("compressed", [False, True])
def test_frames_that_are_stated_and_not_there_are_counted_as_missing(compressed: bool, an_object, packed, jpegs, read) -> None:
    dataset = packed(jpegs, SHAPE) if compressed else an_object(CINE)
    result = read(stating(dataset, "6"))
    assert near(result.pixels)
    assert (result.losses, result.announced) == ({"missing": 2}, 6)


def test_a_frame_that_only_begins_is_counted_where_no_count_is_stated(an_object, read) -> None:
    dataset = stating(an_object(CINE), None)
    dataset.PixelData = dataset.PixelData[:-100]
    result = read(dataset)
    np.testing.assert_array_equal(result.pixels, CINE[:3])
    assert (result.losses, result.announced) == ({"missing": 1}, 4)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("pieces", [1, 3])
@pytest.mark.parametrize("table", [False, True])
def test_compressed_frames_are_found_with_or_without_a_table(*, table: bool, pieces: int, count: str | None, packed, jpegs, read) -> None:
    result = read(stating(packed(jpegs, SHAPE, table=table, fragments=pieces), count))
    assert near(result.pixels)
    assert (result.losses, result.announced) == ({}, 4)


@pytest.mark.parametrize("offsets", [[0, 0, 0, 0], [0], [8, 16, 24, 32], [1 << 31] * 4])
@pytest.mark.parametrize("count", COUNTS)
def test_a_table_that_cannot_be_right_is_passed_over(offsets: list[int], count: str | None, packed, jpegs, read) -> None:
    dataset = stating(packed(jpegs, SHAPE, table=False), count)
    table = struct.pack(f"<{len(offsets)}L", *offsets)
    dataset.PixelData = b"\xfe\xff\x00\xe0" + struct.pack("<L", len(table)) + table + dataset.PixelData[8:]
    dataset["PixelData"].is_undefined_length = True
    assert near(read(dataset).pixels)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("wrong", [False, True])
def test_an_extended_table_is_read_and_a_wrong_one_passed_over(wrong: bool, count: str | None, packed, jpegs, read) -> None:
    dataset = packed(jpegs, SHAPE)
    dataset.PixelData, dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths = encapsulate_extended(jpegs)
    dataset["PixelData"].is_undefined_length = True
    if wrong:
        dataset.ExtendedOffsetTable = bytes(len(dataset.ExtendedOffsetTable))
    assert near(read(stating(dataset, count)).pixels)


@pytest.mark.parametrize("count", COUNTS)
def test_frames_of_rle_and_jpeg_2000_are_found_too(count: str | None, an_object, packed, encoded, read) -> None:
    rle = an_object(CINE)
    rle.compress(RLELossless, encoding_plugin="pydicom")
    rle.PixelData = b"\xfe\xff\x00\xe0" + bytes(4) + rle.PixelData[8 + 4 * len(CINE) :]
    rle["PixelData"].is_undefined_length = True
    np.testing.assert_array_equal(read(stating(rle, count)).pixels, CINE)
    waves = packed([encoded(picture, "JPEG2000", no_jp2=True) for picture in CINE], SHAPE, JPEG2000Lossless, table=False, fragments=2)
    np.testing.assert_array_equal(read(stating(waves, count)).pixels, CINE)


def test_a_frame_with_a_damaged_first_byte_does_not_move_the_others(packed, jpegs, read) -> None:
    result = read(packed([jpegs[0], b"\x00" + jpegs[1][1:], *jpegs[2:]], SHAPE, table=False, FrameTime="40"))
    assert [frame.captured_us for frame in result.frames] == [0, 80_000, 120_000]
    assert result.losses == {"undecodable": 1}


def test_past_a_damaged_item_reading_goes_on_at_the_next_frame_of_the_table(packed, jpegs, saved, read) -> None:
    path = saved(packed(jpegs, SHAPE))
    data = path.read_bytes()
    second = data.index(b"\xfe\xff\x00\xe0", data.index(jpegs[0]))
    path.write_bytes(data[: second + 4] + b"\xff\xff\xff\x7f" + data[second + 8 :])
    result = read(path)
    assert (len(result.frames), result.losses, result.announced) == (3, {"missing": 1}, 4)


def test_an_object_without_its_end_mark_is_whole(packed, jpegs, saved, read) -> None:
    path = saved(packed(jpegs, SHAPE))
    path.write_bytes(path.read_bytes()[:-8])
    result = read(path)
    assert near(result.pixels)
    assert result.losses == {}


@pytest.mark.parametrize("count", [None, "4"])
@pytest.mark.parametrize("table", [False, True])
def test_a_compressed_object_cut_off_is_refused(table: bool, count: str | None, packed, jpegs, saved) -> None:
    path = saved(stating(packed(jpegs, SHAPE, table=table), count))
    path.write_bytes(path.read_bytes()[: -8 - len(jpegs[3]) // 2])
    with pytest.raises(SourceUnreadable, match="cut off: 3 of"):
        open_file(path)


def test_an_object_cut_off_is_refused(an_object, saved) -> None:
    path: Path = saved(an_object(CINE))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(SourceUnreadable, match="cut off: 920 of at least 1020 bytes"):
        open_file(path)


def test_the_bytes_tell_whether_pixels_are_compressed_and_not_the_transfer_syntax(an_object, packed, jpegs, saved, read) -> None:
    path = saved(packed(jpegs, SHAPE))
    path.write_bytes(path.read_bytes().replace(b"1.2.840.10008.1.2.4.50", b"1.2.840.10008.1.2.1\x00\x00\x00"))
    assert near(read(path).pixels)
    path = saved(an_object(CINE))
    data = path.read_bytes().replace(b"\x14\x001.2.840.10008.1.2.1\x00", b"\x16\x001.2.840.10008.1.2.4.50")
    path.write_bytes(data)
    np.testing.assert_array_equal(read(path).pixels, CINE)


def test_items_without_end_do_not_fill_the_memory(packed, jpegs, read, monkeypatch) -> None:
    monkeypatch.setattr(fragments, "MOST_FRAMES", 50)
    monkeypatch.setattr(contents, "MOST_FRAMES", 50)
    dataset = packed(jpegs, SHAPE)
    dataset.PixelData = dataset.PixelData[:-8] + b"\xfe\xff\x00\xe0\0\0\0\0" * 60
    dataset["PixelData"].is_undefined_length = True
    with pytest.raises(SourceUnreadable, match="make up more than 50 frames"):
        read(dataset)


@given(
    begins=st.lists(st.booleans(), min_size=1, max_size=20),
    lengths=st.lists(st.integers(0, 30), min_size=20, max_size=20),
    table=st.lists(st.integers(0, 400), max_size=20),
    stated=st.one_of(st.none(), st.integers(1, 30)),
)
def test_every_byte_of_every_fragment_belongs_to_one_frame(begins, lengths, table, stated) -> None:
    at, walked = 0, []
    for begin, length in zip(begins, lengths, strict=False):
        walked.append(Fragment(Span(at + 8, length), begin))
        at += 8 + length
    frames = frames_of(Walk(walked, table, ended=True), stated)
    read = [span for frame in frames for span in frame]
    assert sum(span.length for span in read) == sum(fragment.span.length for fragment in walked)
    assert read == sorted(read, key=lambda span: span.start)
    assert len(frames) >= sum(fragment.begins for fragment in walked if fragment.span.length)
