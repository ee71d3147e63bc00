"""The recorder writes in its own thread, stops with a notice where the disk fails, and counts each frame that it drops."""

import errno
import os
import shutil
import time
from dataclasses import replace

import numpy as np
import pytest
from foxglove_schemas_protobuf.RawImage_pb2 import RawImage
from mcap.reader import make_reader

from firmware_bridge.frame import Frame
from firmware_bridge.recorder import BUFFER_FULL, Recorder, RecordingStopped
from firmware_bridge.sources.base import Origin, SourceInfo, SourceLoss
from firmware_bridge.sources.file import open_file

INFO = SourceInfo("serial:///dev/x", "probe", Origin.LIVE)


def frame(number):
    pixels = np.random.default_rng(number).integers(0, 256, (40, 60), dtype=np.uint8)
    return Frame(pixels, number, 1_000_000 + number * 40_000, time.monotonic_ns())


def replayed(path):
    with open_file(path) as source:
        return list(source.frames()), {loss.cause: loss.frames for loss in source.losses}


def test_the_recorder_writes_in_its_own_thread_and_finishes(tmp_path):
    recorder = Recorder(tmp_path / "deep" / "x.mcap", INFO, "notice", free_floor=0)
    for number in range(20):
        recorder.frame(frame(number))
        recorder.reading(number, {"logit": number})
    recorder.losses((SourceLoss("garbage", 2),))
    status = recorder.close()
    frames, losses = replayed(status.path)
    assert (status.frames, status.problem, status.dropped, len(frames)) == (20, None, 0, 20)
    assert losses == {"garbage": 2}


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "x.mcap").write_text("precious")
    with pytest.raises(RecordingStopped, match="there already"):
        Recorder(tmp_path / "x.mcap", INFO, "notice")
    assert (tmp_path / "x.mcap").read_text() == "precious"


def test_a_disk_without_room_takes_no_recording(tmp_path):
    with pytest.raises(RecordingStopped, match="kept free"):
        Recorder(tmp_path / "x.mcap", INFO, "notice", free_floor=10**18)


def test_a_disk_that_fills_up_ends_the_recording_with_a_notice_and_never_the_caller(tmp_path, monkeypatch):
    monkeypatch.setattr("firmware_bridge.recorder.SYNC_EVERY_S", 0.0)
    recorder = Recorder(tmp_path / "x.mcap", INFO, "notice", free_floor=0)
    recorder.frame(frame(0))
    while recorder.status.bytes < 2400:
        time.sleep(0.01)

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fdatasync", full)
    for number in range(1, 5):
        recorder.frame(frame(number))
    status = recorder.close()
    assert not status.running
    assert "No space left" in str(status.problem)
    assert not recorder.frame(frame(9))
    assert replayed(status.path)[0]


def test_after_the_disk_failed_only_frames_that_are_safe_on_it_count_as_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr("firmware_bridge.recorder.SYNC_EVERY_S", 3600.0)
    recorder = Recorder(tmp_path / "x.mcap", INFO, "notice", free_floor=0)

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fdatasync", full)
    assert all(recorder.frame(frame(number)) for number in range(5))
    status = recorder.close()
    assert (status.frames, status.dropped, status.problem.code) == (0, 5, "recording-stopped")


@pytest.mark.parametrize("lose", [shutil.rmtree, lambda folder: folder.rename(folder.with_name("elsewhere"))])
def test_a_recording_whose_file_is_gone_is_not_one_that_ended_well(tmp_path, lose):
    folder = tmp_path / "recordings"
    recorder = Recorder(folder / "x.mcap", INFO, "notice", free_floor=0)
    recorder.frame(frame(0))
    lose(folder)
    status = recorder.close()
    assert "removed, moved or unmounted" in status.problem.what
    assert (status.frames, status.dropped) == (0, 1)
    assert not folder.exists()


class Unwritable:
    """No JSON holds it."""


def test_a_recorder_that_fails_for_any_reason_states_it_and_counts_what_it_lost(tmp_path):
    recorder = Recorder(tmp_path / "x.mcap", INFO, "notice", free_floor=0)
    recorder.frame(frame(0))
    recorder.event({"event": Unwritable()})
    recorder._thread.join()
    assert not recorder.running
    assert not recorder.frame(frame(1))
    status = recorder.close()
    assert "Unwritable is not JSON serializable" in status.problem.what
    assert (status.frames, status.dropped) == (0, 2)


YEAR_10000_US = 253_402_300_800 * 10**6
DEVICE_TIMES = [-1, 0, YEAR_10000_US - 1, YEAR_10000_US, 2**63, 2**64 - 1]


def test_frames_of_any_device_time_are_recorded_with_it(tmp_path):
    recorder = Recorder(tmp_path / "x.mcap", INFO, "notice", free_floor=0)
    frames = [replace(frame(number), captured_us=at_us) for number, at_us in enumerate(DEVICE_TIMES)]
    assert all(recorder.frame(one) for one in frames)
    status = recorder.close()
    assert (status.frames, status.dropped, status.problem) == (len(frames), 0, None)
    with status.path.open("rb") as file:
        images = [RawImage.FromString(message.data) for _, _, message in make_reader(file).iter_messages(topics=["/image"])]
    assert [image.timestamp.seconds * 10**6 + image.timestamp.nanos // 1000 for image in images] == DEVICE_TIMES


def test_a_full_buffer_is_counted_here_and_in_the_recording(tmp_path, monkeypatch):
    monkeypatch.setattr("firmware_bridge.recorder.BUFFER_BYTES", 5000)
    recorder = Recorder(tmp_path / "x.mcap", INFO, "notice", free_floor=0)
    with recorder._changed:  # the writer cannot take anything meanwhile
        assert [recorder.frame(frame(number)) for number in range(6)] == [True] * 2 + [False] * 4
    status = recorder.close()
    frames, losses = replayed(status.path)
    assert (status.frames, status.dropped, len(frames)) == (2, 4, 2)
    assert losses == {BUFFER_FULL: 4}
