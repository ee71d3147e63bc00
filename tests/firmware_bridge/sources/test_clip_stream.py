import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Grey
from firmware_bridge.sources.file import open_file


def read(path: Path) -> tuple[list[int], int | None, dict[str, int]]:
    """The number that each frame shows in its lower half, the count that the source announces, its losses."""
    with open_file(path) as source:
        numbers = [round(float(frame.pixels[30:].mean()) / 8) for frame in source.frames()]
        return numbers, source.info.frames, {loss.cause: loss.frames for loss in source.losses}


def cut(path: Path, edits: list[tuple[float, float]]) -> Path:
    """Writes an edit list into a .mov of one track: (seconds long, first second or -1 for a pause)."""
    data = bytearray(path.read_bytes())
    scale = {box: struct.unpack_from(">I", data, data.find(box) + 16)[0] for box in (b"mvhd", b"mdhd")}
    at = data.find(b"elst") - 4
    old, zero = struct.unpack_from(">I", data, at)[0], struct.unpack_from(">i", data, at + 20)[0]
    entries = [(round(long * scale[b"mvhd"]), -1 if first < 0 else zero + round(first * scale[b"mdhd"]), 1 << 16) for long, first in edits]
    new = struct.pack(">I4sII", 16 + 12 * len(edits), b"elst", 0, len(edits)) + b"".join(struct.pack(">IiI", *entry) for entry in entries)
    for box in (b"moov", b"trak", b"edts"):
        start = data.find(box) - 4
        struct.pack_into(">I", data, start, struct.unpack_from(">I", data, start)[0] + len(new) - old)
    data[at : at + old] = new
    path.write_bytes(data)
    return path


@pytest.fixture
def clip(make_video, noise) -> Path:
    return make_video("clip.mov", noise(30))


@pytest.mark.parametrize(
    ("edits", "shown"),
    [
        ([(0.8, 0.4)], range(10, 30)),
        ([(0.6, 0)], range(15)),
        ([(0.4, 0.4)], range(10, 20)),
        ([(0.4, 0), (0.4, 0.8)], [*range(10), *range(20, 30)]),
        ([(0.4, 0), (0.4, 0)], [*range(10), *range(10)]),
        ([(1.0, -1), (1.2, 0)], range(30)),
    ],
)
def test_what_an_edit_list_hides_is_not_missing(edits, shown, clip: Path) -> None:
    assert read(cut(clip, edits)) == (list(shown), len(shown), {})


def test_an_edit_list_that_hides_everything_is_reported(clip: Path) -> None:
    with pytest.raises(SourceUnreadable, match="its edit list hides every frame"):
        open_file(cut(clip, [(0.2, 5.0)]))


@pytest.mark.parametrize(("codec", "pix_fmt"), [("mjpeg", "yuvj420p"), ("ffv1", "gray"), ("rawvideo", "bgr24")])
@pytest.mark.parametrize("repeated", [(3, 4, 9), (1,), (12, 13)])
def test_a_frame_that_an_avi_shows_again_is_not_missing(codec, pix_fmt, repeated, make_video, noise) -> None:
    path = make_video("a.avi", noise(12), codec, pix_fmt, repeated=repeated)
    assert read(path) == (list(range(12)), 12, {})
    with open_file(path) as source:
        times = [frame.captured_us // 40_000 for frame in source.frames()]
    assert times == [number for number in range(12 + len(repeated)) if number not in repeated][: len(times)]


def test_an_avi_without_its_index_counts_repetitions_as_it_reads(make_video, noise) -> None:
    path = make_video("a.avi", noise(12), "mjpeg", "yuvj420p", repeated=(3, 4))
    path.write_bytes(path.read_bytes().partition(b"idx1")[0])
    numbers, _, losses = read(path)
    assert (numbers, losses) == (list(range(12)), {})


def not_coded(number: int) -> bytes:
    """A picture of MPEG-4 that codes nothing: P, marker, the time in 25ths of a second, marker, vop_coded 0, stuffing."""
    return b"\0\0\1\xb6" + int(f"0101{number % 25:05b}1" + "0" * 2 + "1" * 4, 2).to_bytes(2, "big")


@pytest.mark.parametrize("name", ["a.avi", "a.mp4"])
def test_a_mark_for_the_frame_before_is_no_missing_frame(name, make_video, noise, tmp_path: Path) -> None:
    path = tmp_path / f"marked-{name}"
    with av.open(str(make_video(name, noise(12), "mpeg4"))) as source, av.open(str(path), "w") as copy:
        stream = copy.add_stream_from_template(source.streams.video[0])
        for number, whole in enumerate(packet for packet in source.demux(video=0) if packet.dts is not None):
            packet = whole
            if number in {3, 4, 9}:
                packet = av.Packet(not_coded(number))
                packet.pts, packet.dts, packet.duration, packet.time_base = whole.pts, whole.dts, whole.duration, whole.time_base
            packet.stream = stream
            copy.mux(packet)
    numbers, _, losses = read(path)
    assert (len(numbers), losses) == (9, {})


@pytest.fixture
def beside(tmp_path: Path, noise):
    """Writes a file of several video streams: each is (codec, count of pictures, rate, disposition), of 48 x 64 noise or a flat 40 x 60."""

    def write(name: str, streams: list[tuple[str, int, int, int]]) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            made = []
            for codec, count, rate, disposition in streams:
                stream = container.add_stream(codec, rate=rate)
                stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
                pictures: list[Grey] = noise(count) if count > 5 else [np.full((40, 60), 200, np.uint8)] * count
                stream.height, stream.width = pictures[0].shape
                stream.disposition = disposition
                made.append((stream, pictures, rate))
            for stream, pictures, rate in made:
                for number, picture in enumerate(pictures):
                    frame = av.VideoFrame.from_ndarray(picture, format="gray")
                    frame.pts, frame.time_base = number, Fraction(1, rate)
                    container.mux(stream.encode(frame))
                container.mux(stream.encode())
        return path

    return write


COVER, CLIP, SLIDES = ("mjpeg", 1, 1, 0), ("mpeg4", 12, 25, 0), ("mjpeg", 4, 1, 0)


@pytest.mark.parametrize("name", ["a.mov", "a.mkv", "a.mp4", "a.avi"])
@pytest.mark.parametrize("streams", [[COVER, CLIP], [CLIP, COVER], [SLIDES, CLIP], [COVER, SLIDES, CLIP], [("mjpeg", 1, 1, 1), CLIP]])
def test_the_clip_is_the_stream_with_the_most_pictures(name, streams, beside) -> None:
    numbers, _, losses = read(beside(name, streams))
    assert (numbers, losses) == (list(range(12)), {})


def test_an_attached_picture_alone_is_no_clip(beside) -> None:
    attached = int(av.stream.Disposition.attached_pic)
    path = beside("a.mp4", [("mjpeg", 1, 1, attached)])
    with pytest.raises(SourceUnreadable, match="a cover picture, but no video"):
        open_file(path)


def test_a_video_of_one_picture_is_read(make_video, noise) -> None:
    assert read(make_video("a.mp4", noise(1))) == ([0], 1, {})
