"""What is measured of simulated chests whose faults are known."""

from itertools import product

import numpy as np
import pytest

from edge.vision.measure import Measured, depth_of
from edge.vision.standardise import Standardiser
from firmware_bridge.frame import AcquisitionSettings, Frame, Geometry
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

NAN, INF = float("nan"), float("inf")


def seen(chest: Chest, times=(0.0, 0.04), reported=True) -> list[Measured]:
    standardiser = Standardiser(224)
    geometry = chest.geometry if reported else Geometry()
    return [standardiser.take(Frame(chest.image(t), n, int(t * 1e6), 0, geometry, chest.settings)).measured for n, t in enumerate(times)]


@pytest.mark.parametrize("air", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
def test_contact_is_within_five_points_of_what_touches_the_skin(air):
    settings = zip(product((0, 3, 7), (90.0, 150.0)), (54.0, 60.0, 66.0) * 2, (240, 350, 480) * 2, strict=True)
    for seed, ((b_lines, depth), gain, size) in enumerate(settings):
        chest = Chest(b_lines, depth, gain, size, seed, faults=Faults(air=air))
        assert seen(chest, (0.7 * seed,))[-1].contact == pytest.approx(1 - air, abs=0.05)


def test_where_the_array_is_off_the_skin_is_reported():
    assert seen(Chest(faults=Faults(air=0.3)))[-1].off_skin == "right"


GRADED = {
    "sharpness": ([Faults(blur_mm=mm) for mm in (0.0, 0.4, 0.8, 1.6)], -1),
    "haze": ([Faults(haze=share) for share in (0.0, 0.2, 0.5, 1.0)], 1),
    "motion": ([Faults(sweep_mm_s=speed) for speed in (0.0, 40.0, 80.0)], 1),
    "dark_line": ([Faults(dead=dead) for dead in ((), (55,), (54, 55, 56))], 1),
    "bright": ([Faults(loss_db=loss) for loss in (0.0, 10.0, 20.0, 40.0)], -1),
}


@pytest.mark.parametrize("name", GRADED)
@pytest.mark.parametrize("reported", [True, False], ids=["geometry reported", "geometry not reported"])
def test_a_worse_fault_is_measured_as_worse(name, reported):
    faults, sign = GRADED[name]
    figures = [getattr(seen(Chest(3, faults=fault), (0.5, 0.54), reported)[-1], name) for fault in faults]
    assert (np.diff(figures) * sign > 0).all()


def test_more_gain_saturates_more():
    figures = [seen(Chest(3, gain_db=gain))[-1].saturated for gain in (60.0, 70.0, 80.0)]
    assert figures == sorted(figures)
    assert figures[-1] > 0.1


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_movement_is_the_same_at_any_frame_rate(fps):
    chest = Chest(3, faults=Faults(sweep_mm_s=60.0))
    assert seen(chest, (0.5, 0.5 + 1 / fps))[-1].motion == pytest.approx(0.3, abs=0.2)


def test_a_standstill_is_timed_from_the_last_change():
    frozen = Chest(3, faults=Faults(frozen=True))
    assert [m.still_s for m in seen(frozen, (0.0, 0.5, 1.1))] == [None, 0.5, 1.1]


@pytest.mark.parametrize(("b_lines", "gain"), [(0, 50.0), (3, 60.0), (7, 70.0)])
def test_a_live_chest_never_stands_still(b_lines, gain):
    assert all(not m.still_s for m in seen(Chest(b_lines, gain_db=gain), np.arange(0, 4, 1 / 7)))


def test_blackness_does_not_stand_still():
    standardiser = Standardiser(224)
    black = np.zeros((200, 200), np.uint8)
    assert not any(standardiser.take(Frame(black, n, n * 500_000, 0)).measured.still_s for n in range(5))


def test_time_that_runs_backwards_is_no_movement_without_end():
    chest = Chest(3)
    assert np.isfinite(seen(chest, (1.0, 0.5, 0.5))[-1].motion)


def test_one_odd_frame_does_not_make_it_another_kind_of_picture():
    standardiser = Standardiser(224)
    pictures = [Chest(3, size=240).image(n / 25) for n in range(20)]
    pictures[16] = np.full((240, 240), 200, np.uint8)
    figures = [standardiser.take(Frame(p, n, n * 40_000, 0)).measured.foreign for n, p in enumerate(pictures)]
    assert max(figures) < 0


@pytest.mark.parametrize("depth", [-3.0, 0.0, NAN, INF, -INF, 1e9])
def test_a_depth_that_no_probe_has_is_not_believed(depth):
    assert depth_of(AcquisitionSettings(depth_mm=depth), Geometry()) is None


def test_without_settings_the_fan_tells_the_depth():
    assert depth_of(AcquisitionSettings(), Chest(depth_mm=120).geometry) == pytest.approx(120)
    assert depth_of(AcquisitionSettings(), Geometry()) is None
