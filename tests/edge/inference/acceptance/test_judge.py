from dataclasses import replace

import numpy as np
import pytest

from edge.inference.acceptance.judge import Counts, Judged, TooFew, counts_of, judge

ALPHA = 0.1


@pytest.fixture
def judged(label):
    def of(clips):
        (found,) = judge([label], ALPHA, clips)
        return found

    return of


def test_a_network_that_sees_the_finding_on_this_machine_is_accepted(site, judged):
    found = judged(site())
    assert found.shortfalls == ()
    assert found.counts == Counts(40, 60, 20, 30)
    assert found.auc.low > 0.9
    assert found.after.sensitivity.value > 0.8
    assert found.after.specificity.value > 0.8
    assert found.platt.slope > 0


def test_labels_that_have_nothing_to_do_with_the_pictures_are_refused(site, judged):
    clips = site()
    for seed in range(4):
        turned = np.random.default_rng(seed).permutation([clip.labels["b_lines"] for clip in clips])
        shuffled = [replace(clip, labels={"b_lines": bool(has)}) for clip, has in zip(clips, turned, strict=True)]
        assert any("AUC" in why for why in judged(shuffled).shortfalls)


def test_local_calibration_corrects_what_is_shifted_on_this_machine(site, judged):
    found = judged(site(with_it=40, without=60, shift=4.0))
    assert found.before.specificity.value < 0.4
    assert found.before.covered_without.value < 0.4
    assert found.before.ece.value > 3 * found.after.ece.value
    assert found.after.specificity.value > 0.8
    assert found.after.covered_without.value >= 1 - ALPHA - 0.05
    assert found.shortfalls == ()


@pytest.mark.parametrize(
    ("with_it", "without", "why"),
    [
        (9, 30, "9 patients with it, and 10 are needed"),
        (20, 9, "9 patients without it, and 10 are needed"),
        (0, 30, "0 patients with it, and 10 are needed"),
    ],
)
def test_too_few_patients_are_not_judged(site, judged, with_it, without, why):
    found = judged(site(with_it, without))
    assert isinstance(found, TooFew)
    assert found.shortfalls == (why,)


def test_many_clips_of_one_patient_are_one_patient(site, judged):
    one = [replace(clip, patient="the same") for clip in site()]
    assert judged(one).shortfalls == ("1 patients with it, and 10 are needed", "1 patients without it, and 10 are needed")


def test_a_patient_may_have_clips_with_the_finding_and_clips_without(site):
    clips = [replace(clip, patient=f"p{number % 12}") for number, clip in enumerate(site())]
    assert counts_of("b_lines", clips) == Counts(40, 60, 12, 12)


def test_an_unknown_label_counts_nowhere(site, judged, label):
    clips = site()
    unknown = [replace(clip, labels={}) for clip in clips[:10]]
    assert judged(clips[10:] + unknown).counts == Counts(30, 60, 15, 30)


def test_a_clip_is_judged_by_a_calibration_that_did_not_see_its_patient(site, judged):
    """Every clip of one patient has a label that contradicts its picture; a fit with that patient would lean towards it."""
    clips = site(12, 12, each=1)
    odd = [replace(clips[0], patient="odd", logits={"b_lines": -9.0})] * 30
    with_odd = judged(clips + odd)
    without = judged(clips)
    is_odd = with_odd.cases.patients == "odd"
    assert with_odd.answers_after.probability[is_odd].max() < 0.2
    fitted_without = 1 / (1 + np.exp(-(without.platt.slope * -9.0 + without.platt.offset)))
    assert with_odd.answers_after.probability[is_odd] == pytest.approx(fitted_without)


def test_a_reversed_network_is_refused(site, judged):
    turned = [replace(clip, logits={"b_lines": -clip.logits["b_lines"]}) for clip in site()]
    found = judged(turned)
    assert isinstance(found, Judged)
    assert found.auc.high < 0.1
    assert any("AUC" in why for why in found.shortfalls)


def test_each_finding_is_judged_on_its_own(site, label):
    clips = [replace(clip, labels={**clip.labels, "a_lines": True}, logits={**clip.logits, "a_lines": 0.0}) for clip in site()]
    good, few = judge([label, replace(label, key="a_lines")], ALPHA, clips)
    assert good.shortfalls == ()
    assert isinstance(few, TooFew)
