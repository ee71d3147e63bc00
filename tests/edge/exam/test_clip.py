import dataclasses
import math

import numpy as np
import pytest

from edge.exam.clip import DRIFT, MACHINE, NOVELTY, QUALITY, UNCERTAIN, ClipFinding, ClipReader
from edge.inference.features import unpacked
from edge.inference.reading import Reading, Score, StageTimes
from edge.inference.release import FindingLabel, ModelRelease
from edge.inference.release_files import Thresholds
from edge.inference.validation import AcrossMachines
from edge.vision.measure import Measured
from edge.vision.quality import Quality, Reason
from firmware_bridge.machine import UNKNOWN_MACHINE, Machine

LABELS = (FindingLabel("b_lines", "B-lines", 1, 0, 0.3, 0.7), FindingLabel("a_lines", "A-lines", 2, -1, 0.3, 0.7))
RELEASE = dataclasses.replace(ModelRelease.load(), version="1.2.3", findings=LABELS)
LIMIT = RELEASE.novelty.limit
LUMIFY, OTHER = Machine("Philips", "Lumify"), Machine("Acme", "Scan")
DARK = Reason("TOO_DARK", 2, 8, "Raise the gain")
FLAT = Reason("NO_STRUCTURE", 1, 8, "Place the probe on the chest")
PHOTOGRAPH = Reason("NOT_ULTRASOUND", 3, 0, "This is no ultrasound image")


def reading(sequence: int, *logits: float, simulated: bool = False, novelty: float = 0.0, machine: Machine = LUMIFY) -> Reading:
    scores = tuple(Score(label.key, label.probability(x), x) for label, x in zip(RELEASE.findings, logits, strict=True))
    times = StageTimes(prepare_ns=1_000_000, invoke_ns=6_000_000, interpret_ns=500_000)
    return Reading(sequence, scores, np.zeros((7, 7, 2), np.float32), times, RELEASE.version, simulated, novelty, machine)


def clip_of(*frames: tuple[float, float, tuple[Reason, ...]]) -> ClipReader:
    clip = ClipReader(RELEASE)
    for sequence, (b_lines, a_lines, reasons) in enumerate(frames):
        clip.add(Quality(sequence, reasons), reading(sequence, b_lines, a_lines))
    return clip


def test_a_clips_probability_is_that_of_the_mean_logit_and_not_the_mean_probability() -> None:
    finding = clip_of((8, 0, ()), (-2, 1, ()), (0, 2, ())).finding()
    b_lines, a_lines = finding.scores
    assert (b_lines.finding, b_lines.logit) == ("b_lines", 2)
    assert b_lines.probability == pytest.approx(1 / (1 + math.exp(-2)))
    assert a_lines.probability == pytest.approx(1 / (1 + math.exp(-(2 * 1 - 1)))), "each finding has its own calibration"
    assert (finding.assessable, finding.reason, finding.frames, finding.good_frames, finding.model) == (True, None, 3, 3, "1.2.3")
    assert finding.stage_ms == {"prepare": 1, "invoke": 6, "interpret": 0.5}


def test_no_frames_is_not_assessable_and_says_nothing_of_findings() -> None:
    finding = ClipReader(RELEASE).finding()
    assert (finding.assessable, finding.reason, finding.scores, finding.frames) == (False, QUALITY, (), 0)


def test_mostly_poor_frames_are_not_assessable_for_the_commonest_fault() -> None:
    finding = clip_of((1, 1, (DARK,)), (1, 1, (DARK, FLAT)), (1, 1, ())).finding()
    assert (finding.reason, finding.code, finding.advice) == (QUALITY, "TOO_DARK", "Raise the gain")
    assert (finding.good_frames, finding.faults) == (1, {"TOO_DARK": 2, "NO_STRUCTURE": 1})
    assert [score.set for score in finding.scores] == [("present", "absent")] * 2, "it rules out nothing"
    assert finding.scores[0].probability > 0.7, "what the model stated is kept for the record"


def test_a_fault_that_spoils_no_frame_is_never_why_a_clip_cannot_be_assessed() -> None:
    letters = Reason("TEXT_IN_IMAGE", 1, 0, "Switch annotations off", spoils=False)
    finding = clip_of((1, 1, (letters,)), (1, 1, (letters, DARK)), (1, 1, (letters, DARK))).finding()
    assert (finding.reason, finding.code, finding.good_frames) == (QUALITY, "TOO_DARK", 1)


def test_half_of_the_frames_good_is_enough_and_the_faults_stay_counted() -> None:
    finding = clip_of((1, 1, (FLAT,)), (1, 1, ())).finding()
    assert (finding.assessable, finding.faults) == (True, {"NO_STRUCTURE": 1})


