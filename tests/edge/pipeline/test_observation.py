"""What an observation states of a machine is asked once, and belongs to its frame."""

from dataclasses import replace

import numpy as np

from edge.inference.reading import Reading, Score, StageTimes
from edge.inference.release import ModelRelease
from edge.pipeline.observation import Observation
from edge.vision.standardise import Standardiser
from firmware_bridge.frame import Frame
from firmware_bridge.machine import Machine

RELEASE, VSCAN = ModelRelease.load(), Machine("GE", "Vscan Air")
HERE = tuple(replace(label, slope=0.0, offset=0.0) for label in RELEASE.findings)
"""A local calibration that gives every logit the probability 0.5."""


def observation(accepted):
    frame = Frame(np.zeros((40, 60), np.uint8), 1, 1000, 0, machine=VSCAN)
    scores = tuple(Score(label.key, label.probability(2.0), 2.0) for label in RELEASE.findings)
    reading = Reading(1, scores, np.zeros((7, 7, len(scores)), np.float32), StageTimes(1, 2, 3), "1.0.0", False, 0.5, VSCAN)
    return Observation(Standardiser(224).take(frame), reading, RELEASE.accepting(accepted), 1)


def test_the_site_is_asked_once_a_frame_whatever_is_then_read_from_it():
    asked = []
    made = observation(lambda machine: asked.append(machine) or HERE)
    assert made.record["machine_validated"]
    assert set(made.probabilities.values()) == {0.5}
    assert made.standing.labels == HERE
    assert asked == [VSCAN]


def test_an_observation_keeps_what_held_when_its_frame_was_read():
    holds = [HERE]
    made = observation(lambda _: holds[-1])
    holds.append(None)
    assert made.standing.validated
    assert not observation(lambda _: holds[-1]).standing.validated
