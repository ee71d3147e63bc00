"""A ward of simulated chests, small enough to train a network in seconds."""

import csv

import numpy as np
import pytest
import yaml
from PIL import Image

from firmware_bridge.virtual_probe.chest import Chest
from models.lung.recipe import RECIPE, load_recipe

CLIPS, FRAMES = 8, 3
COLUMNS = ("file", "patient", "licence", "fold", "b_lines", "a_lines", "severity", "zone")
WARD = {"folder": "ward", "name": "Ward", "source": "the simulated chest", "licence": "CC0", "use": "train", "fold": "fold", "zone": "zone"}


@pytest.fixture(scope="session")
def chest_ward(tmp_path_factory):
    """A data folder with one data set: eight clips of four patients in two folds; half have B-lines."""
    data = tmp_path_factory.mktemp("data")
    folder = data / "ward"
    folder.mkdir()
    rows = []
    for number in range(CLIPS):
        sick = number % 2
        chest = Chest(6 * sick, size=160, seed=number)
        first, *rest = [Image.fromarray(np.ascontiguousarray(chest.image(time / 5))) for time in range(FRAMES)]
        first.save(folder / f"{number}.gif", save_all=True, append_images=rest, duration=200)
        answers = ("no", "yes")[sick], ("yes", "no")[sick], 2 * sick
        rows.append((f"{number}.gif", f"p{number // 2}", "CC0", number // 2 % 2, *answers, "L1"))
    with (folder / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return data


@pytest.fixture(scope="session")
def small_recipe_file(tmp_path_factory):
    content = yaml.safe_load(RECIPE.read_text())
    del content["account"]
    content |= {"folds": 2, "datasets": [WARD], "networks": [{"name": "tiny", "side": 64, "blocks": 11, "head": 16}]}
    content["training"] |= {"frames_per_clip": 3, "frames_per_step": 2, "clips_per_step": 2, "epochs": 2}
    path = tmp_path_factory.mktemp("recipe") / "recipe.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.fixture(scope="session")
def small_recipe(small_recipe_file):
    return load_recipe(small_recipe_file)


@pytest.fixture(scope="session")
def evaluation(predictions_of, made_up_data):
    """The evaluation of two releases with synthetic predictions."""
    pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")
    from rich.progress import Progress

    from models.lung.evaluation.evaluation import DataSource, Evaluation
    from models.lung.evaluation.judge import Known, judge
    from models.lung.evaluation.learning import LearningPoint

    releases = [predictions_of("lung-m"), predictions_of("lung-s", noise=0.3)]
    known = Known.of(releases, made_up_data, {"b_lines": "B-lines", "a_lines": "A-lines", "severity_2_plus": "Severity 2 or more"})
    curve = (LearningPoint(12, "b_lines", 0.71, 0.61, 0.79), LearningPoint(37, "b_lines", 0.88, 0.83, 0.93))
    progress = Progress(disable=True)
    judged = (judge(releases[0], known, curve, progress), judge(releases[1], known, (), progress))
    return Evaluation(judged, (DataSource("COVID-BLUES", "a paper", "CC BY-NC-ND 4.0", taught=True),))
