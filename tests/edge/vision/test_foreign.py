"""Ultrasound, healthy and faulty, against pictures that are none."""

import numpy as np
import pytest

from edge.vision.beams import DEPTHS, LINES, Beams
from edge.vision.foreign import FEATURES, SURE, ForeignScore, features, foreign
from edge.vision.region import RegionFinder
from edge.vision.strangers import as_grey, listed
from firmware_bridge.frame import Frame
from firmware_bridge.sources.file import open_file
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

ALL = Beams(np.zeros((LINES, DEPTHS), np.intp), np.ones((LINES, DEPTHS), np.bool_))


def score(pixels):
    frame = Frame(np.ascontiguousarray(pixels), 0, 0, 0)
    region = RegionFinder().find(frame)
    beams = Beams.of(region)
    return foreign(beams.along(region.cleaned(frame).pixels), beams)


@pytest.mark.parametrize(
    "faults",
    [Faults(), Faults(air=0.5), Faults(air=1.0), Faults(blur_mm=1.5), Faults(haze=0.6), Faults(text="R2 DOE"), Faults(dead=(40, 41))],
    ids=["healthy", "half in air", "in air", "blurred", "haze", "text", "dead elements"],
)
@pytest.mark.parametrize(("depth", "gain", "size"), [(80.0, 55.0, 240), (120.0, 60.0, 480), (160.0, 65.0, 350)])
def test_a_chest_is_ultrasound_whatever_is_wrong_with_it(faults, depth, gain, size):
    assert score(Chest(3, depth, gain, size, faults=faults).image(0.5)) < 0


def test_a_room_is_none():
    assert score(Chest(faults=Faults(foreign=True)).image(0.0)) > 0


@pytest.mark.parametrize("grey", [60, 128, 255])
def test_a_flat_picture_is_none(grey):
    assert score(np.full((300, 400), grey, np.uint8)) > 0


def test_noise_is_none():
    assert score(np.random.default_rng(1).integers(0, 256, (300, 400), dtype=np.uint8)) > 0


@pytest.mark.parametrize("grey", [0, 7])
def test_of_a_dark_picture_nothing_is_stated(grey):
    assert score(np.full((300, 400), grey, np.uint8)) == 0


def test_one_look_says_only_so_much():
    assert all(abs(score(np.full((100, 100), grey, np.uint8))) <= SURE for grey in range(0, 256, 15))


@pytest.mark.parametrize("valid", [True, False])
def test_every_feature_has_a_name_and_is_a_number_or_not_known(valid):
    beams = Beams(ALL.where, np.full((LINES, DEPTHS), valid))
    figures = features(np.full((LINES, DEPTHS), 9 * valid, np.uint8), beams)
    assert figures.shape == (len(FEATURES),)
    assert not np.isinf(figures).any()


def test_what_is_not_known_speaks_neither_way():
    fitted = ForeignScore(mean=[1.0, 2.0], deviation=[1.0, 1.0], offset=0.5, weights=[1.0, 2.0], products=[[0.0, 1.0], [0.0, 3.0]])
    assert fitted.of(np.array([np.nan, np.nan])) == 0.5
    assert fitted.of(np.array([2.0, 1.0])) == 0.5 + (1 - 2) + (-1 + 3)


def test_no_stranger_at_hand_is_taken_for_ultrasound(data_folder):
    pictures = [as_grey(path) for path in listed(data_folder / "ood_nonus")]
    scores = [score(picture) for picture in pictures if picture is not None]
    assert len(scores) >= 57
    assert np.mean(np.array(scores) > 0) >= 0.99


@pytest.mark.parametrize("source", ["covid_blues", "pocus_lung"])
def test_real_lungs_are_ultrasound(data_folder, source):
    scores = []
    for path in listed(data_folder / source)[::5]:
        with open_file(path) as recording:
            scores += [score(frame.pixels) for _, frame in zip(range(2), recording.frames(), strict=False)]
    assert len(scores) > 40
    assert np.mean(np.array(scores) > 0) <= 0.01
