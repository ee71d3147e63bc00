import math

import numpy as np
import pytest

from edge.feedback.drift.exams import ClipSignals, clip_signals, names_of, outputs_of, signals_of
from edge.inference.features import packed, unpacked
from edge.records.exams.assessment import Assessment

IMAGES = Assessment(
    "1", 200, 150, 80.0, False, None, "", {}, {}, "", 1.2, {}, "GE Vscan Air", measures={"bright": 90.0}, features=packed(np.ones(4))
)


def test_a_clip_tells_its_quality_its_figures_its_machine_and_each_probability():
    found = clip_signals(IMAGES, {"b_lines": 0.7})
    assert found.values == {
        "quality": 80.0,
        "good": 0.75,
        "novelty": 1.2,
        "bright": 90.0,
        "machine:GE Vscan Air": 1.0,
        "finding:b_lines": 0.7,
    }
    assert found.features.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("images", [None, Assessment("1", 0, 0, 0.0, False, "quality", "", {}, {})])
def test_a_clip_without_images_tells_its_probabilities_only(images):
    found = clip_signals(images, {"b_lines": 0.7})
    assert (found.values, found.features) == ({"finding:b_lines": 0.7}, None)


def test_what_was_not_measured_in_a_clip_or_is_no_number_is_left_out():
    clips = [ClipSignals({"bright": 1.0, "gain_db": math.nan}, np.ones(3)), ClipSignals({"bright": math.inf}, np.array([1, np.nan, 1]))]
    found = signals_of([*clips, ClipSignals({"bright": 3.0}, np.ones(4))])
    assert {name: values.tolist() for name, values in found.values.items()} == {"bright": [1, 3], "gain_db": []}
    assert found.features.shape == (1, 3)


def test_an_exam_without_clips_has_no_signals():
    found = signals_of([])
    assert (found.values, found.features) == ({}, None)


def test_a_machine_is_0_in_the_clips_of_another_one():
    one, other = clip_signals(IMAGES, {}), ClipSignals({"machine:Philips Lumify": 1.0})
    names = names_of([one, other])
    assert names == {"machine:GE Vscan Air", "machine:Philips Lumify"}
    found = signals_of([one], names)
    assert (found.values["machine:GE Vscan Air"].tolist(), found.values["machine:Philips Lumify"].tolist()) == ([1], [0])
    assert signals_of([ClipSignals({"bright": 1.0})], names).values.keys() == {"bright"}


def test_the_probabilities_are_known_by_their_channels():
    assert outputs_of([signals_of([clip_signals(IMAGES, {"b_lines": 0.7, "a_lines": 0.1})])]) == {"finding:b_lines", "finding:a_lines"}


def test_features_keep_three_digits_in_the_records_and_damaged_ones_are_none():
    features = np.random.default_rng(1).normal(0, 8, 224)
    text = packed(features)
    assert len(text) == 600
    np.testing.assert_allclose(unpacked(text), features, rtol=1e-3)
    assert [unpacked(each) for each in ("", "?", "AAA", packed(np.array([1e9])))] == [None] * 4
