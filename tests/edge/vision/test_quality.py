"""Each coded reason against its planted fault; any frame at all gets reasons or is good."""

import math
from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.vision.measure import Measured
from edge.vision.quality import Limits, Quality, assess, checks
from edge.vision.standardise import Standardised, Standardiser
from firmware_bridge.frame import AcquisitionSettings, Frame, Geometry, Shape
from firmware_bridge.sources.file import open_file
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

USUAL = Measured(bright=97, saturated=0, contact=0.97, off_skin="left", haze=0.03, sharpness=0.447, foreign=-8, text=0, motion=0.015)
TIMES_S = (0.0, 0.6, 1.2, 1.24)


def seen(chest: Chest, reported=True) -> Standardised:
    standardiser = Standardiser(224)
    geometry = chest.geometry if reported else Geometry()
    for number, t in enumerate(TIMES_S):
        last = standardiser.take(Frame(chest.image(t), number, int(t * 1e6), 0, geometry, chest.settings), Limits())
    return last


def codes(quality: Quality) -> list[str]:
    return [reason.code for reason in quality.reasons]


PLANTED = {
    "NOT_ULTRASOUND": Chest(3, faults=Faults(foreign=True)),
    "FROZEN": Chest(3, faults=Faults(frozen=True)),
    "NO_CONTACT": Chest(3, faults=Faults(air=1.0)),
    "PARTIAL_CONTACT": Chest(3, faults=Faults(air=0.6)),
    "WRONG_PRESET": Chest(3, preset="cardiac {x}"),
    "TOO_SHALLOW": Chest(3, depth_mm=60.0),
    "TOO_DEEP": Chest(3, depth_mm=200.0),
    "TOO_DARK": Chest(3, gain_db=15.0),
    "TOO_BRIGHT": Chest(3, gain_db=80.0),
    "CLUTTER": Chest(3, faults=Faults(haze=0.6)),
    "MOVING_FAST": Chest(3, faults=Faults(sweep_mm_s=90.0)),
    "BLURRED": Chest(3, faults=Faults(blur_mm=1.5)),
    "TEXT_IN_IMAGE": Chest(3, faults=Faults(text="R2 DOE")),
}


def test_every_reason_has_a_planted_fault():
    assert [check.code for check in checks()] == list(PLANTED)


@pytest.mark.parametrize("code", PLANTED)
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("reported", [True, False], ids=["geometry reported", "geometry not reported"])
def test_a_planted_fault_is_reported_first_with_its_measure_limit_and_advice(code, seed, reported):
    quality = seen(replace(PLANTED[code], seed=seed), reported).quality
    assert codes(quality)[0] == code
    reason = quality.reasons[0]
    assert math.isfinite(reason.measured)
    assert math.isfinite(reason.limit)
    assert reason.measured != reason.limit
    assert reason.advice
    assert quality.good is not reason.spoils


def test_advice_names_the_protocols_own_limits():
    assert "80 mm" in seen(PLANTED["TOO_SHALLOW"]).quality.reasons[0].advice
    assert "cardiac {x}" in seen(PLANTED["WRONG_PRESET"]).quality.reasons[0].advice


@pytest.mark.parametrize("b_lines", [0, 2, 7])
@pytest.mark.parametrize(("depth", "gain", "size"), [(80.0, 57.0, 240), (120.0, 60.0, 480), (160.0, 63.0, 350)])
def test_a_healthy_chest_is_good_and_scores_high(b_lines, depth, gain, size):
    for seed in (1, 2):
        quality = seen(Chest(b_lines, depth, gain, size, seed), reported=seed == 1).quality
        assert not quality.reasons
        assert quality.score > 60


def test_a_usual_frame_scores_100_one_at_its_limit_50_and_a_spoiled_one_0():
    assert assess(1, USUAL).score == 100
    assert assess(1, replace(USUAL, contact=0.55)).score == 50
    assert assess(1, replace(USUAL, contact=0.76)).score == pytest.approx(75)
    assert assess(1, replace(USUAL, contact=0.5)).score == 0


