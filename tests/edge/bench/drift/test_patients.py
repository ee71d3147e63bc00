import numpy as np
import pytest

from edge.bench.drift.changes import Change
from edge.bench.drift.patients import Patient, chances, ward_of
from edge.feedback.drift.signals import Signals


def patient(sick, value, changed=()):
    return Patient(sick, Signals({"b": np.array([value])}), {change: Signals({"b": np.array([value + 100])}) for change in changed})


PATIENTS = [patient(number < 3, float(number), [Change.DEAD] if number % 2 else []) for number in range(10)]


@pytest.mark.parametrize("prevalence", [0.3, 0.6])
def test_sick_patients_come_as_often_as_the_prevalence(prevalence):
    found = chances(PATIENTS, prevalence)
    assert found.sum() == pytest.approx(1)
    assert found[:3].sum() == pytest.approx(prevalence)


def test_a_ward_has_a_stream_for_each_change():
    ward = ward_of(PATIENTS[:5], PATIENTS[1:], 0.3)
    assert [float(exam.values["b"][0]) for exam in ward.reference] == [0, 1, 2, 3, 4]
    assert set(ward.changed) == {Change.DEAD, Change.PREVALENCE}
    assert [float(exam.values["b"][0]) for exam in ward.changed[Change.DEAD].exams] == [101, 103, 105, 107, 109]
    assert ward.changed[Change.PREVALENCE].chances[:2].sum() == pytest.approx(0.6)
    assert ward.steady.chances[:2].sum() == pytest.approx(0.3)


def test_another_machine_may_have_other_patients():
    elsewhere = [Signals({"b": np.array([7.0])})] * 4
    stream = ward_of(PATIENTS, PATIENTS, 0.3, elsewhere).changed[Change.MACHINE]
    assert (stream.exams, stream.chances.tolist()) == (elsewhere, [0.25] * 4)
