import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.inference.conformal import Thresholds, fit, fit_across

PROBABILITIES = st.lists(st.floats(0, 1), min_size=1, max_size=60)


def test_the_quantile_follows_the_formula():
    # ten clips with the finding, alpha 0.2: ceil(11 x 0.8) = the 9th smallest of 1 - p, so the 9th largest p
    labels, probabilities = np.ones(10), np.linspace(0.1, 1.0, 10)
    assert fit(probabilities, labels, 0.2).present_from == pytest.approx(0.2)
    # ten clips without: the 9th smallest p
    assert fit(probabilities, np.zeros(10), 0.2).absent_to == pytest.approx(0.9)


@pytest.mark.parametrize(("clips", "promised"), [(8, False), (9, True)])
def test_with_too_few_clips_for_a_guarantee_a_class_is_in_every_set(clips, promised):
    fitted = fit(np.full(clips, 0.5), np.ones(clips), 0.1)
    assert (fitted.present_from > 0) is promised
    assert Thresholds.set_of(fitted, np.array([0.0]))[0][0] != promised
    assert fitted.absent_to == 1, "there was no clip without the finding"


@given(PROBABILITIES, PROBABILITIES, st.sampled_from([0.05, 0.1, 0.2, 0.5]))
def test_the_clips_of_the_fit_are_covered_at_least_as_often_as_promised(positive, negative, alpha):
    probabilities = np.array(positive + negative)
    labels = np.repeat([1.0, 0.0], [len(positive), len(negative)])
    present, absent = fit(probabilities, labels, alpha).set_of(probabilities)
    assert present[labels == 1].mean() >= 1 - alpha
    assert absent[labels == 0].mean() >= 1 - alpha


def test_exchangeable_clips_are_covered_as_promised_in_each_class():
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(400):
        labels = np.repeat([1.0, 0.0], [80, 30])
        rng.shuffle(labels)
        probabilities = 1 / (1 + np.exp(-rng.normal(labels * 1.5 - 0.75)))
        present, absent = fit(probabilities[:55], labels[:55], 0.1).set_of(probabilities[55:])
        covered.append([present[labels[55:] == 1].mean(), absent[labels[55:] == 0].mean()])
    assert np.mean(covered, axis=0) == pytest.approx([0.9, 0.9], abs=0.04)
    assert (np.mean(covered, axis=0) > 0.89).all()


def test_clips_without_a_label_are_skipped():
    probabilities, labels = np.linspace(0, 1, 40), np.tile([0.0, 1.0], 20)
    more = fit(np.append(probabilities, [0.99, 0.01]), np.append(labels, [np.nan, np.nan]), 0.1)
    assert more == fit(probabilities, labels, 0.1)


def test_well_separated_classes_give_empty_sets_between_them():
    rng = np.random.default_rng(1)
    probabilities = np.concatenate([rng.uniform(0.9, 1, 50), rng.uniform(0, 0.1, 50)])
    present, absent = fit(probabilities, np.repeat([1.0, 0.0], 50), 0.1).set_of(np.array([0.5]))
    assert not present[0]
    assert not absent[0]


def test_across_sources_each_with_enough_clips_keeps_the_promise_alone():
    rng = np.random.default_rng(2)
    shift = np.repeat([-1.0, 0.0, 1.0], 60)
    labels = np.tile([0.0, 1.0], 90)
    probabilities = 1 / (1 + np.exp(-(rng.normal(2 * labels - 1) + shift)))
    sources = np.repeat(["a", "b", "c"], 60)
    fitted = fit_across(probabilities, labels, sources, 0.1)
    pooled = fit(probabilities, labels, 0.1)
    assert (fitted.present_from, fitted.absent_to) != (pooled.present_from, pooled.absent_to)
    present, absent = fitted.set_of(probabilities)
    for source in "abc":
        own = sources == source
        assert present[own & (labels == 1)].mean() >= 0.9
        assert absent[own & (labels == 0)].mean() >= 0.9


@pytest.mark.parametrize(
    ("present", "sources"),
    [(8, "ab" * 20), (9, "a" * 40), (9, "b" * 9 + "a" * 31)],
    ids=["too few clips of a class", "one source", "a class from one source"],
)
def test_across_sources_there_is_none_without_enough_clips_and_sources(present, sources):
    labels = np.repeat([1.0, 0.0], [present, 40 - present])
    assert fit_across(np.linspace(1, 0, 40), labels, np.array(list(sources)), 0.1) is None


def test_a_source_with_too_few_clips_of_a_class_does_not_widen_the_limits():
    labels, probabilities = np.tile([1.0, 0.0], 40), np.tile([0.8, 0.2], 40)
    sources = np.array(["a"] * 38 + ["b"] * 38 + ["c"] * 4)
    fitted = fit_across(probabilities, labels, sources, 0.1)
    assert (fitted.present_from, fitted.absent_to) == pytest.approx((0.8, 0.2))
