"""Probes with planted faults: each is found where it is, and a healthy probe is never called ill."""

import itertools
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from edge.probe.check import CantTell, compare, measure
from edge.probe.pool import FRAMES, Held, Pool
from firmware_bridge.frame import Frame, Geometry
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

DB = 255 / 58
"""Grey levels a decibel, as the virtual probe shows them."""
AGAIN = 5
"""Most pools here hold each of their frames so often: a dead element is as dead in each."""
RUNS = list(range(127))


def frames_of(chest, count, again=AGAIN, start_s=0.0, step_s=0.4):
    drawn = [chest.image(start_s + i * step_s) for i in range(-(-count // again))]
    for i, pixels in enumerate(itertools.islice(itertools.cycle(drawn), count)):
        yield Frame(pixels, i, i * 40_000, i, chest.geometry, chest.settings, simulated=True)


def pooled(frames):
    pool = Pool()
    for frame in frames:
        pool.add(frame)
    return pool


def in_air(seed=1, again=AGAIN, **faults):
    return measure(pooled(frames_of(Chest(seed=seed, faults=Faults(air=1, **faults)), FRAMES[Held.AIR], again)))


def on_skin(seed=1, again=50, size=350, **faults):
    return measure(pooled(frames_of(Chest(seed=seed, size=size, faults=Faults(**faults)), FRAMES[Held.CLINICAL], again)))


def places(measured):
    return [(run.first, run.last) for run in measured.runs]


@pytest.mark.parametrize("first", [0, 63, 126])
def test_two_dead_neighbours_are_found_in_air(first):
    assert places(in_air(seed=first, dead=(first, first + 1))) == [(first, first + 1)]


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 127, 16))
def test_two_dead_neighbours_are_found_in_air_at_every_place(start):
    for first in RUNS[start : start + 16]:
        measured = in_air(seed=first, dead=(first, first + 1))
        assert measured.held is Held.AIR
        assert places(measured) == [(first, first + 1)]


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 127, 16))
def test_two_dead_neighbours_are_found_in_clinical_frames_at_every_third_place(start):
    for first in RUNS[start : start + 16 : 3]:
        measured = on_skin(seed=first, dead=(first, first + 1))
        assert measured.held is Held.CLINICAL
        assert places(measured) == [(first, first + 1)]


@pytest.mark.parametrize("element", [0, 1, 40, 63, 64, 100, 127])
def test_a_single_dead_element_is_found_in_air_and_on_the_skin(element):
    assert places(in_air(dead=(element,))) == places(on_skin(dead=(element,))) == [(element, element)]


def test_the_place_is_stated_in_millimetres_along_the_array():
    (run,) = in_air(dead=(40, 41)).runs
    pitch = 60 * np.radians(62) / 127
    assert run.mm == (pytest.approx(40 * pitch, abs=0.05), pytest.approx(41 * pitch, abs=0.05))


def test_long_and_scattered_runs_are_found_in_air():
    assert places(in_air(dead=tuple(range(30, 60)))) == [(30, 59)]
    assert places(in_air(dead=(5, 50, 51, 90))) == [(5, 5), (50, 51), (90, 90)]


def disturbed(frames, rng):
    """As a worse machine would send them: a gain that is a little off, and lossy images."""
    change = rng.uniform(-1, 1) * DB
    for frame in frames:
        shifted = np.where(frame.pixels > 0, np.clip(frame.pixels + change, 0, 255), 0).astype(np.uint8)
        lossy = BytesIO()
        Image.fromarray(shifted).save(lossy, "JPEG", quality=85)
        yield replace(frame, pixels=np.array(Image.open(lossy)))


