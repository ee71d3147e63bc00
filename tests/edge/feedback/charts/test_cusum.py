import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.feedback.charts.cusum import NEW, Course, highest, run

WEIGHTS = [-1, 2, -1, 2, 2, -1, -1, -1, -1, -1, 2, 2, 2]
"""By hand, with a limit of 4: 0 2 1 3 5 alarm at exam 5; then 0 0 0 0 0 2 4 alarm at exam 12; then 2."""


def test_the_alarms_are_at_the_exams_counted_by_hand():
    scores, course = [], NEW
    for weight in WEIGHTS:
        course = course.stepped(weight, 4)
        scores.append(course.score)
    assert scores == [0, 2, 1, 3, 5, 0, 0, 0, 0, 0, 2, 4, 2]
    assert course.alarms == (5, 12)
    assert not course.alarmed


def test_a_change_is_dated_to_the_last_zero():
    assert run([-1, -1, 2, -1, 2], 9).since == 3
    assert run([2, 2, 2, 2], 4) == Course(4, 4.0, 2, (2, 4))
    assert run([2, 2, 2], 4).since == 3


def test_an_alarm_ends_with_the_next_exam():
    at_alarm = run([2, 2], 4)
    assert at_alarm.alarmed
    assert not run([-1], 4, at_alarm).alarmed


@given(st.lists(st.integers(-3, 3), max_size=40), st.integers(0, 40))
def test_a_chart_goes_on_after_a_restart_of_the_appliance(weights, cut):
    first = run(weights[:cut], 5)
    read = json.loads(json.dumps(asdict(first)))
    assert run(weights[cut:], 5, Course(**{**read, "alarms": tuple(read["alarms"])})) == run(weights, 5)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=40), st.integers(1, 9))
def test_many_charts_at_once_reach_a_limit_at_the_first_alarm_of_each(weights, limit):
    tops = highest(np.array(weights, float)[:, None])[:, 0]
    first = run(weights, limit).alarms[:1]
    assert tuple(np.flatnonzero(tops >= limit)[:1] + 1) == first


def test_many_charts_are_the_same_as_each_alone():
    weights = np.random.default_rng(1).normal(size=(30, 3))
    tops = highest(weights)
    for number in range(3):
        assert tops[:, [number]] == pytest.approx(highest(weights[:, [number]]))
