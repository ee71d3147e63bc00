"""Recordings measured with a release, in this process and in one of their own; a recording that cannot be read has no share."""

from contextlib import closing

import pytest

from edge.disk.digest import digest_of
from edge.exam.taking.capture import Window
from edge.exchange.apart import each_apart
from edge.feedback.pleura.measure import UNREADABLE, Recorded, measure_at, measured, share_of
from edge.inference.errors import ModelUnusable
from edge.inference.reader import Reader
from edge.inference.release import BUILT_IN, ModelRelease
from firmware_bridge.frame import Frame
from firmware_bridge.recorder import Recorder
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest

FOLDER = BUILT_IN / "lung-s"


@pytest.fixture(scope="module")
def reader():
    return Reader.load(ModelRelease.load(FOLDER))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Of eight frames, the first four dry and the last four with six B-lines."""
    path = tmp_path_factory.mktemp("clip") / "L1.mcap"
    recorder = Recorder(path, SourceInfo("virtual://chest", "chest", Origin.SIMULATED), "research use, not a diagnosis")
    for count in range(8):
        chest = Chest(6 if count > 3 else 0, size=200)
        recorder.frame_waiting(Frame(chest.image(0.1 * count), count, count * 100_000, 0, chest.geometry, chest.settings, simulated=True))
    assert recorder.close().problem is None
    return path


def recorded(path, first=0, last=7, sha256=None):
    return Recorded("clip", path, sha256 or digest_of(path), Window(first, last, 80.0))


def test_only_the_frames_of_the_clip_count(reader, path):
    dry, wet = (measured(reader, recorded(path, *window)).share for window in ((0, 3), (4, 7)))
    assert (dry.frames, wet.frames) == (4, 4)
    assert dry.share < 5
    assert wet.share > dry.share + 20
    assert dry.simulated


def test_a_whole_recording_can_be_measured(reader, path):
    assert share_of(reader, path).frames == 8


def test_the_release_the_model_and_the_time_are_stated(reader, path):
    found = measured(reader, recorded(path))
    assert (found.clip, found.release, found.model_sha256) == ("clip", reader.release.ident, reader.release.sha256)
    assert found.at.utcoffset().total_seconds() == 0


def test_a_recording_that_changed_is_not_measured(reader, path):
    assert measured(reader, recorded(path, sha256="0" * 64)).share.code == UNREADABLE


def test_a_recording_that_is_gone_or_damaged_has_no_share(reader, path, tmp_path):
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(path.read_bytes()[:100])
    absent = Recorded("clip", tmp_path / "absent.mcap", "0" * 64, Window(0, 1, 0.0))
    for each in (recorded(cut), absent):
        share = measured(reader, each).share
        assert (share.share, share.code, share.frames) == (None, UNREADABLE, 0)


def test_a_process_of_its_own_measures_the_same(reader, path, tmp_path):
    with closing(each_apart(measure_at, tmp_path, FOLDER, (recorded(path, 0, 3), recorded(path, 4, 7)))) as done:
        assert [each.share for each in done] == [measured(reader, recorded(path, *window)).share for window in ((0, 3), (4, 7))]


def test_a_release_that_cannot_read_is_an_error_and_no_share(path, tmp_path):
    with closing(each_apart(measure_at, tmp_path, tmp_path / "no release", (recorded(path),))) as done, pytest.raises(ModelUnusable):
        next(done)
