import math

import pytest

from edge.bench import same_tissue
from edge.bench.reasons import reason_auc
from edge.bench.vision import agreement, cost_ms, drawn_masks
from edge.vision.quality import checks
from edge.vision.strangers import lungs_refused, strangers_refused

pytestmark = pytest.mark.slow

MOST_CHANGE = 0.07
"""Of a probability between two machines that show the same simulated chest: lung-s 0.4.0 changes by 0.069, lung-s 0.3.2 did by 0.056."""


@pytest.mark.parametrize("drawn", drawn_masks(), ids=lambda drawn: drawn.file.rsplit("/", 1)[-1])
def test_the_ultrasound_region_is_found_in_every_machines_export(drawn, data_folder):
    assert agreement(drawn, data_folder) >= 0.95


def test_there_are_masks_for_each_machine():
    machines = [drawn.machine for drawn in drawn_masks()]
    assert len(machines) >= 25
    assert {"Lumify", "Butterfly", "Clarius", "Interson", "SonoSite"} <= set(machines)


def test_a_drawn_mask_has_the_size_of_its_frame_and_covers_a_part_of_it():
    drawn = drawn_masks()[0]
    mask = drawn.mask()
    assert mask.shape == (drawn.size[1], drawn.size[0])
    assert 0.1 < mask.mean() < 0.9


def test_every_reason_detects_its_simulated_fault():
    agreements = reason_auc()
    assert list(agreements) == [check.code for check in checks()]
    assert min(agreements.values()) >= 0.95


def test_lungs_are_ultrasound_and_other_pictures_are_not(data_folder):
    assert lungs_refused(data_folder) <= 0.01
    assert strangers_refused(data_folder) >= 0.99


def test_the_same_tissue_gives_the_same_reading_on_two_machines_only_if_standardised(capsys):
    change = same_tissue.measure()
    with capsys.disabled():
        print(f"\nlargest change of a probability: {change.standardised:.3f} standardised, {change.raw:.3f} raw")
    assert change.standardised <= min(MOST_CHANGE, change.raw / 2)


def test_the_cost_is_finite_and_quality_is_part_of_it():
    whole, quality = cost_ms()
    assert math.isfinite(whole)
    assert 0 < quality < whole
