import numpy as np
import pytest

from edge.exam.capture import Window
from edge.exam.clip import NO_FRAMES
from edge.exam.take import Take
from edge.inference.reading import Reading, Score, StageTimes
from edge.inference.release import ModelRelease
from edge.vision.quality import Quality

RELEASE = ModelRelease.load()


@pytest.fixture
def take():
    """Ten frames; the logit of each is its number, and so is its quality."""
    take = Take(RELEASE)
    for number in range(10):
        scores = tuple(Score(label.key, 0.5, float(number)) for label in RELEASE.findings)
        reading = Reading(number, scores, np.zeros((1, 1, 3), np.float32), StageTimes(1, 1, 1), RELEASE.version, False)
        take.add(Quality(number, (), float(number)), reading)
    return take


def test_a_clip_is_made_of_its_window_alone(take):
    finding = take.finding(Window(3, 5, 0.0))
    assert (finding.frames, finding.quality) == (3, 4.0)
    assert {score.logit for score in finding.scores} == {4.0}


def test_the_whole_is_from_the_first_frame_to_the_last(take):
    assert take.whole == Window(0, 9, 4.5)
    assert Take(RELEASE).whole is None


def test_a_window_that_was_forgotten_cannot_be_assessed(take):
    assert take.finding(Window(50, 60, 0.0)).reason == NO_FRAMES
