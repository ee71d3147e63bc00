"""The film of a clip: the frames of its window alone, in time, few enough for a tablet, and nothing that is missing stays unnoticed."""

from dataclasses import replace

import numpy as np
import pytest

from edge.exam.review.film import LONGEST_STEP_US, MOST_FRAMES, FilmClock, evenly, film_of
from edge.exam.taking.capture import Window
from edge.notice import NOTICE
from edge.vision.region import RegionFinder
from edge.vision.standardise import Standardiser
from firmware_bridge.errors import SourceUnreadable
from firmware_bridge.frame import Frame, Geometry
from firmware_bridge.recording import RecordingWriter
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.sources.recorded import UNTIMED_US
from firmware_bridge.virtual_probe.chest import Chest

CHEST = Chest(2, size=64)


def chest_frame(number, at_us):
    return Frame(CHEST.image(number / 10), number, at_us, number, CHEST.geometry, CHEST.settings, simulated=True)


def record(path, frames, read=(), flush=False):
    with path.open("wb") as file:
        writer = RecordingWriter(file, SourceInfo("virtual://chest", "chest", Origin.SIMULATED), NOTICE)
        for frame in frames:
            writer.frame(frame)
            if frame.sequence in read:
                writer.reading(frame.sequence, {"findings": {}}, frame.sequence)
            if flush:
                writer.flush()
        writer.finish()
    return path


def film(path, first, last, **how):
    return list(film_of(path, Window(first, last, 80), **how))


@pytest.fixture
def recording(tmp_path):
    """Frames 1 to 30 of the simulated chest, one each 100 ms."""
    return record(tmp_path / "clip.mcap", [chest_frame(number, 5_000_000 + 100_000 * number) for number in range(1, 31)])


def test_the_frames_of_the_window_come_in_time_and_no_others(recording):
    shown = film(recording, 11, 20)
    assert [(each.index, each.count, each.at_us) for each in shown] == [(index, 10, 100_000 * index) for index in range(10)]
    assert [each.frame.simulated for each in shown] == [True] * 10
    assert not any(each.damaged for each in shown)
    for each, number in zip(shown, range(11, 21), strict=True):
        made = chest_frame(number, 0)
        assert np.array_equal(each.frame.pixels, RegionFinder().find(made).cleaned(made).pixels)


def test_its_scale_is_that_of_the_live_image(recording):
    live = Standardiser(224).take(chest_frame(11, 0))
    (first, *_) = film(recording, 11, 20)
    assert first.depth_rows == live.depth_rows
    assert first.frame.geometry == live.frame.geometry


def test_text_outside_the_ultrasound_is_black_as_in_the_live_image(tmp_path):
    def written_on(number):
        frame = replace(chest_frame(number, 40_000 * number), geometry=Geometry())
        pixels = np.zeros((128, 160), np.uint8)
        pixels[40:104, 40:104] = frame.pixels
        pixels[:6, :40] = 250
        return replace(frame, pixels=pixels)

    frames = [written_on(number) for number in range(12)]
    standardiser = Standardiser(224)
    live = [standardiser.take(frame) for frame in frames][4:8]
    shown = film(record(tmp_path / "clip.mcap", frames), 4, 7)
    assert all(np.array_equal(each.frame.pixels, seen.frame.pixels) for each, seen in zip(shown, live, strict=True))
    assert [each.depth_rows for each in shown] == [seen.depth_rows for seen in live]
    assert not shown[0].frame.pixels[:6, :40].any()


def test_frames_that_the_model_did_not_read_are_in_the_film(tmp_path):
    recording = record(tmp_path / "clip.mcap", [chest_frame(number, 40_000 * number) for number in range(10)], read=(2, 5))
    assert [each.at_us for each in film(recording, 2, 6)] == [40_000 * index for index in range(5)]


def test_of_a_long_clip_few_frames_are_evenly_chosen_and_keep_their_times(recording):
    shown = film(recording, 1, 30, most=5)
    assert [(each.index, each.count, each.at_us // 100_000) for each in shown] == [(0, 5, 0), (1, 5, 7), (2, 5, 14), (3, 5, 22), (4, 5, 29)]


@pytest.mark.parametrize("frames", [1, 2, MOST_FRAMES, MOST_FRAMES + 1, 14_400])
def test_first_and_last_frame_are_chosen_and_never_too_many(frames):
    chosen = evenly(range(7, 7 + frames), MOST_FRAMES)
    assert (min(chosen), max(chosen), len(chosen)) == (7, 6 + frames, min(frames, MOST_FRAMES))


@pytest.mark.parametrize(
    ("captured", "shown"),
    [
        ([7, 40_007, 73_007], [0, 40_000, 73_000]),
        ([0, 0, 0], [0, UNTIMED_US, 2 * UNTIMED_US]),
        ([90_000, 20_000, 50_000], [0, UNTIMED_US, UNTIMED_US + 30_000]),
        ([0, 3_600_000_000, 3_600_040_000], [0, LONGEST_STEP_US, LONGEST_STEP_US + 40_000]),
    ],
    ids=["runs", "stands still", "goes back", "jumps ahead"],
)
def test_the_film_goes_on_whatever_the_clock_does(captured, shown):
    clock = FilmClock()
    assert [clock.at(each) for each in captured] == shown


def test_the_film_of_a_source_that_restarted_is_of_the_frames_after_it(tmp_path):
    frames = [chest_frame(number, 40_000 * number) for number in (*range(3, 9), *range(6))]
    assert [each.at_us for each in film(record(tmp_path / "clip.mcap", frames), 3, 5)] == [0, 40_000, 80_000]


def test_a_recording_with_a_damaged_part_gives_the_rest_and_states_it(tmp_path):
    frames = [chest_frame(number, 40_000 * number) for number in range(10)]
    recording = record(tmp_path / "clip.mcap", frames, flush=True)
    content = bytearray(recording.read_bytes())
    content[len(content) // 3 : len(content) // 3 + 8] = b"\x55" * 8
    recording.write_bytes(content)
    shown = film(recording, 0, 9)
    assert 0 < len(shown) < 10
    assert all(each.damaged for each in shown)


def test_a_recording_that_was_cut_off_gives_what_is_whole_and_states_it(tmp_path):
    recording = record(tmp_path / "clip.mcap", [chest_frame(number, 40_000 * number) for number in range(10)], flush=True)
    content = recording.read_bytes()
    recording.write_bytes(content[: len(content) // 2])
    shown = film(recording, 0, 9)
    assert 0 < len(shown) < 10
    assert all(each.damaged for each in shown)


def test_a_recording_without_a_frame_of_the_window_is_refused(recording):
    with pytest.raises(SourceUnreadable, match="no frame of the clip"):
        film(recording, 50, 60)
