import itertools
import math
from dataclasses import fields

import numpy as np
import pytest

from edge.bench.drift.changes import Change
from edge.bench.drift.measure import TARGETS, DriftFigures, absent, apart_wards, drawn_wards, figures_of, found_in
from edge.bench.drift.patients import Patient
from edge.bench.verdict import judge
from edge.feedback.drift.course import REFERENCE_EXAMS
from tests.edge.feedback.drift.ward import exam, exams


@pytest.fixture(scope="module")
def found():
    """One ward of simulated signals, whose prevalence is 0 or 1 in a patient."""
    rng = np.random.default_rng(4)

    def patient(number):
        sick = bool(rng.random() < 0.3)
        changed = {Change.MORE_GAIN: exam(rng, prevalence=float(sick), gain_db=3)} if number % 6 == 0 else {}
        return Patient(sick, exam(rng, prevalence=float(sick)), changed)

    steps = itertools.count()
    return found_in(drawn_wards([patient(number) for number in range(240)], 0.3), 2, lambda: next(steps)), next(steps)


def test_each_ward_gives_a_rate_and_the_delays_of_its_watches(found):
    wards, steps = found
    assert len(wards.rates) == steps == 2
    assert set(wards.delays) == {Change.MORE_GAIN.value, Change.PREVALENCE.value}
    assert np.median(wards.delays[Change.MORE_GAIN.value]) < 60


def test_the_figures_carry_the_keys_and_targets_of_the_issue(found):
    figures = figures_of({"simulated": found[0]}, {"simulated": found[0]}, {"simulated": 240.0})
    assert figures.false_alarms_low["simulated"] <= figures.false_alarms_per_1000["simulated"] <= figures.false_alarms_high["simulated"]
    assert 0.9 < figures.found_in_60[Change.MORE_GAIN.value]["simulated"] <= 1
    assert figures.delay_exams[Change.MORE_GAIN.value]["simulated"] <= figures.delay_exams_p90[Change.MORE_GAIN.value]["simulated"]
    rows = judge({each.name: getattr(figures, each.name) for each in fields(DriftFigures)}, TARGETS)
    assert {row.label for row in rows if row.target} == {
        "false_alarms_per_1000 simulated",
        *(f"delay_exams {change.value} simulated" for change in (Change.MORE_GAIN, Change.PREVALENCE)),
    }


def test_in_wards_apart_the_reference_and_the_watch_see_different_patients():
    patients = [Patient(number % 3 == 0, each) for number, each in enumerate(exams(9, 46))]
    for ward in itertools.islice(apart_wards(patients, 0.3), 3):
        assert not {id(each) for each in ward.reference} & {id(each) for each in ward.steady.exams}
        assert len(ward.reference) == REFERENCE_EXAMS
        assert len(ward.steady.exams) == 23


def test_a_delay_that_most_watches_never_reach_is_infinite(found):
    wards = type(found[0])([0.0, 1.0], {"dead": [10.0, math.inf, math.inf]})
    assert figures_of({"real": wards}, {}, {"real": 46.0}).delay_exams["dead"]["real"] == math.inf


def test_without_real_recordings_the_figures_state_why_they_are_absent(monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA", "/nowhere")
    assert "SONOEDGE_DATA" in absent()["real"]
