from dataclasses import replace
from types import SimpleNamespace

import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")

from edge.inference.conformal import Thresholds
from edge.inference.statistics import Estimate
from edge.inference.validation import Validation
from models.lung.evaluation.across import Across
from models.lung.evaluation.evaluation import ReleaseEvaluation
from models.lung.recipe import load_recipe
from models.lung.validation import validation

RECIPE = load_recipe()
NOWHERE = ReleaseEvaluation("lung-s", (), None, None, (), ())


def across(key, thresholds, clips=60):
    return Across(key, 6, 40, clips, thresholds, None, 9, 0)


def judged_on(dataset):
    """One finding of one data set, with the figures that a validation states."""
    coverage = [SimpleNamespace(alpha=alpha, with_finding=answers(0.9), without=answers(0.8)) for alpha in (0.05, RECIPE.alpha)]
    accuracy = SimpleNamespace(auc=Estimate(0.8, 0.7, 0.9))
    finding = SimpleNamespace(key="b_lines", patients=50, clips=285, accuracy=accuracy, coverage=coverage)
    return replace(NOWHERE, sets=(SimpleNamespace(dataset=dataset, findings=(finding,)),))


def answers(covered):
    return SimpleNamespace(covered=Estimate(covered, 0.0, 1.0))


def test_a_release_is_validated_on_the_machine_of_the_clips_that_judged_it():
    (on,) = validation("0" * 64, RECIPE, judged_on("covid_blues")).validated_on
    assert (on.machine.name, on.patients, on.clips) == ("Philips Lumify", 50, 285)
    assert on.figures["b_lines"] == {"auc": 0.8, "auc_low": 0.7, "auc_high": 0.9, "covered_present": 0.9, "covered_absent": 0.8}


def test_clips_of_many_machines_validate_none():
    assert validation("0" * 64, RECIPE, judged_on("pocus_lung")).validated_on == ()


def test_what_nobody_judged_holds_nowhere():
    assert validation("0" * 64, RECIPE, NOWHERE) == Validation(model_sha256="0" * 64)


def test_only_findings_whose_sets_the_data_carry_are_decided_across_machines():
    judged = replace(NOWHERE, across=(across("b_lines", Thresholds(0.6, 0.2)), across("a_lines", None, clips=9)))
    found = validation("0" * 64, RECIPE, judged).across_machines
    assert (found.sources, found.patients, found.clips, found.alpha) == (6, 40, 60, RECIPE.alpha)
    assert {key: (each.present_from, each.absent_to) for key, each in found.findings.items()} == {"b_lines": (0.6, 0.2)}
    assert validation("0" * 64, RECIPE, replace(NOWHERE, across=(across("a_lines", None),))).across_machines is None
