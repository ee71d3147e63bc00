"""The steady answers: the last seconds as one clip, changed at most once a second, and never silently old."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.exam.clip import MACHINE, QUALITY
from edge.exam.steady import HOLD_S, MARGIN, SHORTEST_S, WINDOW_S, SteadyAnswers
from edge.exam.verdict import LOOKING, Verdict
from edge.inference.reading import Reading, Score, StageTimes
from edge.inference.release import ModelRelease
from edge.pipeline.observation import Observation
from edge.vision.quality import Quality, Reason
from edge.vision.standardise import Standardiser
from firmware_bridge.frame import Frame
from firmware_bridge.machine import Machine

RELEASE = ModelRelease.load()
VALIDATED, UNKNOWN = Machine("Philips", "Lumify"), Machine("Acme", "One")
GOOD = Quality(0, (), 90.0)
POOR = Quality(0, (Reason("TOO_DARK", 1.0, 2.0, "Raise the gain", spoils=True),), 5.0)
SEEN = Standardiser(RELEASE.input_side).take(Frame(np.zeros((40, 40), np.uint8), 0, 0, 0))
PRESENT, ABSENT = 60.0, -60.0
RATE = 20


def observation(number, logit, quality=GOOD, machine=VALIDATED, release=RELEASE):
    frame = Frame(SEEN.frame.pixels, number, number * 1_000_000 // RATE, 0, machine=machine)
    slope = [1 if label.slope > 0 else -1 for label in release.findings]
    scores = tuple(Score(label.key, 0.5, logit * sign) for label, sign in zip(release.findings, slope, strict=True))
    reading = Reading(number, scores, np.zeros((1, 1, len(scores)), np.float32), StageTimes(1, 2, 3), release.version, False, 0.0, machine)
    return Observation(replace(SEEN, frame=frame, quality=replace(quality, sequence=number)), reading, release, 0)


class Scan:
    """Frames one after another; `changes` holds the time of each change of the first finding's answer."""

    def __init__(self):
        self.steady, self.number, self.changes, self._shown = SteadyAnswers(), 0, [], None

    def show(self, seconds, logit=PRESENT, **how):
        for _ in range(round(seconds * RATE)):
            self.steady.add(observation(self.number, logit, **how))
            first = self.steady.answers()[0]
            if first != self._shown:
                self._shown = first
                self.changes.append(self.number / RATE)
            self.number += 1
        return self.first

    @property
    def first(self):
        return self.steady.answers()[0]


@pytest.fixture
def scan():
    return Scan()


def test_before_the_first_frame_nothing_is_stated():
    assert SteadyAnswers().answers() == ()


def test_a_moment_is_too_short_for_an_answer(scan):
    assert scan.show(SHORTEST_S / 2).stated == (Verdict.UNSURE, LOOKING)
    assert scan.first.advice


@pytest.mark.parametrize(("logit", "verdict"), [(PRESENT, Verdict.PRESENT), (ABSENT, Verdict.ABSENT)])
def test_the_answer_is_that_of_a_clip_of_the_last_seconds(scan, logit, verdict):
    assert scan.show(WINDOW_S, logit).stated == (verdict, "")
    assert [answer.finding for answer in scan.steady.answers()] == [label.key for label in RELEASE.findings]


def at_the_limit():
    """The logit from which on the first finding is stated as present, and its probability there."""
    label, least, most = RELEASE.on(VALIDATED).labels[0], 0.0, PRESENT
    for _ in range(60):
        middle = (least + most) / 2
        present = tuple(label.set_of(label.probability(middle * slope_of(label)))) == ("present",)
        least, most = (least, middle) if present else (middle, most)
    return most, label


def slope_of(label):
    return 1 if label.slope > 0 else -1


def logit_beside(label, limit, change):
    """A logit whose probability differs from that of `limit` by about `change`."""
    step = 1e-3
    while abs(label.probability((limit + step) * slope_of(label)) - label.probability(limit * slope_of(label))) < abs(change):
        step *= 1.05
    return limit + step * np.sign(change)


def test_a_verdict_at_its_limit_stays_as_it_was_stated_and_changes_beyond_it(scan):
    limit, label = at_the_limit()
    assert scan.show(2 * WINDOW_S, logit_beside(label, limit, MARGIN / 4)).verdict == Verdict.PRESENT
    for change in (-MARGIN / 4, MARGIN / 4) * 3:
        assert scan.show(2 * WINDOW_S, logit_beside(label, limit, change)).verdict == Verdict.PRESENT
    assert scan.show(2 * WINDOW_S, logit_beside(label, limit, -2 * MARGIN)).verdict == Verdict.UNSURE


def test_a_few_other_frames_change_nothing(scan):
    scan.show(WINDOW_S)
    assert scan.show(0.2, ABSENT).verdict is Verdict.PRESENT
    assert scan.show(WINDOW_S).verdict is Verdict.PRESENT


def test_what_is_true_now_is_shown_soon(scan):
    scan.show(2 * WINDOW_S, PRESENT)
    assert scan.show(WINDOW_S + 2 * HOLD_S, ABSENT).verdict is Verdict.ABSENT


@pytest.mark.parametrize(
    ("how", "reason"),
    [({"quality": POOR}, QUALITY), ({"machine": UNKNOWN}, MACHINE)],
)
def test_an_open_answer_states_its_reason(scan, how, reason):
    scan.show(WINDOW_S)
    shown = scan.show(2 * WINDOW_S, **how)
    assert shown.stated == (Verdict.UNSURE, reason)
    assert shown.advice


def test_another_machine_begins_again_and_keeps_nothing_of_the_first(scan):
    scan.show(WINDOW_S)
    scan.show(1 / RATE, machine=UNKNOWN)
    assert scan.first.stated == (Verdict.UNSURE, LOOKING)


@pytest.mark.parametrize("step", [lambda now: now + round(2 * WINDOW_S * RATE), lambda _: 0], ids=["a pause", "a clock that goes back"])
def test_frames_that_do_not_continue_begin_again(scan, step):
    scan.show(WINDOW_S)
    scan.number = step(scan.number)
    scan.show(1 / RATE)
    assert scan.first.stated == (Verdict.UNSURE, LOOKING)


def test_what_nobody_has_looked_at_is_not_shown_when_somebody_does(scan):
    scan.show(WINDOW_S, PRESENT)
    for _ in range(round(2 * WINDOW_S * RATE)):
        scan.steady.add(observation(scan.number, ABSENT))
        scan.number += 1
    assert scan.first.stated == (Verdict.ABSENT, "")


@given(logits=st.lists(st.sampled_from([PRESENT, 0.0, ABSENT]), min_size=1, max_size=300))
def test_whatever_comes_nothing_changes_more_than_once_a_second(logits):
    scan = Scan()
    for logit in logits:
        scan.show(1 / RATE, logit)
    assert all(after - before >= HOLD_S - 1e-9 for before, after in zip(scan.changes, scan.changes[1:], strict=False))
