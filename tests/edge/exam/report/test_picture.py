"""The picture of a zone: the best frame of the very recording that was read, or why there is none."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from edge.disk.digest import digest_of
from edge.exam.report.picture import Shot, picture_of, shots_of
from edge.notice import NOTICE
from firmware_bridge.frame import Frame
from firmware_bridge.recording import RecordingWriter
from firmware_bridge.sources.base import Origin, SourceInfo
from firmware_bridge.virtual_probe.chest import Chest

CHEST = Chest(2, size=200)
GOOD = range(5, 9)


@pytest.fixture
def recording(tmp_path):
    """Frames 1 to 10, one each 100 ms, all of them dark but the fifth to the eighth."""
    path = tmp_path / "clip.mcap"
    with path.open("wb") as file:
        writer = RecordingWriter(file, SourceInfo("virtual://chest", "chest", Origin.SIMULATED), NOTICE)
        for number in range(1, 11):
            image = CHEST.image(number / 10)
            pixels = image if number in GOOD else image // 8
            writer.frame(Frame(pixels, number, 100_000 * number, number, CHEST.geometry, CHEST.settings, simulated=True))
        writer.finish()
    return path


def shot(path, first=1, last=10, sha256=None):
    return Shot("L1", str(path), sha256 or digest_of(path), first, last)


def test_the_best_frame_of_the_clip_is_shown_with_its_time_quality_and_depth(recording):
    picture = picture_of(shot(recording))
    shown = np.asarray(Image.open(io.BytesIO(picture.content)))
    at_s, quality = re.match(r"(0\.\d) s into the clip, quality (\d+), ", picture.caption).groups()
    number = 1 + round(10 * float(at_s))
    assert number in GOOD
    assert int(quality) > 50
    assert np.abs(shown.astype(int) - CHEST.image(number / 10)).mean() < 3
    assert picture.caption.endswith(f"depth {CHEST.settings.depth_mm / 10:g} cm")


def test_a_frame_outside_the_clip_is_never_shown(recording):
    shown = np.asarray(Image.open(io.BytesIO(picture_of(shot(recording, last=GOOD[0] - 1)).content)))
    assert shown.max() < CHEST.image(GOOD[0] / 10).max() / 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda _: Shot("L1", "", "0" * 64, 1, 10), "not on this appliance"),
        (lambda path: shot(path, sha256="0" * 64), "not the one that was read"),
        (lambda path: shot(path, 500, 600), "cannot be read"),
        (lambda path: Shot("L1", str(path.with_name("gone.mcap")), "0" * 64, 1, 10), "cannot be read"),
    ],
    ids=["no-file", "changed", "no-frame", "gone"],
)
def test_without_a_picture_the_reason_is_stated(recording, change, reason):
    picture = picture_of(change(recording))
    assert picture.content == b""
    assert picture.caption.startswith("No picture: ")
    assert reason in picture.caption


def test_each_zone_with_a_clip_has_the_recording_that_its_report_names(clinic, report_with):
    exam = clinic.exam(1)
    (clip,) = clinic.stored.records.clips(exam.id)
    report = report_with()
    zones = tuple(zone.model_copy(update={"clip_sha256": clip.sha256 if zone.id == "L1" else "0" * 64}) for zone in report.zones)
    shots = shots_of(report.model_copy(update={"zones": zones}), [(clip, clinic.recording(exam))])
    assert shots == (Shot("L1", str(clinic.recording(exam)), clip.sha256, clip.first, clip.last),)
    assert picture_of(shots[0]).content
