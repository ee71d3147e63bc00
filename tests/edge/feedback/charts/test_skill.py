import json
import math
from dataclasses import asdict

import numpy as np
import pytest

from edge.feedback.charts.errors import RatesRefused
from edge.feedback.charts.skill import ALIKE, DEFAULT, FALSE_ALARM_TRIALS, LEARNING_CHANCE, LEARNING_EXAMS, Limits, Rates, Skill

RATES = Rates(0.1, 0.2)
SUCCESS, FAILURE = math.log(0.9 / 0.8), math.log(0.2 / 0.1)


def followed(failures, limits, rates=RATES, skill=None):
    skill = skill or Skill()
    for failed in failures:
        skill = skill.stepped(rates, limits, failed=failed)
    return skill


def test_a_learner_is_good_enough_at_the_exam_counted_by_hand():
    """Each success adds 0.1178 and a failure takes 0.6931, so after one failure 9 successes reach 1: 9 x 0.1178 = 1.06."""
    limits = Limits(learned=1.0, lost=9)
    assert followed([False] * 8, limits).learned_at is None
    assert followed([False] * 9, limits).learned_at == 9
    assert followed([False, True] + [False] * 9, limits).learned_at == 11
    assert followed([False] * 7 + [True] + [False] * 8, limits).learned_at == 16  # 7 x 0.1178 - 0.6931 = 0.1314; 8 more: 1.07


def test_what_was_learned_can_be_lost_at_the_exam_counted_by_hand():
    """After it, a failure adds 0.6931 and a success takes 0.1178: 0.693, 0.576, 1.269, 1.151, and the third failure makes it 1.844."""
    limits = Limits(learned=1.0, lost=1.5)
    skill = followed([False] * 9 + [True, False, True, False, True, False], limits)
    assert (skill.learned_at, skill.lost_at) == (9, (14,))
    assert followed([True, True, True], limits, skill=skill).lost_at == (14, 18)


def test_the_weights_are_log_likelihood_ratios():
    assert (RATES.loss(failed=True), RATES.loss(failed=False)) == pytest.approx((FAILURE, -SUCCESS))


def test_the_state_survives_a_restart_of_the_appliance():
    skill = followed([False] * 9 + [True], Limits(1.0, 1.5))
    read = json.loads(json.dumps(asdict(skill)))
    assert (read["learning"]["alarms"], read["lasting"]["score"]) == ([9], pytest.approx(FAILURE))


@pytest.mark.parametrize(("acceptable", "unacceptable"), [(0, 0.1), (0.2, 0.1), (0.1, 0.1), (0.1, 1), (math.nan, 0.2)])
def test_rates_that_make_no_chart_are_refused(acceptable, unacceptable):
    with pytest.raises(RatesRefused, match="not in order"):
        Rates(acceptable, unacceptable)


def test_limits_keep_what_they_promise(record_property):
    rng, limits = np.random.default_rng(4), Limits.of(DEFAULT)
    declared = [followed(rng.random(LEARNING_EXAMS) < DEFAULT.unacceptable, limits, DEFAULT).learned_at for _ in range(400)]
    wrongly = np.mean([each is not None for each in declared])
    able = [followed(rng.random(400) < 0.05, limits, DEFAULT) for _ in range(200)]
    learned = [each.learned_at or 400 for each in able]
    lasting = followed([False] * 31, limits, DEFAULT)
    alarms = [len(followed(rng.random(1000) < DEFAULT.acceptable, limits, DEFAULT, lasting).lost_at) for _ in range(100)]
    lost = [followed(rng.random(200) < DEFAULT.unacceptable, limits, DEFAULT, lasting).lost_at[:1] for _ in range(200)]
    delay = [at[0] - lasting.learning.seen if at else 200 for at in lost]
    record_property("share of unable learners declared able within 100 exams", round(float(wrongly), 3))
    record_property("exams until a learner who fails in 5 % is declared able (median)", int(np.median(learned)))
    record_property("false alarms about a person in 1000 exams", round(float(np.mean(alarms)), 2))
    record_property("exams until a person who fails in 20 % is found (median)", int(np.median(delay)))
    assert wrongly <= LEARNING_CHANCE + 0.03
    assert np.mean(alarms) <= 1.2 * 1000 / FALSE_ALARM_TRIALS
    assert np.median(learned) < 60
    assert np.median(delay) < 100


def alike(rng, rate, exams, zones):
    """Whether each zone fails, of a person who is at this rate on average and at another one in each exam."""
    spread = 1 / ALIKE - 1
    return (rng.random((exams, zones)) < rng.beta(rate * spread, (1 - rate) * spread, (exams, 1))).ravel()


def test_zones_of_one_exam_are_alike_and_the_limits_keep_what_they_promise(record_property):
    rng, zones, independent = np.random.default_rng(5), 6, Limits.of(DEFAULT)
    limits = Limits.of(DEFAULT, zones)
    unable = [alike(rng, DEFAULT.unacceptable, LEARNING_EXAMS, zones) for _ in range(200)]
    wrongly = np.mean([followed(fails, limits, DEFAULT).learned_at is not None for fails in unable])
    naively = np.mean([followed(fails, independent, DEFAULT).learned_at is not None for fails in unable])
    learned = [(followed(alike(rng, 0.05, LEARNING_EXAMS, zones), limits, DEFAULT).learned_at or 600) / zones for _ in range(100)]
    record_property("share of unable learners declared able within 100 exams of 6 alike zones", round(float(wrongly), 3))
    record_property("the same with the limits of independent trials", round(float(naively), 3))
    record_property("exams of 6 zones until a learner who fails in 5 % is declared able (median)", round(float(np.median(learned)), 1))
    assert wrongly <= LEARNING_CHANCE + 0.04
    assert naively > 0.5
    assert np.median(learned) < 25
