from dataclasses import dataclass

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")

from edge.inference.look import LOOK, load_looks
from edge.vision.texture import FEATURES, SIDE
from models.lung.look import FRAMES, looks, save, textures
from models.lung.pictures import Pictures
from models.lung.recipe import load_recipe

FOLDS, EACH = 4, 10


@dataclass
class Clip:
    dataset: str
    fold: int
    patient: str
    source: str = ""


@pytest.fixture(scope="module")
def clips():
    return [Clip(dataset, n % FOLDS, f"p{n // 2}") for dataset in ("covid_blues", "pocus_lung") for n in range(EACH * FOLDS)]


def features(clips, apart):
    """Textures; those of the first data set differ in one feature."""
    rng = np.random.default_rng(5)
    found = rng.normal(size=(len(clips), FRAMES, FEATURES))
    found[[clip.dataset == "covid_blues" for clip in clips], :, 3] += apart
    return found


def test_a_machine_of_its_own_texture_is_recognised(clips):
    (look,) = looks(clips, features(clips, apart=6), load_recipe())
    assert look.machine.name == "Philips Lumify"
    assert look.guard.auroc > 0.99
    assert look.guard.other_refused > 0.95
    assert look.guard.own_refused <= 0.05
    assert (look.guard.own_clips, look.guard.other_clips, look.guard.other_sources) == (EACH * FOLDS, EACH * FOLDS, EACH * FOLDS // 2)


def test_where_the_textures_do_not_differ_the_figures_state_it(clips):
    (look,) = looks(clips, features(clips, apart=0), load_recipe())
    assert 0.3 < look.guard.auroc < 0.7
    assert look.guard.other_refused < 0.3


def test_without_other_machines_in_each_fold_there_is_no_look(clips):
    alone = [clip for clip in clips if clip.dataset == "covid_blues" or clip.fold]
    assert list(looks(alone, features(alone, apart=6), load_recipe())) == []


def test_what_is_saved_scores_as_it_was_fitted(clips, tmp_path):
    found = features(clips, apart=6)
    fitted = list(looks(clips, found, load_recipe()))
    save("a" * 64, fitted, tmp_path / LOOK)
    (look,) = load_looks(tmp_path, {LOOK: ""}, "a" * 64)
    scores = np.array([[look.score(frame) for frame in clip] for clip in found]).mean(axis=1)
    assert (scores[: EACH * FOLDS] > look.limit).mean() > 0.9
    assert (scores[EACH * FOLDS :] < look.limit).mean() > 0.9


def test_textures_are_those_of_evenly_spaced_frames():
    grey = np.random.default_rng(1).integers(0, 255, (2, 24, SIDE, SIDE), dtype=np.uint8)
    assert textures(Pictures(grey, np.ones((2, 24), bool))).shape == (2, FRAMES, FEATURES)
