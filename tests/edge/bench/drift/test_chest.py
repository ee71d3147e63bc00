import numpy as np
import pytest

from edge.bench.drift.changes import Change
from edge.bench.drift.chest import ZONES, simulated
from edge.inference.reader import Reader
from edge.inference.release import BUILT_IN, ModelRelease
from edge.inference.shelf import family


@pytest.fixture(scope="module")
def reader():
    folder = next(folder for folder in family(BUILT_IN) if folder.name == "lung-s")
    return Reader.load(ModelRelease.load(folder))


@pytest.fixture(scope="module")
def patients(reader):
    return simulated(reader, 2, lambda number: number == 1, lambda: None)


def test_a_simulated_patient_has_an_exam_of_six_clips_with_all_that_the_appliance_records(patients):
    values = patients[0].steady.values
    assert {"bright", "sharpness", "novelty", "quality", "finding:b_lines"} <= set(values)
    assert {len(each) for each in values.values()} == {ZONES}
    assert patients[0].steady.features.shape == (ZONES, 224)
    assert not patients[0].changed


def test_each_change_shows_in_the_readings(patients):
    steady, changed = patients[1].steady, patients[1].changed
    assert set(changed) == set(Change) - {Change.PREVALENCE}
    brightness = {change: np.mean(changed[change].values["bright"]) - np.mean(steady.values["bright"]) for change in changed}
    assert brightness[Change.MORE_GAIN] == pytest.approx(12.75, abs=4)
    assert brightness[Change.LESS_GAIN] == pytest.approx(-12.75, abs=4)
    assert np.mean(changed[Change.MACHINE].values["sharpness"]) < np.mean(steady.values["sharpness"])
    assert (changed[Change.DEAD].values["gain_db"] == steady.values["gain_db"]).all()


def test_the_same_number_is_the_same_patient(reader, patients):
    again = simulated(reader, 1, lambda _: False, lambda: None)[0]
    assert again.sick == patients[0].sick
    assert all((again.steady.values[name] == values).all() for name, values in patients[0].steady.values.items())
