"""The figures of a small clinic, recomputed by hand; what never counts; and the sign of an exam against what turned out."""

import pytest
from scipy.stats import binomtest

from edge.disk.layout import DataFolder
from edge.exchange.apart import each_apart
from edge.feedback.performance.collect import Left
from edge.feedback.performance.compute import Progress, performance_at
from edge.feedback.performance.strata import Dimension
from edge.feedback.statistics.figure import Figure, NoFigure, Why
from edge.feedback.truth.condition import Reference
from edge.records.outcomes.outcomes import Outcomes
from tests.edge.feedback.performance.clinic import SIDES, judged


def test_a_small_clinic_has_the_figures_that_were_counted_by_hand(counted):
    found = judged(counted.performance())
    assert found.shares.counts.model_dump() == {
        "true_present": 6,
        "false_present": None,  # 1, which could tell of one patient
        "false_absent": None,
        "true_absent": 5,
        "unanswered": None,
    }
    for share, hits, of in ((found.shares.sensitivity, 6, 7), (found.shares.specificity, 5, 6), (found.shares.answered, 13, 14)):
        interval = binomtest(hits, of).proportion_ci(method="wilson")
        assert (share.value, share.low, share.high) == pytest.approx((hits / of, interval.low, interval.high), abs=1e-6)
        assert (share.cases, share.patients) == (of, of)
    assert found.scores.auc.value == pytest.approx(40.5 / 48)  # of 8 x 6 pairs: 6 x 5.5, 1 x 2.5 and 1 x 5 are ordered rightly
    assert found.scores.brier.value == pytest.approx(1.98 / 14)
    (point,) = found.scores.reliability
    assert (point.probability, point.share.value) == pytest.approx(((7 * 0.9 + 6 * 0.1 + 0.5) / 14, 8 / 14))


def test_strata_state_no_name_and_are_hidden_where_they_are_few(counted):
    strata = judged(counted.performance()).strata
    assert {dimension: [each.value for each in values] for dimension, values in strata.items()} == {
        Dimension.AGE: ["40-64"],
        Dimension.MACHINE: ["Butterfly iQ3"],
        Dimension.OPERATOR: ["qualified"],
        Dimension.QUALITY: ["75-100"],
        Dimension.READER: ["blind"],
        Dimension.RELEASE: [judged(counted.performance()).strata[Dimension.RELEASE][0].value],
        Dimension.SEX: ["female"],
        Dimension.ZONE: ["L1"],
    }
    counted.one("present", "present", zones=("R1",))
    left, right = judged(counted.performance()).strata[Dimension.ZONE]
    assert (left.value, right.value) == ("L1", "R1")
    assert right.shares.counts is None
    assert left.shares.counts is None  # the whole less the left zone would state the right one
    assert right.shares.sensitivity == NoFigure(Why.FEW)


def test_simulated_exams_patients_without_a_name_and_contradictions_do_not_count(counted):
    before = judged(counted.performance())
    simulated = counted.one("present", "present")
    counted.make_simulated(simulated)
    counted.turned_out(simulated, present=True)
    assert judged(counted.performance()) == before
    assert counted.performance().groups[0].exams == 14


def test_the_same_patient_twice_is_one_patient(counted):
    for _ in range(3):
        counted.one("present", "present", patient=1)
    share = judged(counted.performance()).shares.sensitivity
    assert (share.cases, share.patients) == (10, 7)


def test_nothing_recorded_gives_no_group_and_no_figure(clinic):
    found = clinic.performance()
    assert [(each.protocol, each.exams, each.judged) for each in found.groups] == [("*", 0, ())]
    assert found.own == {}


def test_one_class_only_is_a_sentence(clinic):
    for _ in range(6):
        clinic.one("present", "present")
    found = judged(clinic.performance())
    assert isinstance(found.shares.sensitivity, Figure)
    assert found.shares.specificity == NoFigure(Why.NO_CASES)
    assert isinstance(found.scores.auc, NoFigure)


def test_the_sign_of_an_exam_is_judged_by_what_turned_out(clinic):
    for model, present in (*[("present", True)] * 6, *[("absent", False)] * 5, ("present", False)):
        clinic.turned_out(clinic.one(model, zones=SIDES), present)
    found = judged(clinic.performance(), "exam")
    assert (found.condition, found.shares.counts.true_present, found.shares.counts.true_absent) == ("acute-heart-failure", 6, 5)
    assert found.shares.specificity.value == pytest.approx(5 / 6)
    assert [each.value for each in found.strata[Dimension.REFERENCE]] == ["panel"]
    assert found.scores.auc == NoFigure(Why.UNKNOWN)  # a sign has no probability


def test_weak_withdrawn_and_differing_outcomes_do_not_judge(clinic):
    exams = [clinic.one("present", zones=SIDES) for _ in range(3)]
    clinic.turned_out(exams[0], present=True, reference=Reference.XRAY)
    for present in (True, False):
        clinic.turned_out(exams[1], present)
    Outcomes(clinic.store).withdraw("test", clinic.turned_out(exams[2], present=True).id, "another patient")
    (group,) = clinic.performance().groups
    assert (group.judged, group.left) == ((), {Left.OPEN: None})


def test_a_process_of_its_own_gives_progress_and_then_the_same_figures(counted):
    first, *_, last = each_apart(performance_at, DataFolder(counted.folder).root)
    assert first == Progress(0, 14)
    assert last.groups == counted.performance().groups
