"""Each frame of a video comes at its own time, and time goes forward."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from firmware_bridge.sources.file import open_file

FRAMES, STEP_MS = 12, 40


def numbered(path: Path, codec: str, places: list[int]) -> Path:
    """Writes frames, brighter one by one and each built on others before and after it, at these places in time."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options={"bf": "2"})
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        for number, place in enumerate(places):
            grey = np.full((48, 64), 20 + 15 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = place, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def shown(path: Path) -> list[tuple[int, int]]:
    """The time in ms, and the number, of each frame; numbers as their greys tell them."""
    with open_file(path) as source:
        return [(frame.captured_us // 1000, round((float(frame.pixels.mean()) - 20) / 15)) for frame in source.frames()]


@pytest.mark.parametrize("places", [[*range(FRAMES)], [0, 1, 2, 3, *range(5, FRAMES + 1)]])
@pytest.mark.parametrize(("name", "codec"), [("a.avi", "libx264"), ("a.avi", "mpeg4"), ("a.mp4", "libx264"), ("a.mkv", "libx264")])
def test_frames_that_are_stored_in_another_order_come_in_the_order_of_time(name, codec, places, tmp_path: Path) -> None:
    assert shown(numbered(tmp_path / name, codec, places)) == [(STEP_MS * place, number) for number, place in enumerate(places)]


@pytest.mark.parametrize(("name", "codec"), [("a.mts", "libx264"), ("a.mpg", "mpeg2video"), ("a.vob", "mpeg2video")])
def test_clips_that_were_joined_byte_by_byte_follow_each_other(name, codec, tmp_path: Path) -> None:
    one = numbered(tmp_path / name, codec, [*range(FRAMES)])
    both = tmp_path / f"both-{name}"
    both.write_bytes(one.read_bytes() * 2)
    times = [at_ms for at_ms, _ in shown(both)]
    assert times == [STEP_MS * number for number in range(len(times))]
    assert len(times) in (2 * FRAMES - 1, 2 * FRAMES)


def test_frames_of_one_time_stay_at_it(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "gray"
        for place in (0, 0, 1, 1, 5):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64), np.uint8), format="gray")
            frame.pts, frame.time_base = place, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert [at_ms for at_ms, _ in shown(path)] == [0, 0, 40, 40, 200]
