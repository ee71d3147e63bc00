"""The evaluation of synthetic predictions finds their known properties."""

from dataclasses import replace
from math import erf

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")

from rich.progress import Progress

from edge.inference.statistics import wilson
from models.lung.evaluation.clips import clips_of
from models.lung.evaluation.evaluation import Evaluation, dump, load
from models.lung.evaluation.judge import Known, judge
from models.lung.predictions import PredictionsUnusable, Strangers

pytestmark = pytest.mark.slow

NAMES = {"b_lines": "B-lines", "a_lines": "A-lines", "severity_2_plus": "Severity 2 or more"}
TRUE_AUC = {key: (1 + erf(separation / 2)) / 2 for key, separation in zip(NAMES, (1.8, 1.4, 1.0), strict=True)}


def judged_of(predictions, data):
    return judge(predictions, Known.of([predictions], data, NAMES), (), Progress(disable=True))


@pytest.fixture(scope="module")
def judged(predictions, made_up_data):
    return judged_of(predictions, made_up_data)


def test_each_finding_of_each_set_is_evaluated(judged, predictions):
    taught, external = judged.sets
    assert (taught.dataset, taught.external, external.dataset, external.external) == ("covid_blues", False, "pocus_lung", True)
    assert [finding.name for finding in taught.findings] == list(NAMES.values())
    assert taught.findings[0].clips == 300
    assert external.findings[0].clips == int((~np.isnan(predictions.labels[predictions.folds < 0, 0])).sum()) < 120
    assert judged.cross_validated == taught.findings


def test_the_auc_equals_that_of_the_synthetic_distributions(judged):
    for finding in judged.cross_validated:
        auc = finding.accuracy.auc
        assert auc.low <= TRUE_AUC[finding.key] <= auc.high
        assert auc.high - auc.low < 0.15
        assert len(finding.accuracy.fold_aucs) == 4
        x, y = np.array(finding.accuracy.roc.x), np.array(finding.accuracy.roc.y)
        assert np.sum((y[1:] + y[:-1]) / 2 * np.diff(x)) == pytest.approx(auc.value, abs=0.01), "the area under the curve that is drawn"


def test_pictures_without_information_give_a_floor_of_chance(judged):
    for finding in judged.cross_validated:
        assert finding.floor.auc.low < 0.5 < finding.floor.auc.high
        assert finding.floor.auc_above.low > 0


def test_confusion_and_shares_agree(judged):
    for finding in judged.cross_validated:
        of, counts = finding.accuracy, finding.accuracy.confusion
        assert counts.true_present + counts.false_absent == finding.positives
        assert of.sensitivity.value == pytest.approx(counts.true_present / finding.positives)
        assert of.specificity.value == pytest.approx(counts.true_absent / (finding.clips - finding.positives))
        assert of.balanced_accuracy.value == pytest.approx((of.sensitivity.value + of.specificity.value) / 2)


def test_a_share_of_zero_still_has_an_interval(predictions):
    clips = clips_of(predictions, 0)
    some = np.arange(len(clips)) < 30  # of five patients
    none, every = np.zeros(len(clips), bool), np.ones(len(clips), bool)
    assert clips.share(none, some) == wilson(0, 5)
    assert clips.share(every, some) == wilson(5, 5)


def test_small_int8_noise_has_almost_no_cost(judged):
    for finding in judged.cross_validated:
        assert abs(finding.quantisation.auc_loss.value) < 0.01
        assert finding.quantisation.auc_loss.value == pytest.approx(finding.accuracy.float_auc.value - finding.accuracy.auc.value)
        assert 0 < finding.quantisation.change_95 < finding.quantisation.largest_change < 0.1


def test_large_int8_noise_is_detected(predictions, made_up_data):
    broken = np.random.default_rng(5).normal(size=predictions.int8_logits.shape).astype(np.float32)
    finding = judged_of(replace(predictions, int8_logits=broken), made_up_data).cross_validated[0]
    assert finding.quantisation.auc_loss.low > 0.2
    assert finding.accuracy.auc.value < 0.6


def test_sets_contain_the_truth_as_often_as_promised(judged):
    for finding in judged.cross_validated:
        for of in finding.coverage:
            for answers in (of.with_finding, of.without):
                assert answers.covered.low <= 1 - of.alpha <= answers.covered.high
                assert answers.present + answers.absent + answers.both + answers.empty == answers.clips
                assert answers.covered_by_patient.value == answers.covered.value


