"""An object larger than memory, or that grows to such a size, does no harm."""

import tracemalloc
import zlib

import numpy as np
import pytest
from pydicom.uid import MPEG4HP41, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.sources.dicom import compressed, stored
from firmware_bridge.sources.file import open_file

CINE = np.random.default_rng(4).integers(0, 255, (3, 20, 50), np.uint8)


def peak_of(path) -> int:
    """The most bytes that reading all frames holds at once, beside what the libraries hold."""
    with open_file(path) as source:
        next(source.frames())
    tracemalloc.start()
    try:
        with open_file(path) as source:
            for _ in source.frames():
                pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_number_of_uncompressed_frames(an_object, saved) -> None:
    path = saved(an_object(np.zeros((40, 300, 400), np.uint8)))
    assert peak_of(path) < 1_500_000 < path.stat().st_size


def test_memory_does_not_grow_with_the_number_of_compressed_frames(packed, encoded, saved) -> None:
    frame = encoded(np.random.default_rng(4).integers(0, 255, (200, 300), np.uint8), quality=100)
    path = saved(packed([frame] * 80, (200, 300), table=False))
    assert peak_of(path) < 1_500_000 < path.stat().st_size


def test_frames_are_visited_once_for_their_place_and_once_for_their_bytes(packed, encoded, saved, monkeypatch) -> None:
    frame = encoded(np.zeros((8, 8), np.uint8))
    reads: list[int] = []

    class Counted:
        def __init__(self, file) -> None:
            self._file = file
            self.seek, self.tell, self.close = file.seek, file.tell, file.close

        def read(self, size: int = -1) -> bytes:
            reads.append(size)
            return self._file.read(size)

        def __enter__(self):
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

    def reads_of(count: int) -> int:
        path = saved(packed([frame] * count, (8, 8), table=False))
        with monkeypatch.context() as patched:
            opened = type(path).open
            patched.setattr(type(path), "open", lambda self, *args: Counted(opened(self, *args)))
            reads.clear()
            with open_file(path) as source:
                assert len(list(source.frames())) == count
        return len(reads)

    assert reads_of(60) - reads_of(40) == 2 * 20


@pytest.mark.parametrize("syntax", [DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_deflated_and_implicit_objects_are_read(syntax: str, an_object, read) -> None:
    dataset = an_object(CINE)
    dataset.file_meta.TransferSyntaxUID = syntax
    np.testing.assert_array_equal(read(dataset).pixels, CINE)


def deflated(dataset, saved):
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    return saved(dataset)


def test_a_small_file_that_inflates_beyond_the_limit_is_refused(an_object, saved) -> None:
    path = deflated(an_object(CINE), saved)
    whole = path.read_bytes()
    head = whole[: 144 + int.from_bytes(whole[140:144], "little")]
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    path.write_bytes(head + packer.compress(bytes(stored.MOST_INFLATED + 1)) + packer.flush())
    tracemalloc.start()
    with pytest.raises(SourceUnreadable, match="grows to more than 64 MB"):
        open_file(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.2 * stored.MOST_INFLATED


def test_a_deflated_object_cut_off_is_refused(an_object, saved) -> None:
    path = deflated(an_object(CINE), saved)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(SourceUnreadable, match="cut off"):
        open_file(path)


def test_a_video_in_an_object_is_refused_without_being_read(packed, saved) -> None:
    path = saved(packed([b"\x00\x00\x00\x1cftypmp42" + bytes(20)], (20, 50), MPEG4HP41))
    data, size = path.read_bytes(), 300_000_000
    video = data.index(b"\x00\x00\x00\x1cftyp")
    with path.open("wb") as file:
        file.write(data[: video - 4] + size.to_bytes(4, "little") + data[video : video + 32])
        file.seek(video + size)
        file.write(data[-8:])
    tracemalloc.start()
    with pytest.raises(SourceUnreadable, match=r"no decoder for its pixels, coded as MPEG-4"):
        open_file(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_compressed_frame_longer_than_any_is_refused(packed, encoded, saved, monkeypatch) -> None:
    monkeypatch.setattr(compressed, "MOST_FRAME_BYTES", 300)
    with pytest.raises(SourceUnreadable, match="a frame of 0 MB"):
        open_file(saved(packed([encoded(CINE[0])], (20, 50))))


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_an_object_without_its_preamble_or_its_head_is_read(syntax: str, an_object, saved, read) -> None:
    dataset = an_object(CINE)
    dataset.file_meta.TransferSyntaxUID = syntax
    path = saved(dataset)
    whole = path.read_bytes()
    for skipped in (132, 144 + int.from_bytes(whole[140:144], "little")):
        path.write_bytes(whole[skipped:])
        np.testing.assert_array_equal(read(path).pixels, CINE)


@pytest.mark.parametrize("content", [b"PK\x03\x04" + bytes(300), b"\x08\x00" + bytes(300), b"\x02\x00\x10\x00UI\x14\x00", b"\x08"])
def test_what_only_looks_like_an_object_without_a_preamble_is_refused(content: bytes, tmp_path) -> None:
    path = tmp_path / "x.dcm"
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable):
        open_file(path)
