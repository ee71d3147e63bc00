"""Simulated patients: always there, and as many as are wanted, so that the reference and the watch see different ones.

They differ by as much as real patients do: the brightness of a patient of COVID-BLUES spreads by 10.6 grey levels, 2.5 dB.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from edge.bench.drift.changes import DEAD, GAINS_DB, Change, by_another_machine, with_gain
from edge.bench.drift.patients import Patient
from edge.bench.drift.reading import clip_of, exam_of
from edge.inference.reader import Reader
from firmware_bridge.frame import Frame
from firmware_bridge.virtual_probe.chest import REFERENCE_DEPTH_MM, REFERENCE_GAIN_DB, Chest
from firmware_bridge.virtual_probe.faults import Faults

ZONES, TIMES_S = 6, (0.3, 1.7)
PREVALENCE = 0.3
BODY_DB, HAND_DB = 2.5, 1.7
"""The spread of the echoes between patients, and between the clips of one."""
HAZE, BLUR_MM, MOST_SPEED_MM_S = 0.01, 0.35, 10.0
"""The means of the haze and of the spread of a point in a patient, and the fastest hand."""
B_LINES = {True: ((0, 2, 3, 4, 6), (0.2, 0.15, 0.25, 0.25, 0.15)), False: ((0, 1, 2), (0.85, 0.1, 0.05))}
"""How many B-lines a zone has, with their chances, in a patient with an interstitial syndrome or without."""
CHANGES = (*GAINS_DB, Change.DEAD, Change.MACHINE)
SEED = 20261201

Wanted = Callable[[int], bool]


def simulated(reader: Reader, count: int, changed: Wanted, each: Callable[[], None]) -> list[Patient]:
    """`count` patients; with every change those whose number is `changed`. Calls `each` after each patient."""
    found = []
    for number in range(count):
        found.append(_patient(reader, number, changed=changed(number)))
        each()
    return found


def _patient(reader: Reader, number: int, *, changed: bool) -> Patient:
    rng = np.random.default_rng((SEED, number))
    sick = bool(rng.random() < PREVALENCE)
    zones = list(_zones(rng, number, sick=sick))
    steady = exam_of(clip_of(reader, _frames(zone)) for zone in zones)
    if not changed:
        return Patient(sick, steady)
    return Patient(sick, steady, {change: exam_of(clip_of(reader, _changed(zone, change)) for zone in zones) for change in CHANGES})


def _changed(zone: Chest, change: Change) -> list[Frame]:
    if change is Change.DEAD:
        return _frames(replace(zone, faults=replace(zone.faults, dead=DEAD)))
    return by_another_machine(_frames(zone)) if change is Change.MACHINE else with_gain(_frames(zone), GAINS_DB[change])


def _zones(rng: np.random.Generator, number: int, *, sick: bool) -> Iterator[Chest]:
    body_db, haze = rng.normal(0, BODY_DB), rng.exponential(HAZE)
    blur_mm, depth_mm = BLUR_MM * rng.uniform(0.6, 1.4), float(rng.choice([120.0, REFERENCE_DEPTH_MM, REFERENCE_DEPTH_MM, 160.0]))
    counts, shares = B_LINES[sick]
    for _ in range(ZONES):
        faults = Faults(blur_mm=blur_mm, haze=haze, sweep_mm_s=rng.uniform(0, MOST_SPEED_MM_S))
        gain_db = REFERENCE_GAIN_DB + body_db + rng.normal(0, HAND_DB)
        yield Chest(int(rng.choice(counts, p=shares)), depth_mm, gain_db, seed=number, faults=faults)


def _frames(zone: Chest) -> list[Frame]:
    """The body changes the echoes, and not the setting that the probe states."""
    settings = replace(zone.settings, gain_db=REFERENCE_GAIN_DB)
    return [
        Frame(zone.image(time_s), number, int(time_s * 1e6), 0, zone.geometry, settings, simulated=True)
        for number, time_s in enumerate(TIMES_S)
    ]
