"""Differences between two releases: frame by frame, and as one line for each episode."""

import json

import numpy as np
import pytest

from edge.inference.finding_label import ABSENT, CANNOT_TELL, PRESENT
from edge.inference.reading import Reading, StageTimes
from edge.pipeline.disagreement import Answer, Episode, answers_of, differences
from firmware_bridge.frame import Frame

SURE, OPEN, NOT = (PRESENT,), CANNOT_TELL, (ABSENT,)


def reading(sequence, simulated=False):
    return Reading(sequence, (), np.zeros((1, 1, 0), np.float32), StageTimes(1, 1, 1), "1.0.0", simulated, 0.0)


def test_two_releases_disagree_if_their_sets_differ_not_if_only_their_numbers_do():
    found = differences(
        {"b_lines": Answer(0.9, SURE), "a_lines": Answer(0.2, NOT), "severity_2_plus": Answer(0.5, OPEN)},
        {"b_lines": Answer(0.7, SURE), "a_lines": Answer(0.5, OPEN), "consolidation": Answer(0.5, OPEN)},
    )
    assert {key: difference.disagrees for key, difference in found.items()} == {"b_lines": False, "a_lines": True}
    assert found["b_lines"].width == pytest.approx(0.2)


def test_what_is_answers_of_a_reading_is_by_its_own_releases_labels(reader, pixels):
    read = reader.read(Frame(pixels, 1, 0, 0))
    answers = answers_of(read, reader.release.findings)
    assert [one.probability for one in answers.values()] == [score.probability for score in read.scores]
    assert [one.set for one in answers.values()] == [label.set_of(answers[label.key].probability) for label in reader.release.findings]


def test_an_episode_is_one_line_with_the_frame_of_the_widest_gap():
    episode = Episode("20260101T000000Z", 0.0, "old-1.0.0", "new-1.0.0")
    for sequence, other in ((5, 0.4), (6, 0.1), (7, 0.8), (8, 0.3)):
        found = differences({"b_lines": Answer(0.8, SURE)}, {"b_lines": Answer(other, SURE if other == 0.8 else OPEN)})
        episode.add(reading(sequence, simulated=sequence == 6), found)
    line = json.loads(json.dumps(episode.line))
    assert (line["active"], line["shadow"], line["first"], line["last"], line["frames"]) == ("old-1.0.0", "new-1.0.0", 5, 8, 4)
    assert line["simulated"] is True
    assert line["notice"] == "research use, not a diagnosis"
    assert line["findings"] == {
        "b_lines": {
            "frames": 3,
            "sequence": 6,
            "active": {"probability": 0.8, "set": ["present"]},
            "shadow": {"probability": 0.1, "set": ["present", "absent"]},
        }
    }
