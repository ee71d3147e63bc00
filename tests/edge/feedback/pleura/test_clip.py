"""The share over a clip, on frames with hand-made pictures and class maps: the mean, the spread, and the reasons why there is none."""

from dataclasses import replace

import numpy as np
import pytest

from edge.exam.clip import NOT_ULTRASOUND
from edge.feedback.pleura.clip import NO_CLASS, NO_LUNG, POOR, ClipMeasurer
from edge.feedback.pleura.share import LITTLE_PLEURA, NO_CONTRAST
from edge.inference.reading import Reading, Score, StageTimes
from edge.inference.release import BUILT_IN, ModelRelease
from edge.vision.beams import DEPTHS, LINES
from edge.vision.field import Field
from edge.vision.outline import Outline
from edge.vision.quality import Quality, Reason
from edge.vision.region import FoundBy, Region
from edge.vision.standardise import Prepared
from firmware_bridge.frame import Frame
from firmware_bridge.machine import Machine
from tests.edge.feedback.pleura.hand_made import class_map, picture

WIDE = 4
COLUMNS = LINES * WIDE
REGION = Region(np.ones((DEPTHS, COLUMNS), np.bool_), FoundBy.NOTHING, Outline.whole(COLUMNS))
FIELD = Field(0, 0, COLUMNS, DEPTHS)
SPOILT = (Reason("TOO_DARK", 1.0, 2.0, "More gain"),)


@pytest.fixture(scope="module")
def release():
    return ModelRelease.load(BUILT_IN / "lung-s")


class Clip:
    """A clip of a linear scan; each column of its map is a beam."""

    def __init__(self, release):
        self.release, self.measurer, self.count = release, ClipMeasurer(release), 0

    def add(self, b_lines=(), mapped=None, reasons=(), novelty=0.0, machine="Philips Lumify", **drawn):
        pixels = np.ascontiguousarray(np.repeat(picture(b_lines, **drawn).T, WIDE, axis=1))
        frame = Frame(pixels, self.count, 0, 0, machine=Machine.named(machine))
        plane = np.repeat(class_map(b_lines if mapped is None else mapped, 8).T, WIDE, axis=1)
        maps = np.stack([plane] * len(self.release.findings), axis=2)
        scores = tuple(Score(label.key, 0.5, 0.0) for label in self.release.findings)
        reading = Reading(self.count, scores, maps, StageTimes(0, 0, 0), "1", simulated=False, novelty=novelty, machine=frame.machine)
        self.measurer.add(Prepared(frame, REGION, FIELD, pixels, pixels, 0), Quality(self.count, reasons), reading)
        self.count += 1
        return self

    @property
    def share(self):
        return self.measurer.share()


@pytest.fixture
def clip(release):
    return Clip(release)


@pytest.mark.parametrize("quarters", [0, 1, 2, 4])
def test_a_clip_of_equal_frames_has_their_share_and_no_spread(clip, quarters):
    for _ in range(4):
        clip.add(range(quarters * LINES // 4))
    share = clip.share
    assert share.share == pytest.approx(25 * quarters, abs=100 * 2 / LINES)
    assert (share.low, share.high) == (pytest.approx(share.share), pytest.approx(share.share))
    assert (share.code, share.frames, share.measured) == ("", 4, 4)


def test_the_share_is_the_mean_of_the_frames_and_the_spread_their_quartiles(clip):
    for part in (0, 0, 0, 32):
        clip.add(range(part))
    share = clip.share
    assert share.share == pytest.approx(50 / 4, abs=1)
    assert (share.low, share.high) == (0, pytest.approx(12.5, abs=1))


def test_one_odd_frame_moves_the_share_by_its_weight_only(clip):
    for _ in range(19):
        clip.add(range(16))
    before = clip.share.share
    clip.add(range(LINES))
    assert 0 < clip.share.share - before <= 100 / 20


def test_frames_of_poor_quality_do_not_count(clip):
    for _ in range(3):
        clip.add(range(16))
    clip.add(range(LINES), reasons=SPOILT)
    share = clip.share
    assert share.share == pytest.approx(25, abs=4)
    assert (share.frames, share.measured) == (4, 3)


def test_poor_images_have_no_share(clip):
    for _ in range(3):
        clip.add(range(16), reasons=SPOILT)
    assert (clip.share.share, clip.share.low, clip.share.high, clip.share.code) == (None, None, None, POOR)


def test_a_clip_without_a_frame_has_no_share(clip):
    assert (clip.share.share, clip.share.code) == (None, POOR)


@pytest.mark.parametrize(("how", "code"), [({"novelty": 1e6}, NO_LUNG), ({"reasons": (Reason(NOT_ULTRASOUND, 1, 2, ""),)}, NO_LUNG)])
def test_what_is_no_lung_has_no_share(clip, how, code):
    assert clip.add(range(16), **how).share.code == code


def test_too_little_pleura_and_b_lines_without_a_width_are_told_apart(release):
    hidden, even = Clip(release), Clip(release)
    for _ in range(3):
        hidden.add(gaps=range(54))
        even.add(mapped=range(LINES))
    assert (hidden.share.share, hidden.share.code) == (None, LITTLE_PLEURA)
    assert (even.share.share, even.share.code) == (None, NO_CONTRAST)


def test_a_release_without_b_lines_states_so(release):
    others = tuple(label for label in release.findings if label.key != "b_lines")
    clip = Clip(replace(release, findings=others))
    assert (clip.add().share.share, clip.share.code) == (None, NO_CLASS)


@pytest.mark.parametrize(("machine", "validated"), [("Philips Lumify", True), ("GE Vscan Air", False), ("unknown machine", False)])
def test_the_share_states_whether_the_release_is_validated_on_the_machine(clip, machine, validated):
    share = clip.add(range(16), machine=machine).share
    assert (share.machine, share.validated) == (machine, validated)
    assert share.share is not None


def test_a_label_that_states_nothing_gives_numbers_and_no_error(release):
    """A slope of 0 has no logit from which B-lines are likelier than not."""
    flat = tuple(replace(label, slope=0.0, offset=-1.0) for label in release.findings)
    assert Clip(replace(release, findings=flat)).add(range(LINES)).share.share == 0
