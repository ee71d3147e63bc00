"""A learning curve is the chart of `edge.feedback.charts.skill`, zone by zone, with limits for zones that are alike."""

from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from edge.feedback.charts.skill import DEFAULT, Limits, Skill
from edge.feedback.people.columns import Trial
from edge.feedback.people.compute import rates_of
from edge.feedback.people.curve import MOST_POINTS, curve_of
from edge.feedback.people.figures import Step
from edge.people.policy import load_policy

BEGAN = datetime(2026, 1, 5, 12, tzinfo=timezone.utc)
B_LINES, IMAGES = ("blue-6", "b_lines"), ("blue-6", None)


def trials(fails, zones=1):
    """So many zones an exam, one exam a day."""
    return [
        Trial(f"exam {number // zones}", BEGAN + timedelta(days=number // zones), f"L{number % zones}", fail)
        for number, fail in enumerate(fails)
    ]


def test_the_rates_of_a_site_that_changes_nothing_are_the_usual_ones(tmp_path):
    assert rates_of(load_policy(tmp_path)) == DEFAULT


def test_a_learner_is_good_enough_after_the_zones_counted_by_hand():
    """Each zone without a failure adds log(0.9 / 0.8) = 0.1178, and one with a failure takes log(0.2 / 0.1) = 0.6931."""
    limit = Limits.of(DEFAULT, 4).learned
    clean = int(np.ceil(limit / 0.1178))
    curve = curve_of(B_LINES, trials([False] * 100, 4), 0, DEFAULT)
    assert curve.learned_at == Step(trial=clean, exam=(clean - 1) // 4 + 1)
    failed = curve_of(B_LINES, trials([False] * 6 + [True] + [False] * 100, 4), 0, DEFAULT).learned_at
    assert failed.trial == 7 + np.ceil((limit - 6 * 0.1178 + 0.6931) / 0.1178)


def test_a_learner_without_failures_learns_and_one_who_then_fails_is_noticed():
    curve = curve_of(B_LINES, trials([False] * 100 + [True] * 20, 2), 5, DEFAULT)
    learned, lost = curve.learned_at, curve.lost_at
    assert learned.trial <= 100 < lost[0].trial
    assert lost[0].exam == (lost[0].trial + 1) // 2
    scores = [each.score for each in curve.points]
    assert scores[learned.trial - 1] >= curve.learned_limit > scores[learned.trial - 2]
    assert scores[lost[0].trial - 1] >= curve.lost_limit > scores[lost[0].trial - 2]
    assert (curve.trials, curve.exams, curve.failed, curve.untold) == (120, 60, 20, 5)
    point = curve.points[3]
    assert (point.exam, point.zone, point.on) == (2, "L1", (BEGAN + timedelta(days=1)).astimezone().date())


def test_one_changed_zone_of_six_is_no_failed_exam():
    """With an error in 5 % of the zones three of ten exams of six zones have one; the person learns all the same."""
    fails = np.random.default_rng(2).random(50 * 6) < 0.05
    assert curve_of(B_LINES, trials(fails.tolist(), 6), 0, DEFAULT).learned_at.exam < 30


@pytest.mark.parametrize("zones", [1, 3])
def test_it_is_the_chart_of_the_core(zones):
    fails = np.random.default_rng(3).random(180) < 0.12
    curve, skill = curve_of(B_LINES, trials(fails.tolist(), zones), 0, DEFAULT), Skill()
    for failed in fails:
        skill = skill.stepped(DEFAULT, Limits.of(DEFAULT, zones), failed=bool(failed))
    assert (curve.learned_at and curve.learned_at.trial) == skill.learned_at
    assert tuple(each.trial for each in curve.lost_at) == skill.lost_at


def test_more_zones_an_exam_need_more_proof():
    one, six = (curve_of(B_LINES, trials([False] * 12, zones), 0, DEFAULT) for zones in (1, 6))
    assert six.learned_limit > one.learned_limit
    assert six.lost_limit > one.lost_limit


def test_a_long_course_shows_its_newest_trials():
    curve = curve_of(IMAGES, trials([True] * (MOST_POINTS + 30)), 0, DEFAULT)
    assert (curve.trials, curve.first, len(curve.points), curve.learned_at) == (MOST_POINTS + 30, 31, MOST_POINTS, None)


def test_where_nobody_can_tell_there_is_no_trial():
    curve = curve_of(B_LINES, [], 4, DEFAULT)
    assert (curve.trials, curve.exams, curve.untold, curve.points, curve.learned_at) == (0, 0, 4, (), None)
