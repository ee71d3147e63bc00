from dataclasses import replace

import numpy as np
import pytest

from edge.bench.drift.changes import DEAD, by_another_machine, with_dead_elements, with_gain
from firmware_bridge.frame import Frame
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

CHEST = Chest(0, seed=3)


def frames(chest=CHEST):
    return [Frame(chest.image(time_s), number, 0, 0, chest.geometry, chest.settings) for number, time_s in enumerate((0.3, 1.7))]


@pytest.mark.parametrize("db", [3, -3])
def test_a_gain_moves_each_level_and_leaves_black_black(db):
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16)
    frame = replace(frames()[0], pixels=ramp)
    changed = with_gain([frame], db)[0].pixels.ravel().astype(int)
    assert changed[0] == 0
    middle = slice(32, 224)
    assert np.unique(np.abs(changed - np.arange(256))[middle]).tolist() == [13]
    assert (np.diff(changed) >= 0).all()
    assert changed.max() == (255 if db > 0 else 242)


def test_dead_elements_darken_the_beams_that_the_virtual_probe_darkens():
    whole, ours = frames()[0].pixels.astype(int), with_dead_elements(frames())[0].pixels.astype(int)
    probes = frames(replace(CHEST, faults=Faults(dead=DEAD)))[0].pixels.astype(int)
    assert (ours <= whole).all()
    assert np.corrcoef((whole - ours).ravel(), (whole - probes).ravel())[0, 1] > 0.7
    assert 0.7 < (whole - ours).sum() / (whole - probes).sum() < 1.4


def test_another_machine_shows_dark_echoes_brighter_and_less_speckle():
    before, after = frames()[0].pixels.astype(int), by_another_machine(frames())[0].pixels.astype(int)
    assert after.mean() > before.mean()
    assert np.abs(np.diff(after, axis=0)).mean() < 0.7 * np.abs(np.diff(before, axis=0)).mean()


def test_a_change_of_the_frames_does_not_change_the_settings_that_they_state():
    for changed in (with_gain(frames(), 3), with_dead_elements(frames()), by_another_machine(frames())):
        assert [(frame.settings, frame.sequence) for frame in changed] == [(CHEST.settings, 0), (CHEST.settings, 1)]
