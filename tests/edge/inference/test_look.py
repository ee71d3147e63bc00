import json

import numpy as np
import pytest

from edge.inference.errors import ModelUnusable
from edge.inference.look import LOOK, load_looks
from edge.vision.texture import FEATURES
from firmware_bridge.machine import Machine

DIGEST = "a" * 64
GUARD = {"own_clips": 285, "own_refused": 0.05, "other_clips": 131, "other_sources": 10, "other_refused": 0.9, "auroc": 0.98}
LUMIFY = {"maker": "Philips", "model": "Lumify", "weights": [0.5] * FEATURES, "offset": 1.0, "limit": -0.5, "guard": GUARD}


@pytest.fixture
def folder(tmp_path):
    """Writes the file, and returns its folder."""

    def write(model=DIGEST, later="", **changes):
        (tmp_path / LOOK).write_text(json.dumps({"model_sha256": model, "machines": [LUMIFY | changes], "later": later}))
        return tmp_path

    return write


def test_a_look_is_read(folder):
    (look,) = load_looks(folder(), {LOOK: ""}, DIGEST)
    assert look.machine == Machine("Philips", "Lumify")
    assert look.score(np.ones(FEATURES)) == FEATURES / 2 + 1
    assert look.limit == -0.5


def test_a_release_without_the_file_has_no_look(tmp_path):
    assert load_looks(tmp_path, {}, DIGEST) == ()


def test_keys_of_a_later_program_are_not_used(folder):
    assert len(load_looks(folder(later="more", also=1), {LOOK: ""}, DIGEST)) == 1


@pytest.mark.parametrize(
    "wrong", [{"weights": [0.5]}, {"weights": [float("nan")] * FEATURES}, {"limit": "low"}, {"guard": None}, {"maker": "a\u202eb"}]
)
def test_a_look_that_is_not_valid_is_refused(folder, wrong):
    with pytest.raises(ModelUnusable, match=LOOK):
        load_looks(folder(**wrong), {LOOK: ""}, DIGEST)


def test_the_look_of_another_model_is_refused(folder):
    with pytest.raises(ModelUnusable, match="another model"):
        load_looks(folder(model="b" * 64), {LOOK: ""}, DIGEST)
