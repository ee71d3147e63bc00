from dataclasses import replace

import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")

from edge.inference.golden import machine
from edge.inference.release import GOLDEN, ModelRelease
from edge.inference.runtime import Interpreter
from models.lung.evaluation.evaluation import ReleaseEvaluation
from models.lung.evaluation.sources import sources
from models.lung.recipe import RECIPE, load_recipe
from models.lung.release import Making, elsewhere


@pytest.fixture
def making(predictions, tmp_path):
    recipe = load_recipe()
    network = recipe.networks[-1]
    model = ModelRelease.load(RECIPE.parent / "release" / network.name).path
    judged = ReleaseEvaluation(network.name, (), None, None, (), (), sources(predictions, {}))
    return Making(network, recipe, predictions, judged, model, tmp_path)


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


def test_the_figures_on_new_sources_are_those_of_the_evaluation(making):
    found = elsewhere(making.digest, making.judged)
    every = making.judged.sources[-1]
    assert (found.sources, found.patients, set(found.findings)) == (2, every.patients, {finding.key for finding in every.findings})
    assert {key: finding.auc for key, finding in found.findings.items()} == {each.key: each.auc.value for each in every.findings}
    assert found.findings["b_lines"].healthy_over == every.findings[0].over.value


def test_an_a_line_in_a_healthy_lung_is_no_false_alarm(making):
    assert elsewhere(making.digest, making.judged).findings["a_lines"].healthy_over is None


def test_without_sources_left_out_there_are_no_figures(making):
    assert elsewhere(making.digest, replace(making.judged, sources=())) is None


def test_calibration_is_fitted_to_the_clips_of_the_machine_that_it_is_for(making):
    _, sets = making._fitted()
    assert (sets.clips, sets.patients) == (making.predictions.calibrates.sum(), 50)
    fewer = replace(making.predictions, calibrates=making.predictions.folds == 0)
    assert replace(making, predictions=fewer)._fitted()[1].clips == fewer.calibrates.sum()
