"""The figures of the drift watch: wards are drawn again and again, each with a reference of its own, from patients that were read once."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from edge.bench.drift import chest, real
from edge.bench.drift.changes import DEAD
from edge.bench.drift.patients import Patient, Ward, chances, ward_of
from edge.bench.drift.watched import Watches
from edge.feedback.drift.course import REFERENCE_EXAMS
from edge.feedback.drift.exams import outputs_of
from edge.feedback.drift.reference import Reference
from edge.feedback.drift.signals import Signals
from edge.inference.reader import Reader
from edge.inference.release import ModelRelease
from firmware_bridge.example_data import ExampleDataAbsent
from firmware_bridge.virtual_probe.tissue import LINES

TARGETS: dict[str, tuple[str, float]] = {"false_alarms_per_1000": ("<=", 1.0), "delay_exams": ("<=", 60.0)}
SIMULATED, REAL = "simulated", "real"
PREVALENCE = {SIMULATED: chest.PREVALENCE, REAL: real.PREVALENCE}
SMALL_NETWORK = "lung-s"
WARDS = 8
SIMULATED_PATIENTS, CHANGED_EVERY = 240, 6
"""Every sixth simulated patient is read with each change too."""
STEADY_WATCHES, STEADY_EXAMS = 20, 1000
CHANGED_WATCHES, MOST_EXAMS, WITHIN = 100, 200, 60
ASSUMED = {
    "reading": f"the release was trained on the patients of {real.OWN}; the reference of each ward is of {REFERENCE_EXAMS} exams",
    "gain": "a machine shows 60 dB in 255 grey levels, so that 3 dB move each level by 12.75",
    "dead elements": f"elements {', '.join(map(str, DEAD))} of {LINES}, by the model of the virtual probe",
    "new machine": f"{SIMULATED}: another contrast and less speckle; {REAL}: the exports of {real.OTHER}, stated as {real.MACHINE.name}",
    "prevalence": f"{chest.PREVALENCE:.0%} of the patients are sick, then {2 * chest.PREVALENCE:.0%}; {REAL}: of {real.SICK}",
}
"""What a reader must know of the figures, by its subject."""
SEED = 20261202
DRAWS = 2000

ByPlace = dict[str, float]


@dataclass(frozen=True, slots=True)
class DriftFigures:
    """Each by the place of its patients, `simulated` or `real`, and the delays by kind of shift too.

    `false_alarms_per_1000` are stops in 1000 steady exams, with a 95 % interval over the wards. `delay_exams` is the median, in exams from
    the shift to the stop, infinite where none came in `MOST_EXAMS`; `found_in_60` the share that is found in 60. `false_alarms_apart`
    are those where the reference is of one half of the patients and the watch of the other: so few differ, which counts as a change.
    """

    false_alarms_per_1000: ByPlace
    false_alarms_low: ByPlace
    false_alarms_high: ByPlace
    delay_exams: dict[str, ByPlace]
    delay_exams_p90: dict[str, ByPlace]
    found_in_60: dict[str, ByPlace]
    patients: ByPlace
    false_alarms_apart: ByPlace


@dataclass(slots=True)
class Found:
    """What the wards of one place gave: stops in 1000 exams of each ward, and the delays of all."""

    rates: list[float]
    delays: dict[str, list[float]]


def absent() -> dict[str, str]:
    """Why there are no figures of real patients, by the name of their place."""
    try:
        real.count()
    except ExampleDataAbsent as why:
        return {REAL: str(why)}
    return {}


def steps(wards: int) -> int:
    """How often `measure` calls `each`."""
    return SIMULATED_PATIENTS + 2 * wards + (0 if absent() else real.count() + 2 * wards)


def measure(release: ModelRelease, wards: int = WARDS, each: Callable[[int], None] = lambda _: None) -> DriftFigures:
    """Reads the patients, and then draws so many wards of each place; calls `each` with the steps so far.

    Raises:
        BridgeError: a recording cannot be read.
        ModelUnusable, RuntimeAbsent: the model cannot be used.
    """
    reader, numbers = Reader.load(release), count(1)

    def step() -> None:
        each(next(numbers))

    patients = {SIMULATED: chest.simulated(reader, SIMULATED_PATIENTS, _changed, step)}
    wards_of = {SIMULATED: drawn_wards(patients[SIMULATED], chest.PREVALENCE)}
    if not absent():
        patients[REAL] = real.own_patients(reader, step)
        wards_of[REAL] = drawn_wards(patients[REAL], real.PREVALENCE, real.other_exams(reader, step))
    places = {place: found_in(each_ward, wards, step) for place, each_ward in wards_of.items()}
    apart = {place: found_in(apart_wards(seen, PREVALENCE[place]), wards, step) for place, seen in patients.items()}
    return figures_of(places, apart, {place: float(len(seen)) for place, seen in patients.items()})


def _changed(number: int) -> bool:
    return number % CHANGED_EVERY == 0


def drawn_wards(patients: Sequence[Patient], prevalence: float, elsewhere: Sequence[Signals] = ()) -> Iterator[Ward]:
    """The patients stand for all patients of a hospital, of whom the reference and the watch see draws."""
    rng, chance = np.random.default_rng(SEED), chances(patients, prevalence)
    while True:
        reference = [patients[number] for number in rng.choice(len(patients), REFERENCE_EXAMS, p=chance)]
        yield ward_of(reference, patients, prevalence, elsewhere)


def apart_wards(patients: Sequence[Patient], prevalence: float) -> Iterator[Ward]:
    """The reference sees draws of one half of the patients, the watch of the other half."""
    rng = np.random.default_rng(SEED)
    while True:
        mixed = [Patient(patients[number].sick, patients[number].steady) for number in rng.permutation(len(patients))]
        one, other = mixed[::2], mixed[1::2]
        drawn = rng.choice(len(one), REFERENCE_EXAMS, p=chances(one, prevalence))
        yield ward_of([one[number] for number in drawn], other, prevalence)


def found_in(wards: Iterator[Ward], number: int, each: Callable[[], None]) -> Found:
    """What so many of the wards give; calls `each` after each ward."""
    found = Found([], defaultdict(list))
    for seed, ward in zip(range(number), wards, strict=False):
        reference = Reference.of(ward.reference, outputs_of(ward.reference))
        steady = Watches(reference, np.random.default_rng((SEED, seed)), STEADY_WATCHES).stops(ward.steady, STEADY_EXAMS)
        found.rates.append(1000 * steady / STEADY_WATCHES / STEADY_EXAMS)
        changed = Watches(reference, np.random.default_rng((SEED, seed)), CHANGED_WATCHES)
        for change, stream in ward.changed.items():
            found.delays[change.value].extend(changed.delays(stream, MOST_EXAMS).tolist())
        each()
    return found


def figures_of(places: Mapping[str, Found], apart: Mapping[str, Found], patients: ByPlace) -> DriftFigures:
    """The figures of what was found in each place, and in the wards of its halves, with the number of its patients."""
    bounds = {place: _interval(found.rates) for place, found in places.items()}
    return DriftFigures(
        false_alarms_per_1000={place: float(np.mean(found.rates)) for place, found in places.items()},
        false_alarms_low={place: low for place, (low, _) in bounds.items()},
        false_alarms_high={place: high for place, (_, high) in bounds.items()},
        delay_exams=_by_change(places, lambda delays: _quantile(delays, 0.5)),
        delay_exams_p90=_by_change(places, lambda delays: _quantile(delays, 0.9)),
        found_in_60=_by_change(places, lambda delays: float(np.mean(np.array(delays) <= WITHIN))),
        patients=patients,
        false_alarms_apart={place: float(np.mean(found.rates)) for place, found in apart.items()},
    )


def _by_change(places: Mapping[str, Found], figure: Callable[[list[float]], float]) -> dict[str, ByPlace]:
    changes = {change for found in places.values() for change in found.delays}
    return {
        change: {place: figure(found.delays[change]) for place, found in places.items() if change in found.delays}
        for change in sorted(changes)
    }


def _quantile(delays: list[float], share: float) -> float:
    """The smallest delay that so many do not exceed; it may be infinite."""
    return float(np.quantile(delays, share, method="inverted_cdf"))


def _interval(rates: list[float]) -> tuple[float, float]:
    """95 % of the means of wards that are drawn again."""
    drawn = np.random.default_rng(SEED).choice(rates, (DRAWS, len(rates))).mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)
