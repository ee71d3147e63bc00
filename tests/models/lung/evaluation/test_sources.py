from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")

from models.lung.evaluation.sources import EVERY, sources

NAMES = {"b_lines": "B-lines"}


def test_each_source_has_its_figures_and_all_together_have_theirs(predictions):
    north, south, every = sources(predictions, NAMES)
    assert (north.source, south.source, every.source) == ("north", "south", EVERY)
    labelled = ~np.isnan(predictions.labels).all(axis=1)
    assert north.clips + south.clips == every.clips == (labelled & (predictions.sources != "")).sum()
    assert north.patients == south.patients == 10
    for source in (north, south, every):
        b_lines = source.findings[0]
        assert b_lines.name == "B-lines"
        assert b_lines.auc.low > 0.6
    assert north.findings[0].healthy + south.findings[0].healthy == every.findings[0].healthy == predictions.healthy.sum()


def test_a_network_that_calls_healthy_lungs_ill_has_a_share_over_the_limit(predictions):
    false_alarms = replace(
        predictions, int8_logits=np.where(predictions.healthy[:, np.newaxis], 9, predictions.int8_logits).astype(np.float32)
    )
    worse, before = sources(false_alarms, NAMES)[-1].findings[0], sources(predictions, NAMES)[-1].findings[0]
    assert (worse.over.value, worse.under.value) == (1, 0)
    assert before.over.value < 0.3 < before.under.value
    assert worse.auc.value < before.auc.value


def test_a_class_without_clips_has_no_auc(predictions):
    labels = predictions.labels.copy()
    labels[predictions.sources == "north", 0] = 0
    north = sources(replace(predictions, labels=labels), NAMES)[0]
    assert (north.findings[0].positives, north.findings[0].auc) == (0, None)
    assert north.findings[1].auc is not None


def test_a_recipe_without_sources_left_out_has_no_figures(predictions):
    assert sources(replace(predictions, sources=np.full(len(predictions.files), "")), NAMES) == ()
