"""Each fault at its strength, alone and visible; everything else stays as it was."""

import numpy as np
import pytest

from firmware_bridge.frame import Geometry
from firmware_bridge.virtual_probe.chest import DYNAMIC_RANGE_DB, SAMPLE_MM, Chest
from firmware_bridge.virtual_probe.faults import Faults
from firmware_bridge.virtual_probe.tissue import LINES

NEAR = slice(2, round(8 / SAMPLE_MM))
DEEP = slice(round(30 / SAMPLE_MM), None)


def lines(time_s=0.5, **faults):
    return Chest(2, faults=Faults(**faults)).beam_lines(time_s).astype(float)


def test_without_a_fault_the_picture_is_as_it_was():
    assert np.array_equal(Chest(2).image(1.0), Chest(2, faults=Faults()).image(1.0))


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_air_takes_its_share_of_the_array_from_the_right_edge(share):
    deep = np.median(lines(air=share)[:, DEEP], axis=1)
    in_air = deep < 20
    assert in_air[LINES - round(share * LINES) :].all()
    assert in_air.mean() == pytest.approx(share, abs=0.1)


def test_an_array_in_air_rings_alike_in_every_line_and_shows_nothing_below():
    air = lines(air=1.0)
    near = air[:, NEAR]
    assert near.max() > 150
    assert np.abs(near - np.median(near, axis=0)).mean() < 5
    assert np.median(air[:, DEEP]) < 20


@pytest.mark.parametrize("element", [0, 40, 127])
def test_a_dead_element_darkens_its_own_line_most_and_the_ends_do_not_wrap(element):
    fall = (lines(air=1.0) - lines(air=1.0, dead=(element,)))[:, :2].mean(axis=1)
    assert fall.argmax() == element
    assert fall[element] > 5 * DYNAMIC_RANGE_DB / 255
    assert np.abs(np.delete(fall, range(max(0, element - 1), min(LINES, element + 2)))).max() < 1


def test_a_dead_element_is_hardly_missed_in_the_depth():
    fall = (lines() - lines(dead=(60,)))[60]
    assert fall[NEAR].mean() > 20
    assert fall[DEEP].mean() < 12


@pytest.mark.parametrize("loss_db", [1.0, 3.0, 6.0])
def test_a_loss_lowers_every_bright_echo_by_as_many_decibels(loss_db):
    before, after = lines(), lines(loss_db=loss_db)
    bright = (before > 100) & (before < 250)
    assert (before - after)[bright].mean() == pytest.approx(loss_db * 255 / DYNAMIC_RANGE_DB, rel=0.1)


def test_blur_takes_detail_and_keeps_the_brightness():
    sharp, blurred = lines(), lines(blur_mm=1.0)
    assert np.abs(np.diff(blurred, axis=0)).mean() < 0.6 * np.abs(np.diff(sharp, axis=0)).mean()
    assert blurred.mean() == pytest.approx(sharp.mean(), rel=0.3)


def test_haze_fills_dark_areas():
    dark = lines() < 40
    assert lines(haze=1.0)[dark].mean() > lines()[dark].mean() + 80
    assert lines(haze=0.3)[dark].mean() < lines(haze=1.0)[dark].mean()


def test_a_sweep_moves_the_picture_along_the_array_by_the_speed():
    still, swept = lines(time_s=1.0), lines(time_s=1.0, sweep_mm_s=20.0)
    moved = [np.abs(np.roll(still, shift, 0) - swept).mean() for shift in range(LINES)]
    assert int(np.argmin(moved)) == pytest.approx(20.0 / (60 * np.radians(62) / LINES), abs=1)


def test_a_frozen_chest_does_not_move_and_another_does():
    frozen = Chest(2, faults=Faults(frozen=True))
    assert np.array_equal(frozen.image(0.0), frozen.image(3.3))
    assert not np.array_equal(Chest(2).image(0.0), Chest(2).image(3.3))


def test_text_is_written_over_the_image_alone():
    plain, written = Chest(2).image(0.5), Chest(2, faults=Faults(text="DOE^JANE")).image(0.5)
    changed = plain != written
    assert 50 < changed.sum() < 0.05 * plain.size
    assert (written[changed] > plain[changed]).all()


def test_a_foreign_picture_has_no_geometry_and_no_black_corners():
    chest = Chest(faults=Faults(foreign=True))
    assert chest.geometry == Geometry()
    assert chest.image(0.0).min() > 40