def test_a_fault_that_is_reported_but_does_not_spoil_leaves_the_score():
    quality = assess(1, replace(USUAL, depth_mm=60.0))
    assert codes(quality) == ["TOO_SHALLOW"]
    assert quality.good
    assert quality.score == 100


def test_what_follows_from_another_fault_is_not_reported_beside_it():
    assert codes(assess(1, replace(USUAL, contact=0.0, bright=30.0, motion=0.5))) == ["NO_CONTACT"]


def test_a_protocol_without_presets_takes_any():
    assert codes(assess(1, replace(USUAL, preset="cardiac"))) == ["WRONG_PRESET"]
    assert assess(1, replace(USUAL, preset="cardiac"), Limits(presets=())).good


NONSENSE = (-3.0, 0.0, math.nan, math.inf, -math.inf, 1e300)


@pytest.mark.parametrize("value", NONSENSE)
@pytest.mark.parametrize("preset", [None, "", "{x}", "{0}", "{measured", "}{"])
def test_settings_that_make_no_sense_are_reported_or_ignored(value, preset):
    chest = Chest(3, size=240)
    nonsense = AcquisitionSettings(value, value, value, value, value, value, preset)
    quality = Standardiser(224).take(Frame(chest.image(0.0), 0, 0, 0, Geometry(), nonsense), Limits()).quality
    assert set(codes(quality)) <= {"WRONG_PRESET"}


@pytest.mark.parametrize("grey", [0, 1, 7, 128, 255])
@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (1, 640), (480, 640)])
def test_one_colour_is_not_good_whatever_its_size(grey, shape):
    standardised = Standardiser(224).take(Frame(np.full(shape, grey, np.uint8), 0, 0, 0), Limits())
    assert standardised.quality.reasons
    assert not standardised.quality.good


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_an_8k_frame_is_judged_like_any_other(grey):
    assert not Standardiser(224).take(Frame(np.full((4320, 7680), grey, np.uint8), 0, 0, 0)).quality.good


def test_a_colour_overlay_turned_grey_is_judged():
    picture = Chest(3).image(0.0).copy()
    picture[120:220, 120:240] = np.where(np.random.default_rng(1).random((100, 120)) < 0.5, 76, 29)
    assert all(math.isfinite(reason.measured) for reason in Standardiser(224).take(Frame(picture, 0, 0, 0)).quality.reasons)


anything = st.floats() | st.none()
pairs = st.none() | st.tuples(st.floats(), st.floats())


@st.composite
def frames(draw):
    rows, columns = draw(st.integers(1, 70)), draw(st.integers(1, 70))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    low, high = sorted((draw(st.integers(0, 255)), draw(st.integers(0, 255))))
    pixels = np.where(chance.random((rows, columns)) < draw(st.floats(0, 1)), chance.integers(low, high + 1, (rows, columns)), 0)
    geometry = Geometry(draw(st.sampled_from(Shape)), draw(pairs), draw(pairs), draw(pairs), draw(pairs))
    reported = AcquisitionSettings(depth_mm=draw(anything), gain_db=draw(anything), preset=draw(st.none() | st.text()))
    return Frame(pixels.astype(np.uint8), 0, draw(st.integers(-(2**40), 2**40)), 0, geometry, reported)


@settings(max_examples=150)
@given(st.lists(frames(), min_size=1, max_size=3))
def test_any_frames_get_finite_figures_and_coded_reasons(several):
    standardiser = Standardiser(64)
    known = {check.code for check in checks()}
    for frame in several:
        standardised = standardiser.take(frame, Limits())
        assert set(codes(standardised.quality)) <= known
        assert 0 <= standardised.quality.score <= 100
        assert all(math.isfinite(figure) for figure in astuple(standardised.measured) if isinstance(figure, float))


def test_a_real_lung_is_good_and_a_blank_frame_of_it_is_not(data_folder):
    with open_file(data_folder / "covid_blues/lus_videos/patient_1_R2.mp4") as source:
        standardiser = Standardiser(224)
        qualities = [standardiser.take(frame).quality for frame in source.frames()]
    assert np.mean([quality.good for quality in qualities]) > 0.95
    assert not Standardiser(224).take(Frame(np.zeros((350, 350), np.uint8), 0, 0, 0)).quality.good