def test_a_larger_share_of_the_answered_clips_is_right(judged):
    for finding in judged.cross_validated:
        curve = finding.abstention.accuracy
        counts = finding.accuracy.confusion
        assert curve.y[0] == pytest.approx((counts.true_present + counts.true_absent) / finding.clips)
        assert curve.y[10] > curve.y[0] + 0.03


def test_platt_is_calibrated_and_recommended(judged):
    for finding in judged.cross_validated:
        of = finding.calibration
        assert of.recommended == "Platt"
        assert of.ece.value < 0.09
        assert sum(each.clips for each in of.bins) == finding.clips
        assert [method.name for method in of.methods] == ["none", "temperature", "Platt", "beta"]
        assert next(method for method in of.methods if method.name == "Platt").ece == of.ece


def test_other_pictures_are_separated_from_lungs(judged):
    kinds = {kind.kind: kind for kind in judged.novelty.kinds}
    assert kinds["photograph"].auroc.value == 1
    assert kinds["photograph"].beyond_limit == kinds["photograph"].pictures == 20
    assert kinds["noise"].quality_refused == 10
    assert judged.novelty.foreign.pictures == 30
    assert judged.novelty.foreign.read_as_lung == 0
    assert judged.novelty.other_ultrasound.pictures == 15
    assert all(lungs.refused.value < 0.06 for lungs in judged.novelty.lungs)


def test_a_picture_similar_to_a_lung_is_read_as_one_unless_its_quality_is_bad(predictions, made_up_data):
    novelty = np.full_like(predictions.strangers.novelty, 1.0)
    judged = judged_of(replace(predictions, strangers=replace(predictions.strangers, novelty=novelty)), made_up_data)
    assert judged.novelty.foreign.read_as_lung == 20, "the ten of noise are stopped by their quality"
    assert [verdict.reached for verdict in judged.verdicts if "read as lung" in verdict.what] == [False]


def test_a_pcr_result_independent_of_the_clips_is_not_predicted(judged):
    assert (judged.pcr.patients, judged.pcr.positives) == (50, 17)
    assert judged.pcr.auc.low < 0.5 < judged.pcr.auc.high


def test_a_finding_with_too_few_clips_is_listed_as_not_judged(predictions, made_up_data):
    labels = predictions.labels.copy()
    labels[predictions.folds < 0, 1] = 0
    external = judged_of(replace(predictions, labels=labels), made_up_data).sets[1]
    assert external.not_judged == ("a_lines",)
    assert [finding.key for finding in external.findings] == ["b_lines", "severity_2_plus"]


def test_verdicts_follow_the_table_of_targets(judged):
    of = {verdict.what: verdict for verdict in judged.verdicts}
    auc = judged.cross_validated[2].accuracy.auc
    goal = of["Severity 2 or more: AUC, goal"]
    assert (goal.target, goal.found, goal.reached) == ("≥ 0.80", auc, auc.value >= 0.80)
    assert of["Severity 2 or more: AUC above the plain network"].reached
    assert len(of) == len(judged.verdicts) == 3 * 6 + 5 + 3


def test_a_hospital_with_few_patients_and_only_clips_is_evaluated(predictions_of, tmp_path):
    from PIL import Image

    own = predictions_of(patients=12, external=3)  # three patients are too few to leave some out
    own = replace(own, strangers=Strangers(*(each[:0] for each in (own.files, own.files, own.novelty, own.novelty > 0))))
    for file in own.files:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        Image.new("L", (8, 8)).save(tmp_path / file)
    judged = judged_of(own, tmp_path)
    assert (judged.novelty, judged.pcr) == (None, None)
    assert [finding.key for finding in judged.cross_validated] == list(NAMES)
    assert {group.variable for group in judged.cross_validated[0].subgroups} == {"BLUE point"}
    assert judged.cross_validated[0].floor.auc.value == 0.5, "every picture is the same"
    assert judged.sets[1].findings[0].floor is None


def test_an_evaluation_loads_unchanged_from_json(judged, tmp_path):
    whole = Evaluation((judged,), ())
    (tmp_path / "evaluation.json").write_bytes(dump(whole))
    assert load(tmp_path / "evaluation.json") == whole


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"releases": 1, "data": []}'])
def test_a_file_that_is_not_an_evaluation_is_refused(tmp_path, content):
    path = tmp_path / "evaluation.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PredictionsUnusable, match=r"Run python -m models\.lung\.evaluate"):
        load(path)