def test_one_simulated_frame_makes_the_clip_simulated() -> None:
    clip = clip_of((1, 1, ()))
    assert not clip.finding().simulated
    clip.add(Quality(1), reading(1, 0, 0, simulated=True))
    assert clip.finding().simulated


def test_what_was_stated_of_two_different_frames_is_never_joined() -> None:
    with pytest.raises(ValueError, match="frame 4 came with the reading of frame 5"):
        ClipReader(RELEASE).add(Quality(4), reading(5, 0, 0))


def test_a_clips_quality_is_the_mean_of_its_frames_scores_with_the_reasons_counted_beside_it() -> None:
    clip = ClipReader(RELEASE)
    clip.add(Quality(0, (), 90.0), reading(0, 1, 1))
    clip.add(Quality(1, (DARK,), 0.0), reading(1, 1, 1))
    clip.add(Quality(2, (), 60.0), reading(2, 1, 1))
    finding = clip.finding()
    assert (finding.quality, finding.faults) == (50.0, {"TOO_DARK": 1})


def test_a_clip_without_frames_has_no_quality() -> None:
    assert ClipReader(RELEASE).finding().quality == 0


def test_a_finding_whose_set_has_one_member_is_reported_and_another_is_not() -> None:
    finding = clip_of((3, 0.5, ()), (3, 0.5, ())).finding()
    assert [score.set for score in finding.scores] == [("present",), ("present", "absent")]
    assert [score.settled for score in finding.scores] == [True, False]
    assert finding.assessable


def test_a_clip_of_which_nothing_can_be_stated_is_uncertain() -> None:
    finding = clip_of((0, 0.5, ())).finding()
    assert (finding.assessable, finding.reason, finding.code) == (False, UNCERTAIN, "ALL_OPEN")


def test_a_clip_beyond_the_limit_is_no_lung_whatever_else_the_model_says() -> None:
    clip = ClipReader(RELEASE)
    for sequence, novelty in enumerate((LIMIT * 0.5, LIMIT * 1.6)):
        clip.add(Quality(sequence), reading(sequence, 9, 9, novelty=novelty))
    finding = clip.finding()
    assert finding.novelty == pytest.approx(LIMIT * 1.05)
    assert (finding.reason, finding.code) == (NOVELTY, "NOT_LUNG")
    assert finding.advice.startswith("Not a lung view")
    assert {score.set for score in finding.scores} == {("present", "absent")}


def test_one_strange_frame_does_not_make_a_clip_strange() -> None:
    clip = clip_of(*[(9, 9, ())] * 9)
    clip.add(Quality(9), reading(9, 9, 9, novelty=LIMIT * 5))
    assert clip.finding().assessable


def test_a_clip_of_photographs_is_no_lung_and_not_merely_poor() -> None:
    finding = clip_of((1, 1, (PHOTOGRAPH,)), (1, 1, (PHOTOGRAPH,)), (1, 1, ())).finding()
    assert (finding.reason, finding.code) == (NOVELTY, "NOT_ULTRASOUND")
    assert finding.advice.startswith("Not a lung view")


@pytest.mark.parametrize(("logits", "strongest"), [((1, 5, -2, 4, 3), (1, 3, 4)), ((-1, 2, -5, -3, -2), (2, 3, 4))])
def test_the_frames_that_drew_the_answer_to_its_side_are_named(logits: tuple[float, ...], strongest: tuple[int, ...]) -> None:
    b_lines, _ = clip_of(*[(logit, 0, ()) for logit in logits]).finding().scores
    assert b_lines.weighed_most == strongest


def clip_on(machine: Machine, *logits: float, release: ModelRelease = RELEASE) -> ClipFinding:
    clip = ClipReader(release)
    for sequence, logit in enumerate(logits):
        clip.add(Quality(sequence), reading(sequence, logit, logit, machine=machine))
    return clip.finding()


@pytest.mark.parametrize(
    ("machine", "name", "step"),
    [
        (OTHER, "Acme Scan", "validate the model for this machine"),
        (UNKNOWN_MACHINE, "unknown machine", "state the machine in the settings"),
    ],
)
def test_on_a_machine_without_validation_nothing_is_decided_and_everything_stays_visible(machine: Machine, name: str, step: str) -> None:
    finding = clip_on(machine, 9, 9)
    assert (finding.reason, finding.code, finding.assessable) == (MACHINE, "MACHINE_NOT_VALIDATED", False)
    assert step in finding.advice
    assert (finding.machine, finding.machine_validated) == (name, False)
    assert [score.set for score in finding.scores] == [("present", "absent")] * 2
    assert finding.scores[0].probability > 0.99


