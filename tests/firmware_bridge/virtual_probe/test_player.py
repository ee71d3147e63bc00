import numpy as np

from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.player import ChestPlayer


def test_frames_drawn_in_advance_follow_the_settings():
    player = ChestPlayer(Chest(2, size=40), rendered=2)
    before = player.next()
    assert player.apply(AcquisitionSettings(depth_mm=90)).depth_mm == 90
    after = player.next()
    assert (before.settings.depth_mm, after.settings.depth_mm) == (140, 90)
    assert before.geometry != after.geometry
    assert not np.array_equal(before.pixels, after.pixels)


def test_depth_gain_and_a_known_preset_can_be_set_within_limits():
    player = ChestPlayer(Chest(2, size=40))
    said = player.apply(AcquisitionSettings(depth_mm=1000, gain_db=-5, preset="abdomen"))
    assert (said.depth_mm, said.gain_db, said.preset) == (240, 10, "abdomen")
    assert player.next().settings == said
    assert player.apply(AcquisitionSettings(preset="moon")).preset == "abdomen"


def test_a_fixed_probe_stays_as_it_is_and_claims_nothing_else():
    player = ChestPlayer(Chest(2, size=40), fixed=True)
    assert player.apply(AcquisitionSettings(depth_mm=90, preset="abdomen")) == Chest(2).settings
    assert player.capabilities == ("simulated",)
    assert "set-preset" in ChestPlayer(Chest(2, size=40)).capabilities
