import math

import pytest

from edge.bench.vision import agreement, cost_ms, drawn_masks


@pytest.mark.parametrize("drawn", drawn_masks(), ids=lambda drawn: drawn.file.rsplit("/", 1)[-1])
def test_the_ultrasound_is_found_in_any_machines_export(drawn, data_folder):
    assert agreement(drawn, data_folder) >= 0.95


def test_there_are_masks_of_each_machine():
    machines = [drawn.machine for drawn in drawn_masks()]
    assert len(machines) >= 25
    assert {"Lumify", "Butterfly", "Clarius", "Interson", "SonoSite"} <= set(machines)


def test_a_drawn_mask_is_as_large_as_its_frame_and_is_not_all_of_it():
    drawn = drawn_masks()[0]
    mask = drawn.mask()
    assert mask.shape == (drawn.size[1], drawn.size[0])
    assert 0.1 < mask.mean() < 0.9


def test_the_cost_is_a_figure():
    assert math.isfinite(cost_ms())