def test_a_clip_that_does_not_look_like_its_machine_decides_nothing_and_states_why() -> None:
    clip = ClipReader(RELEASE)
    for sequence, doubted in enumerate((False, True, True)):
        clip.add(Quality(sequence), reading(sequence, 9, 9, machine=dataclasses.replace(LUMIFY, doubted=doubted)))
    finding = clip.finding()
    assert (finding.reason, finding.code, finding.machine_validated) == (MACHINE, "MACHINE_DOUBTED", False)
    assert finding.machine == "Philips Lumify (images differ)"
    assert "Correct the machine in the settings" in finding.advice


def test_a_fault_of_the_images_is_named_before_the_machine() -> None:
    clip = ClipReader(RELEASE)
    clip.add(Quality(0, (DARK,)), reading(0, 9, 9, machine=OTHER))
    finding = clip.finding()
    assert (finding.reason, finding.code, finding.machine_validated) == (QUALITY, "TOO_DARK", False)


def test_a_calibration_across_machines_decides_what_it_can_and_the_mark_stays() -> None:
    limits = {"b_lines": Thresholds(present_from=0.9, absent_to=0.1)}
    across = AcrossMachines(alpha=0.1, sources=3, patients=9, clips=9, findings=limits)
    release = dataclasses.replace(RELEASE, validation=RELEASE.validation.model_copy(update={"across_machines": across}))
    finding = clip_on(OTHER, 9, 9, release=release)
    assert [score.set for score in finding.scores] == [("present",), ("present", "absent")]
    assert (finding.assessable, finding.machine_validated) == (True, False)
    assert clip_on(OTHER, 0, 0, release=release).code == "MACHINE_NOT_VALIDATED"


def test_what_the_site_has_accepted_calibrates_the_clip_too() -> None:
    accepted = tuple(dataclasses.replace(label, slope=0.0, offset=2.0) for label in LABELS)
    finding = clip_on(OTHER, 9, 9, release=RELEASE.accepting(lambda machine: accepted if machine == OTHER else None))
    assert finding.machine_validated
    assert [score.probability for score in finding.scores] == pytest.approx([1 / (1 + math.exp(-2))] * 2)


def test_frames_of_two_machines_are_no_answer_and_both_are_named() -> None:
    clip = clip_of((9, 9, ()))
    clip.add(Quality(1), reading(1, 9, 9, machine=OTHER))
    finding = clip.finding()
    assert (finding.reason, finding.code, finding.machine) == (MACHINE, "MACHINE_CHANGED", "Philips Lumify + Acme Scan")
    assert not finding.machine_validated


def test_a_machine_that_a_person_states_is_marked_so() -> None:
    assert clip_on(Machine.stated("Philips Lumify"), 9).machine_by_person
    assert not clip_on(LUMIFY, 9).machine_by_person


def test_a_release_that_the_site_has_stopped_states_nothing_on_any_machine_and_keeps_its_figures() -> None:
    for machine in (LUMIFY, OTHER):
        finding = clip_on(machine, 9, 9, release=dataclasses.replace(RELEASE, stopped=lambda: True))
        assert (finding.assessable, finding.reason, finding.code) == (False, DRIFT, "DRIFT_STOPPED")
        assert "stopped the model" in finding.advice
        assert [score.set for score in finding.scores] == [("present", "absent")] * 2
        assert finding.scores[0].probability > 0.9


def test_a_fault_of_the_images_is_stated_before_the_stop() -> None:
    clip = ClipReader(dataclasses.replace(RELEASE, stopped=lambda: True))
    clip.add(Quality(0, (DARK,)), reading(0, 9, 9))
    assert clip.finding().reason == QUALITY


def test_the_mean_figures_and_features_of_the_frames_are_stated_for_the_drift_watch() -> None:
    clip = ClipReader(RELEASE)
    for sequence, motion in enumerate((None, 0.2, 0.4)):
        measured = Measured(80.0 + sequence, 0.01, 0.9, "left", 0.3, 0.5, -3.0, 0.0, motion, depth_mm=90.0)
        features = np.full(4, sequence, np.float32)
        clip.add(Quality(sequence, measured=measured), dataclasses.replace(reading(sequence, 1, 1), features=features))
    finding = clip.finding()
    known = {"bright": 81, "saturated": 0.01, "contact": 0.9, "haze": 0.3, "sharpness": 0.5, "foreign": -3, "text": 0}
    assert finding.measures == {**known, "motion": pytest.approx(0.3), "depth_mm": 90}
    features = unpacked(finding.features)
    assert features is not None
    assert features.tolist() == [1] * 4
    assert clip_of((1, 1, ())).finding().features == ""
