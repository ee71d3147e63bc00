from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")

from models.lung.evaluation.across import across

ALPHA = 0.1


@pytest.fixture
def elsewhere(predictions_of):
    """Sixty patients of six sources that no network saw, well separated."""
    made = predictions_of(external=60)
    healthy = (made.labels[:, 0] == 0) & (made.labels[:, 2] == 0)
    made = replace(made, int8_logits=made.int8_logits + 2 * (made.labels == 1), healthy=healthy)
    numbers = np.array([int(patient.rpartition("p")[2]) % 6 for patient in made.patients])
    return replace(made, sources=np.where(made.sources == "", "", np.char.add("source", numbers.astype(str))))


def test_sources_that_are_alike_carry_prediction_sets(elsewhere):
    for finding in across(elsewhere, ALPHA)[:2]:
        assert finding.sources == 6
        assert 0 < finding.thresholds.present_from < 1
        assert 0 < finding.thresholds.absent_to < 1
        for answers in (finding.coverage.with_finding, finding.coverage.without):
            assert answers.covered.high >= 0.9


def test_one_source_that_calls_healthy_lungs_ill_takes_the_sets_away(elsewhere):
    odd = (elsewhere.sources == "source3")[:, np.newaxis]
    logits = np.where(odd, -3 * elsewhere.int8_logits, elsewhere.int8_logits)
    b_lines = across(replace(elsewhere, int8_logits=logits), ALPHA)[0]
    assert b_lines.thresholds is None
    assert b_lines.healthy_present > ALPHA * b_lines.healthy_decided


def test_one_source_alone_carries_none(elsewhere):
    alone = replace(elsewhere, sources=np.where(elsewhere.sources == "", "", "north"))
    for finding in across(alone, ALPHA):
        assert (finding.sources, finding.thresholds, finding.healthy_decided) == (1, None, 0)


def test_a_class_without_clips_carries_none(elsewhere):
    labels = elsewhere.labels.copy()
    labels[elsewhere.sources != "", 0] = 0
    b_lines = across(replace(elsewhere, labels=labels), ALPHA)[0]
    assert (b_lines.coverage, b_lines.thresholds) == (None, None)


def test_a_recipe_without_sources_left_out_has_nothing_to_judge(predictions):
    assert across(replace(predictions, sources=np.full(len(predictions.files), "")), ALPHA) == ()
