"""Headers in the spellings of other programs, and headers that do not fit their file."""

import gzip
import zlib

import numpy as np
import pytest
from grid_files import PLAIN, STACK, mha, nrrd, pixels

from firmware_bridge.errors import SourceUnreadable


def test_pixels_at_the_end_of_a_file_are_found_there(read, tmp_path):
    (tmp_path / "x.raw").write_bytes(b"thirty-two bytes of their header" + PLAIN)
    (tmp_path / "x.zraw").write_bytes(b"a header" + zlib.compress(PLAIN))
    packed = {"CompressedData": "True", "CompressedDataSize": len(zlib.compress(PLAIN))}
    for name, data in {
        "a.mhd": mha(b"", "x.raw", HeaderSize=-1),
        "b.mhd": mha(b"", "./x.raw", HeaderSize=32),
        "c.mhd": mha(b"", "x.zraw", HeaderSize=-1, **packed),
        "d.mha": mha(b"something else" + PLAIN, HeaderSize=-1),
        "e.nhdr": nrrd(b"", byte_skip=-1, data_file="x.raw"),
        "f.nhdr": nrrd(b"", byte_skip=32, data_file="x.raw"),
        "g.nrrd": nrrd(b"something else" + PLAIN, byte_skip=-1),
    }.items():
        assert np.array_equal(pixels(read(name, data)[0]), STACK), name


@pytest.mark.parametrize("local", ["LOCAL", "Local", "local"])
@pytest.mark.parametrize("true", ["True", "true", "T", "1"])
def test_the_words_of_a_header_are_read_as_metaio_reads_them(read, local, true):
    frames, _ = read("x.mha", mha(zlib.compress(PLAIN), local, CompressedData=true, BinaryData=true, HeaderSize=0))
    assert np.array_equal(pixels(frames), STACK)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("x.nrrd", lambda: nrrd(gzip.compress(PLAIN), sizes="9 6 3", encoding="gzip")),
        ("x.mha", lambda: mha(zlib.compress(PLAIN), DimSize="9 6 3", CompressedData="True")),
    ],
)
def test_packed_frames_that_the_header_does_not_announce_are_counted(read, name, make):
    frames, losses = read(name, make())
    assert np.array_equal(pixels(frames), STACK[:3])
    assert losses == {"unannounced": 2}


def test_a_gzip_of_several_members_is_read_to_its_end(read):
    half = len(PLAIN) // 2 + 7
    frames, losses = read("x.nrrd", nrrd(gzip.compress(PLAIN[:half]) + gzip.compress(PLAIN[half:]), encoding="gz"))
    assert np.array_equal(pixels(frames), STACK)
    assert losses == {}


@pytest.mark.parametrize("opacity", [lambda columns: np.where(columns < 4, 0, 255), lambda columns: 0 * columns])
def test_what_is_transparent_is_black_and_an_unused_opacity_is_none(read, opacity):
    opaque = np.broadcast_to(opacity(np.arange(9)), STACK.shape)
    shown = STACK if not opaque.any() else np.where(opaque, STACK, 0)
    hidden = np.where(opaque.any() & (opaque == 0), 255, STACK)
    stored = np.stack([hidden, hidden, hidden, opaque], -1).astype(np.uint8).tobytes()
    for name, data in {
        "x.mha": mha(stored, ElementNumberOfChannels=4),
        "x.nrrd": nrrd(stored, dimension=4, sizes="4 9 6 5", kinds="RGBA-color domain domain list"),
    }.items():
        assert np.array_equal(pixels(read(name, data)[0]), shown), name


def test_a_mark_of_unicode_before_a_header_is_passed_over(read):
    for name, data in {"x.mha": mha(PLAIN), "x.nrrd": nrrd(PLAIN)}.items():
        assert np.array_equal(pixels(read(name, b"\xef\xbb\xbf" + data)[0]), STACK), name


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("x.mha", mha(PLAIN, ElementType="MET_STRING"), "the type MET_STRING"),
        ("x.mha", mha(PLAIN, ElementType="MET_STRING", BinaryData="True"), "the type MET_STRING"),
        ("x.mha", mha(PLAIN, BinaryData="False"), "written as text"),
        ("x.mha", mha(PLAIN, HeaderSize=3), "HeaderSize is '3'"),
        ("x.mha", mha(PLAIN, HeaderSize=-2), "HeaderSize is '-2'"),
        ("x.mha", mha(zlib.compress(PLAIN), CompressedData="True", HeaderSize=-1), "CompressedDataSize"),
        ("x.mha", mha(PLAIN[9:], HeaderSize=-1), "cut off"),
        ("x.mha", mha(PLAIN, NDims=4), "contradicts itself: NDims 4"),
        ("x.mha", mha(PLAIN, DimSize="9 6 3"), "contradicts itself: it announces 3 pictures"),
        ("x.mha", mha(PLAIN, Kinds="domain domain"), "contradicts itself: 2 kinds for 3 axes"),
        ("x.mha", mha(zlib.compress(bytes(270))), "contradicts itself: it announces 270 bytes of plain pixels.*packed with zlib"),
        ("x.mha", mha(PLAIN, CompressedData="True"), "contradicts itself: it announces pixels packed with zlib"),
        ("x.nrrd", nrrd(PLAIN, encoding="gzip"), "contradicts itself: it announces pixels packed with gzip"),
        ("x.nrrd", nrrd(gzip.compress(bytes(270))), "contradicts itself: it announces 270 bytes of plain pixels.*packed with gzip"),
        ("x.nrrd", nrrd(PLAIN, dimension=2), "contradicts itself: dimension 2"),
        ("x.nrrd", nrrd(PLAIN, sizes="9 6 3"), "contradicts itself: it announces 3 pictures"),
        ("x.nrrd", nrrd(PLAIN, kinds="domain domain"), "contradicts itself: 2 kinds for 3 axes"),
        ("x.nrrd", nrrd(PLAIN, space_directions="(1,0) (0,1)"), "contradicts itself: 2 space directions for 3 axes"),
        ("x.nrrd", nrrd(PLAIN, spacings="a b c"), "spacing is not a number"),
        ("x.nrrd", nrrd(gzip.compress(PLAIN), encoding="gzip", byte_skip=7), "skip 0 lines and 7 bytes"),
        ("x.nrrd", nrrd(b"", sizes="99999 600 500", kinds="list domain domain", encoding="gzip"), "woven into each other"),
    ],
)
def test_a_description_that_does_not_fit_the_file_is_refused_with_the_reason(read, name, data, why):
    with pytest.raises(SourceUnreadable, match=why):
        read(name, data)


@pytest.mark.parametrize("fields", [{}, {"endian": "middle"}])
def test_words_whose_order_of_bytes_is_not_stated_are_refused(read, fields):
    with pytest.raises(SourceUnreadable, match="a sample has 2 bytes, and their order"):
        read("x.nrrd", nrrd(STACK.astype("<u2").tobytes(), type="uint16", **fields))
