"""How well the share repeats: two recordings of one simulated chest, and the two halves of real clips. The limits are printed."""

import numpy as np
import pytest

from edge.feedback.pleura.clip import REPEATS_WITHIN, ClipMeasurer
from edge.feedback.pleura.measure import share_of
from edge.inference.reader import Reader
from edge.inference.release import ModelRelease
from firmware_bridge.frame import Frame
from firmware_bridge.virtual_probe.chest import Chest
from firmware_bridge.virtual_probe.faults import Faults

pytestmark = pytest.mark.slow

WITHIN = 10
"""Points: the goal for two measurements of one place."""
B_LINES = (0, 1, 3, 6, 8)
CLIPS = ("patient_15_L2", "patient_51_L1", "patient_14_R1", "patient_12_R3", "patient_45_R2")
"""Dry and wet lungs."""
FRAMES = 56
"""All of these clips are at least so long."""


@pytest.fixture(scope="module")
def reader():
    return Reader.load(ModelRelease.load())


def limits(pairs):
    """Mean difference and 95 % limits of agreement (Bland & Altman, Lancet 1986;1:307)."""
    differences = np.subtract(*np.transpose(pairs))
    mean, spread = differences.mean(), 1.96 * differences.std(ddof=1)
    print(f"\n{len(pairs)} pairs: mean difference {mean:+.1f}, limits {mean - spread:+.1f} to {mean + spread:+.1f} points")
    return mean - spread, mean + spread


def chest(reader, b_lines, number):
    """The share of one recording of 3 s: another speckle, moment of the breath, gain, and movement of the hand each time."""
    made = np.random.default_rng([b_lines, number])
    hand, gain = Faults(sweep_mm_s=float(made.normal(0, 0.5))), 60 + float(made.normal(0, 1.5))
    probe, begun = Chest(b_lines, seed=int(made.integers(1, 1000)), gain_db=gain, faults=hand), made.uniform(0, 4)
    measurer, standardiser = ClipMeasurer(reader.release), reader.standardiser()
    for count in range(12):
        time_s = float(begun) + 0.25 * count
        frame = Frame(probe.image(time_s), count, int(time_s * 1e6), 0, probe.geometry, probe.settings, simulated=True)
        seen = standardiser.prepare(frame)
        measurer.add(seen, standardiser.judge(seen).quality, reader.infer(seen))
    return measurer.share().share


def test_two_recordings_of_a_simulated_chest_repeat_within_ten_points(reader):
    pairs = [(chest(reader, count, 1), chest(reader, count, 2)) for count in B_LINES]
    print(*(f"\n{count} B-lines: {one:.0f} and {other:.0f} %" for count, (one, other) in zip(B_LINES, pairs, strict=True)))
    low, high = limits(pairs)
    assert -WITHIN <= low <= high <= WITHIN
    assert all(abs(one - other) <= WITHIN for one, other in pairs)
    means = [sum(pair) / 2 for pair in pairs]
    assert means == sorted(means), "more B-lines have a larger share"


def test_the_halves_of_real_clips_agree_as_stated(reader, data_folder):
    folder = data_folder / "covid_blues" / "lus_videos"
    halves = frozenset(range(FRAMES // 2)), frozenset(range(FRAMES // 2, FRAMES))
    shares = [[share_of(reader, folder / f"{name}.mp4", half).share for half in halves] for name in CLIPS]
    print(*(f"\n{name}: {one:.0f} and {other:.0f} %" for name, (one, other) in zip(CLIPS, shares, strict=True)))
    low, high = limits(shares)
    assert max(abs(low), abs(high)) <= 2 * REPEATS_WITHIN, "five clips are few: the stated limits are those of 44"
    assert np.mean([abs(one - other) <= WITHIN for one, other in shares]) >= 0.8
