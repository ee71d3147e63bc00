import dataclasses

import numpy as np
import pytest
from PIL import Image

from firmware_bridge.frame import AcquisitionSettings
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults
from firmware_bridge.virtual_probe.player import ChestPlayer, FilePlayer
from firmware_bridge.virtual_probe.tour import chest_at


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
    stated = player.apply(AcquisitionSettings(depth_mm=1000, gain_db=-5, preset="abdomen"))
    assert (stated.depth_mm, stated.gain_db, stated.preset) == (240, 10, "abdomen")
    assert player.next().settings == stated
    assert player.apply(AcquisitionSettings(preset="moon")).preset == "abdomen"


def test_a_probe_that_goes_from_place_to_place_is_in_the_air_between_them_and_then_shows_another_view():
    chest = Chest(size=40)
    player = ChestPlayer(chest, rate=10, stay_s=3)
    images = [player.next().pixels for _ in range(80)]
    in_air = dataclasses.replace(chest, faults=Faults(air=1.0))
    lifted = [number for number, image in enumerate(images) if np.array_equal(image, in_air.image(number / 10))]
    assert lifted == [*range(30, 40), *range(70, 80)]
    assert np.array_equal(images[0], dataclasses.replace(chest, b_lines=0).image(0))
    assert np.array_equal(images[40], dataclasses.replace(chest, seed=2, b_lines=1).image(4))


def test_a_probe_that_goes_from_place_to_place_keeps_its_settings_and_its_b_lines():
    player = ChestPlayer(Chest(2, size=40), rate=10, stay_s=3)
    player.apply(AcquisitionSettings(depth_mm=90))
    assert {player.next().settings.depth_mm for _ in range(80)} == {90}
    assert chest_at(Chest(2), 3600.0, 3).b_lines == 2


@pytest.fixture
def recording(tmp_path):
    stills = [Image.fromarray(np.full((20, 30), 70 + number, np.uint8)) for number in range(3)]
    stills[0].save(tmp_path / "clip.tif", save_all=True, append_images=stills[1:])
    return tmp_path / "clip.tif"


def test_a_recording_is_lifted_before_each_repeat(recording):
    player = FilePlayer(recording, loop=True, air_frames=2)
    shown = [player.next() for _ in range(12)]
    levels = [int(each.pixels.max()) for each in shown]
    once = levels[: levels.index(0)]
    period = [*once, 0, 0]
    assert levels == (period * 12)[:12]
    assert {each.pixels.shape for each in shown} == {(20, 30)}
    assert not any(each.simulated for each in shown)


def test_a_recording_that_is_played_once_ends_without_a_lift(recording):
    player = FilePlayer(recording, loop=False, air_frames=2)
    while (shown := player.next()) is not None:
        assert shown.pixels.max() > 0


def test_a_fixed_probe_stays_as_it_is_and_claims_nothing_else():
    player = ChestPlayer(Chest(2, size=40), fixed=True)
    assert player.apply(AcquisitionSettings(depth_mm=90, preset="abdomen")) == Chest(2).settings
    assert player.capabilities == ("simulated",)
    assert "set-preset" in ChestPlayer(Chest(2, size=40)).capabilities
