"""A refit is proposed where the calibration in use is wrong by more than chance, and nowhere else."""

import numpy as np
import pytest

from edge.feedback.recalibration.propose import NoRefit, Refit, refits
from edge.inference.acceptance.judge import JudgedClip
from edge.inference.acceptance.platt import logistic
from edge.inference.finding_label import FindingLabel

RIGHT = FindingLabel("b_lines", "B-lines", 1.0, 0.0, 0.1, 0.9)
PATIENTS = 60


def clips(patients=PATIENTS, each=3, seed=1):
    """Clips whose labels are drawn by the probability of `RIGHT`; those of a patient are similar."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(patients):
        middle = rng.normal(0, 2)
        for _ in range(each):
            logit = middle + rng.normal(0, 0.5)
            has = bool(rng.uniform() < logistic(np.array([1.5 * logit]))[0])
            made.append(JudgedClip(f"P{number}", {"b_lines": has}, {"b_lines": logit}))
    return made


def one(label, of):
    (found,) = refits([label], 0.1, of)
    return found


@pytest.mark.parametrize("wrong", [{"slope": 8.0}, {"offset": 4.0}, {"slope": 0.1, "offset": -2.0}])
def test_a_calibration_that_is_far_off_has_a_better_refit(wrong):
    label = FindingLabel(**{name: getattr(RIGHT, name) for name in RIGHT.__dataclass_fields__} | wrong)
    found = one(label, clips())
    assert isinstance(found, Refit)
    assert found.why_not == ""
    assert found.change.high < 0
    assert found.brier.after.value < found.brier.before.value
    assert found.ece.after.value < found.ece.before.value
    assert found.change.value == pytest.approx(found.brier.after.value - found.brier.before.value)
    assert (found.fitted.slope, found.fitted.offset) == pytest.approx((1.5, 0), abs=0.6)


def test_a_calibration_that_is_right_is_left_alone():
    label = FindingLabel("b_lines", "B-lines", 1.5, 0.0, 0.1, 0.9)
    found = [one(label, clips(seed=seed)) for seed in range(20)]
    proposed = [each for each in found if not each.why_not]
    assert len(proposed) <= 1
    assert "which can be chance" in next(each for each in found if each.why_not).why_not


def test_with_few_patients_there_is_a_sentence_without_a_small_count():
    found = one(RIGHT, clips(patients=9))
    assert isinstance(found, NoRefit)
    assert found.why_not.endswith("and 10 are needed")
    counts = [word for word in found.why_not.split() if word.isdecimal()]
    assert not {"1", "2", "3", "4"} & set(counts)


def test_a_better_refit_that_no_acceptance_carries_is_not_proposed():
    rng = np.random.default_rng(3)
    noise = [JudgedClip(f"P{n}", {"b_lines": bool(n % 2)}, {"b_lines": rng.normal(0, 3)}) for n in range(60)]
    found = one(FindingLabel("b_lines", "B-lines", 5.0, 0.0, 0.1, 0.9), noise)
    assert found.change.high < 0
    assert "an acceptance does not carry it: the AUC is" in found.why_not


def test_the_refit_of_a_patient_has_not_seen_that_patient():
    """Of one patient with every case of a kind, the case itself would make its own calibration look right."""
    first, *others = clips(each=1)
    strange = JudgedClip(first.patient, {"b_lines": True}, {"b_lines": -6.0})
    without, with_it = one(RIGHT, others), one(RIGHT, [strange, *others])
    lost = with_it.brier.after.value * (len(others) + 1) - without.brier.after.value * len(others)
    assert lost > 0.9
