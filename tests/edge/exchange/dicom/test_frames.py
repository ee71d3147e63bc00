from dataclasses import replace

import pytest

from edge.exam.taking.capture import Window
from edge.exchange.dicom import frames
from edge.exchange.dicom.frames import pixels_of, survey
from firmware_bridge.errors import SourceUnreadable
from tests.edge.exchange.dicom.made import DEEP, SETTINGS, frame, grey


def parts_of(clip, first=None, last=None):
    window = Window(clip.record.first if first is None else first, clip.record.last if last is None else last, 0)
    return survey(clip.path, window)


def numbers(clip, **more):
    return [part.sequences for part in parts_of(clip, **more).parts]


def test_an_even_clip_is_one_part_with_the_frames_of_its_window(record):
    clip = record([frame(number) for number in range(100, 112)])
    assert numbers(clip, first=103, last=106) == [[103, 104, 105, 106]]


@pytest.mark.parametrize("other", [
    {"geometry": DEEP},
    {"settings": replace(SETTINGS, gain_db=60.0)},
    {"pixels": grey(1, 40, 64)},
    {"simulated": True},
])  # fmt: skip
def test_whatever_one_object_cannot_hold_begins_a_new_part(record, other):
    clip = record([frame(100), frame(101), frame(102, **other), frame(103, **other), frame(104)])
    assert numbers(clip) == [[100, 101], [102, 103], [104]]


def test_a_part_ends_before_its_pixels_are_too_many(record, monkeypatch):
    monkeypatch.setattr(frames, "MOST_BYTES", 5 * 48 * 64)
    assert [len(part) for part in numbers(record([frame(number) for number in range(12)]))] == [5, 5, 2]


def test_a_part_ends_before_its_times_are_too_many(record, monkeypatch):
    monkeypatch.setattr(frames, "MOST_FRAMES", 7)
    assert [len(part) for part in numbers(record([frame(number) for number in range(12)]))] == [7, 5]


def test_frames_that_were_lost_at_the_exam_leave_the_numbers_of_the_others(record):
    clip = record([frame(number) for number in (100, 101, 105, 106)])
    assert numbers(clip) == [[100, 101, 105, 106]]


def test_numbers_continue_where_those_of_the_probe_begin_again(record):
    clip = record([frame(number) for number in range(2**32 + 5, 2**32 + 9)])
    assert numbers(clip) == [[2**32 + 5, 2**32 + 6, 2**32 + 7, 2**32 + 8]]


def test_a_clock_that_stands_still_counts_as_25_frames_a_second(record):
    clip = record([frame(number, at_us=us) for number, us in enumerate((0, 30_000, 30_000, 90_000))])
    assert parts_of(clip).parts[0].steps_us == [30_000, 40_000, 60_000]


def test_pixels_come_with_their_part_in_order(record):
    clip = record([frame(100), frame(101, geometry=DEEP), frame(102, geometry=DEEP)])
    got = list(pixels_of(clip.path, parts_of(clip).parts))
    assert [part.number for part, _ in got] == [1, 2, 2]
    assert all((pixels == grey(number)).all() for number, (_, pixels) in enumerate(got, start=100))


def test_a_recording_without_the_clip_is_refused(record):
    with pytest.raises(SourceUnreadable, match="no frame of the clip"):
        parts_of(record([frame(100), frame(101)]), first=500, last=510)


def test_a_damaged_recording_says_so(record):
    clip = record([frame(number, pixels=grey(number, 400, 640)) for number in range(30)])
    content = bytearray(clip.path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    clip.path.write_bytes(content)
    found = parts_of(clip)
    assert "damaged" in found.lost
    assert 0 < sum(part.frames for part in found.parts) < 30
