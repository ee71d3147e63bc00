import numpy as np

from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.player import ChestPlayer


def test_frames_drawn_beforehand_follow_what_is_set():
    player = ChestPlayer(Chest(2, size=40), rendered=2)
    before = player.next()
    assert player.apply(AcquisitionSettings(depth_mm=90)).depth_mm == 90
    after = player.next()
    assert (before.settings.depth_mm, after.settings.depth_mm) == (140, 90)
    assert before.geometry != after.geometry
    assert not np.array_equal(before.pixels, after.pixels)
