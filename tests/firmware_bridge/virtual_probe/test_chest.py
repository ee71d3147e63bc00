import dataclasses

import numpy as np
import pytest

from firmware_bridge.virtual_probe.chest import SAMPLE_MM, Chest
from firmware_bridge.virtual_probe.tissue import LINES


def bright_lines(chest, time_s):
    """How many separate bright columns reach the bottom of the fan."""
    bottom = chest.beam_lines(time_s)[:, int(chest.samples * 0.75) :].mean(axis=1)
    bright = np.convolve(bottom, np.ones(3) / 3, "same") > 100
    return int((np.diff(bright.astype(int)) == 1).sum())


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_as_many_b_lines_reach_the_bottom_as_were_asked_for(count):
    assert bright_lines(Chest(count), 0.7) == count


def test_a_lines_repeat_the_pleural_depth():
    chest = Chest(0)
    profile = chest.beam_lines(0.0)[LINES // 2 - 4 : LINES // 2 + 4].mean(axis=0)
    depth = np.linspace(0, chest.depth_mm, chest.samples)

    def peak(low, high):
        where = np.flatnonzero((depth > low) & (depth < high))
        return depth[where[profile[where].argmax()]]

    pleura = peak(24, 32)
    assert peak(pleura * 2 - 6, pleura * 2 + 6) == pytest.approx(2 * pleura, abs=1.5)
    assert peak(pleura * 3 - 6, pleura * 3 + 6) == pytest.approx(3 * pleura, abs=1.5)


def test_ribs_throw_shadows():
    lines = Chest(0).beam_lines(0.0).astype(float)
    rib, between = int((1 - 0.74) / 2 * LINES), LINES // 2
    assert lines[rib, 150:].mean() < 0.5 * lines[between, 150:].mean()


def test_the_same_seed_and_moment_give_the_same_image_and_another_does_not():
    one = Chest(2, seed=4).image(1.25)
    assert np.array_equal(one, Chest(2, seed=4).image(1.25))
    assert not np.array_equal(one, Chest(2, seed=5).image(1.25))
    assert not np.array_equal(one, Chest(2, seed=4).image(1.3))


def test_gain_brightens_and_depth_widens_the_view():
    chest = Chest(1)
    assert dataclasses.replace(chest, gain_db=75).image(0).mean() > chest.image(0).mean() + 10
    deep = dataclasses.replace(chest, depth_mm=200)
    assert deep.geometry.mm_per_px[0] > chest.geometry.mm_per_px[0]
    assert deep.settings.depth_mm == 200
    assert deep.image(0).shape == chest.image(0).shape == (350, 350)


def test_the_picture_depends_on_the_place_in_the_tissue_and_not_on_the_depth_setting():
    shallow, deep = Chest(1, depth_mm=100), Chest(1, depth_mm=200)
    assert (shallow.samples, deep.samples) == (round(100 / SAMPLE_MM), round(200 / SAMPLE_MM))
    near = slice(0, shallow.samples // 2)
    assert np.abs(shallow.beam_lines(0.4)[:, near].astype(float) - deep.beam_lines(0.4)[:, near]).mean() < 2


def test_the_preset_is_sent_with_the_frames():
    assert Chest().settings.preset == "lung"
    assert Chest(preset="abdomen").settings.preset == "abdomen"


def test_the_number_of_b_lines_changes_with_time_unless_it_is_fixed():
    assert len({Chest().b_lines_at(t) for t in range(30)}) == 4
    assert {Chest(2).b_lines_at(t) for t in range(30)} == {2}
