import csv

import numpy as np
import pytest
from PIL import Image

from edge.vision.foreign import FEATURES
from models.foreign.examples import SIMULATED, STRANGERS, VARIANTS, _chest, _described, _files, _of_file


def data_set(folder, names):
    with (folder / "manifest.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "patient_or_video_id"])
        rows.writerows([name, f"of {name}"] for name in names)


def test_copies_of_one_picture_are_in_one_group(tmp_path):
    data_set(tmp_path, ["SC_rgb.dcm", "SC_rgb_jpeg.dcm", "MR_small.dcm", "MR2_J2KI.dcm", "cat.png", "dog.png"])
    groups = [group for _, group in _files(tmp_path, STRANGERS)]
    assert groups == ["bars", "bars", "mr", "mr", "cat.png", "dog.png"]


def test_patients_are_groups(tmp_path):
    data_set(tmp_path, ["a.mp4"])
    assert [group for _, group in _files(tmp_path, "covid_blues")] == ["of a.mp4"]


def test_a_picture_yields_itself_and_its_variants(tmp_path):
    path = tmp_path / "cat.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (80, 90), dtype=np.uint8)).save(path)
    found = list(_of_file(STRANGERS, path, "cat"))
    assert [example.seen for example in found] == [0] + [-1] * VARIANTS[STRANGERS]
    assert all(example.foreign and example.features.shape == (len(FEATURES),) for example in found)


@pytest.mark.parametrize("number", range(9))
def test_a_simulated_chest_with_any_fault_has_features(number):
    assert number < SIMULATED
    assert np.isfinite(_described(_chest(np.random.default_rng(number), number))[-1]).any()
