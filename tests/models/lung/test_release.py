from dataclasses import replace

import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")

from edge.inference.golden import machine
from edge.inference.release import GOLDEN, ModelRelease
from edge.inference.runtime import Interpreter
from models.lung.recipe import RECIPE, load_recipe
from models.lung.release import Making


@pytest.fixture
def making(predictions, tmp_path):
    recipe = load_recipe()
    network = recipe.networks[-1]
    model = ModelRelease.load(RECIPE.parent / "release" / network.name).path
    return Making(network, recipe, predictions, model, tmp_path)


def test_outputs_of_another_machine_for_the_same_network_stay(making):
    alone = making._golden()
    assert list(alone.outputs) == [machine(Interpreter(making.model).runtime)]
    elsewhere = replace(alone, outputs={"elsewhere/other": next(iter(alone.outputs.values()))})
    elsewhere.save(making.folder / GOLDEN)
    assert set(making._golden().outputs) == {"elsewhere/other", *alone.outputs}


@pytest.mark.parametrize("part", ["network", "inputs"])
def test_outputs_for_another_network_or_input_are_removed(making, part):
    alone = making._golden()
    change = {"network": {"model_sha256": "0" * 64}, "inputs": {"inputs": alone.inputs[::-1]}}[part]
    replace(alone, **change, outputs={"elsewhere/other": next(iter(alone.outputs.values()))}).save(making.folder / GOLDEN)
    assert list(making._golden().outputs) == list(alone.outputs)
