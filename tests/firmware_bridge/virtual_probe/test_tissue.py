"""The tissue of the simulated patient, which the settings of the probe do not change."""

from dataclasses import replace

import numpy as np
import pytest

from firmware_bridge.virtual_probe import chest, tissue
from firmware_bridge.virtual_probe.chest import Chest


def test_a_new_gain_draws_neither_the_tissue_nor_the_map_of_the_fan_again():
    patient = Chest(2, size=64, seed=41)
    patient.image(0)
    drawn = tissue.tissue.cache_info().misses, chest._converter.cache_info().misses
    louder = replace(patient, gain_db=70.0).image(0)
    assert (tissue.tissue.cache_info().misses, chest._converter.cache_info().misses) == drawn
    assert louder.mean() > patient.image(0).mean()


def test_patients_differ_and_one_patient_is_shared_and_cannot_be_changed():
    assert not np.array_equal(tissue.tissue(41).lung, tissue.tissue(42).lung)
    with pytest.raises(ValueError, match="read-only"):
        tissue.tissue(41).wall[0, 0] = 1
