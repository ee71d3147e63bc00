"""A blind reader's copy of a clip: the same frames to the last bit, and no word of the model's."""

import numpy as np
import pytest
from mcap.exceptions import McapError
from mcap.reader import make_reader

from edge.exam.review.blind_clip import without_readings
from edge.notice import NOTICE
from firmware_bridge.frame import Frame
from firmware_bridge.recording import LINK, READING, SIMULATED_IMAGE, RecordingWriter
from firmware_bridge.sources.base import Origin, SourceInfo

FRAMES = 30


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "clip.mcap"
    with path.open("wb") as file:
        writer = RecordingWriter(file, SourceInfo("virtual://chest", "chest", Origin.SIMULATED), NOTICE)
        for number in range(FRAMES):
            pixels = np.random.default_rng(number).integers(0, 200, (200, 200), np.uint8)
            writer.frame(Frame(pixels, number, 1000 * number, number, simulated=True))
            writer.reading(number, {"findings": {"b_lines": {"probability": 0.87}}}, number)
        writer.event({"event": "lost"}, FRAMES)
        writer.finish()
    return path


def messages(path):
    with path.open("rb") as file:
        return [
            (channel.topic, message.log_time, message.sequence, message.data) for _, channel, message in make_reader(file).iter_messages()
        ]


def copied(recording, tmp_path):
    copy = tmp_path / "copy.mcap"
    with copy.open("wb") as file:
        without_readings(recording, file)
    return copy


def test_every_frame_and_event_is_there_and_no_reading(recording, tmp_path):
    stated = messages(recording)
    assert sum(topic == READING for topic, *_ in stated) == FRAMES
    copy = copied(recording, tmp_path)
    assert messages(copy) == [each for each in stated if each[0] != READING]
    assert {topic for topic, *_ in messages(copy)} >= {SIMULATED_IMAGE, LINK}
    assert b"b_lines" not in copy.read_bytes()


def test_what_was_stated_of_the_source_and_the_notice_stay(recording, tmp_path):
    with copied(recording, tmp_path).open("rb") as file:
        reported = next(make_reader(file).iter_metadata())
    assert reported.metadata["notice"] == NOTICE
    assert reported.metadata["origin"] == "simulated"


def test_of_a_recording_that_was_cut_off_what_is_whole_is_copied(recording, tmp_path):
    whole = recording.read_bytes()
    recording.write_bytes(whole[: int(0.95 * len(whole))])
    kept = messages(copied(recording, tmp_path))
    assert kept
    assert all(topic != READING for topic, *_ in kept)


def test_what_is_no_recording_is_refused(tmp_path):
    other = tmp_path / "other.mcap"
    other.write_bytes(b"no recording at all")
    with pytest.raises(McapError):
        copied(other, tmp_path)