@pytest.mark.slow
def test_a_thousand_healthy_frames_in_air_raise_no_alarm():
    rng, baseline, seen = np.random.default_rng(0), in_air(), 0
    for seed in range(1000 // FRAMES[Held.AIR]):
        pool = pooled(disturbed(frames_of(Chest(seed=seed, faults=Faults(air=1)), FRAMES[Held.AIR], 1, seed), rng))
        measured = measure(pool)
        compared = compare(measured, baseline)
        assert places(measured) == []
        assert abs(compared.loss) < 8
        assert compared.change < 0.05
        seen += measured.frames
    assert seen == 1000


@pytest.mark.slow
def test_a_thousand_healthy_clinical_frames_raise_no_alarm():
    """Seven patients, breathing, with as many B-lines as their scenario has."""
    rng, seen = np.random.default_rng(0), 0
    for seed in range(7):
        measured = measure(pooled(disturbed(frames_of(Chest(seed=seed), FRAMES[Held.CLINICAL], 1, 4.0 * seed, 0.04), rng)))
        assert places(measured) == []
        assert measured.unseen == ()
        seen += measured.frames
    assert seen >= 1000


def test_a_loss_of_three_decibels_is_seen_and_a_healthy_repeat_is_not():
    baseline = in_air(seed=1)
    assert abs(compare(in_air(seed=2), baseline).loss) < 0.5
    assert compare(in_air(seed=2, loss_db=3), baseline).loss == pytest.approx(3 * DB, rel=0.1)
    assert compare(in_air(seed=2, loss_db=20), baseline).loss > 15 * DB


def test_the_picture_of_another_array_does_not_correlate_with_the_baseline():
    baseline = in_air()
    half_dead = in_air(dead=tuple(range(64)))
    assert compare(baseline, baseline).change == pytest.approx(0, abs=1e-9)
    assert compare(half_dead, baseline).change > 0.1


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_a_lifted_edge_is_reported_as_not_judged_and_not_as_dead(share):
    measured = on_skin(air=share)
    assert places(measured) == []
    (unseen,) = measured.unseen
    assert unseen.last == 127
    assert unseen.first == pytest.approx(128 * (1 - share), abs=6)


def without_geometry(held, seed, dead):
    chest = Chest(seed=seed, faults=Faults(air=float(held is Held.AIR), dead=dead))
    return measure(pooled(replace(frame, geometry=Geometry()) for frame in frames_of(chest, FRAMES[held])))


@pytest.mark.parametrize("seed", [1, 4])
@pytest.mark.parametrize("held", [Held.AIR, Held.CLINICAL])
def test_without_a_geometry_dead_neighbours_are_found_by_the_pixels(held, seed):
    measured = without_geometry(held, seed, (40, 41))
    assert places(without_geometry(held, seed, ())) == []
    (run,) = measured.runs
    assert abs(run.first - 40) <= 1
    assert abs(run.last - 41) <= 1
    assert run.mm is None
    assert 0 < measured.unsure < 10


def test_frames_of_several_depths_are_pooled_on_the_skin_and_not_in_air():
    def both(air):
        depths = (Chest(depth_mm=depth, faults=Faults(air=air, dead=(20, 21))) for depth in (100, 140))
        return pooled(itertools.chain.from_iterable(frames_of(chest, 80) for chest in depths))

    assert places(measure(both(0.0))) == [(20, 21)]
    assert measure(both(1.0)).frames == 80


def test_an_index_that_changes_with_every_frame_is_no_other_setting():
    frames = frames_of(Chest(faults=Faults(air=1)), FRAMES[Held.AIR])
    warming = (replace(frame, settings=replace(frame.settings, thermal_index=0.1 * i)) for i, frame in enumerate(frames))
    assert measure(pooled(warming)).frames == FRAMES[Held.AIR]


@pytest.mark.parametrize(
    ("chest", "code"),
    [
        (Chest(faults=Faults(frozen=True)), "FROZEN"),
        (Chest(faults=Faults(air=0.5)), "TOO_FEW_FRAMES"),
        (Chest(size=200), "TOO_COARSE"),
        (Chest(faults=Faults(air=1, loss_db=60)), "DARK"),
        (Chest(gain_db=80), "UNEVEN_SKIN"),
    ],
)
def test_a_missing_result_states_its_reason(chest, code):
    with pytest.raises(CantTell) as reported:
        measure(pooled(frames_of(chest, FRAMES[Held.CLINICAL])))
    assert reported.value.code == code
    assert reported.value.says
    assert reported.value.advice


@pytest.mark.parametrize("held", [Held.AIR, Held.CLINICAL, None])
def test_too_few_frames_say_how_many_there_are(held):
    with pytest.raises(CantTell, match="10 in air, 0 on the skin"):
        measure(pooled(frames_of(Chest(faults=Faults(air=1)), 10)), held)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (40, 60), (480, 640)])
@pytest.mark.parametrize("grey", [0, 77, 255])
def test_pictures_of_one_colour_tell_nothing(shape, grey):
    with pytest.raises(CantTell):
        measure(pooled(Frame(np.full(shape, grey, np.uint8), i, i, i) for i in range(150)))


def test_pictures_that_would_fill_the_memory_are_left_out():
    pool = pooled(Frame(np.zeros((4320, 7680), np.uint8), i, i, i) for i in range(2))
    with pytest.raises(CantTell, match="million pixels"):
        measure(pool)


def test_bands_that_cannot_be_compared_say_so():
    baseline = in_air()
    with pytest.raises(CantTell, match="saturated"):
        compare(replace(baseline, band=np.full_like(baseline.band, 255)), baseline)
    with pytest.raises(CantTell, match="elements"):
        compare(replace(baseline, picture=baseline.picture[:64]), baseline)
