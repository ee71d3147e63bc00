import numpy as np
import pytest

from edge.feedback.statistics.figure import Figure, NoFigure, Why
from edge.feedback.statistics.tally import Tally
from edge.inference.statistics import wilson


def everyone(count):
    return np.ones(count, bool)


def test_one_case_a_patient_has_wilson_s_interval_on_1000_tables():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    for _ in range(1000):
        of = int(rng.integers(5, 300))
        hits = int(rng.integers(0, of + 1))
        found, expected = Tally.independent(hits, of).share(), stats.binomtest(hits, of).proportion_ci(method="wilson")
        assert (found.value, found.cases, found.patients) == (hits / of, of, of)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-7)
        assert found.low <= found.value <= found.high


def test_counted_cases_of_one_patient_each_are_independent():
    hits = np.array([True, False, True, True, False, True])
    assert Tally.counted(hits, everyone(6), np.arange(6)) == Tally.independent(4, 6)
    assert Tally.counted(hits, ~hits, np.arange(6)) == Tally.independent(0, 2)


def test_the_same_answer_in_every_case_of_a_patient_is_worth_one_trial():
    hits = np.repeat(np.arange(30) % 3 == 0, 6)
    tally = Tally.counted(hits, everyone(180), np.repeat(np.arange(30), 6))
    assert (tally.hits, tally.of, tally.patients) == (60, 180, 30)
    assert tally.worth == pytest.approx(29)
    one = wilson(10, 30)
    assert (tally.share().low, tally.share().high) == pytest.approx((one.low, one.high), abs=0.004)


def test_cases_are_never_worth_more_than_they_are_and_all_hits_are_worth_the_patients():
    alternating = Tally.counted(np.tile([True, False], 20), everyone(40), np.repeat(np.arange(20), 2))
    assert alternating.worth == 20  # every patient has the same share: nothing tells how sure that is but their number
    mixed = Tally.counted(np.arange(40) % 5 < 3, everyone(40), np.repeat(np.arange(20), 2))
    assert mixed.worth <= 40
    assert Tally.counted(everyone(40), everyone(40), np.repeat(np.arange(20), 2)).worth == 20


def test_tallies_of_boards_add_up_to_that_of_all_their_cases():
    rng = np.random.default_rng(2)
    hits, among, patients = rng.random(200) < 0.3, rng.random(200) < 0.9, np.sort(rng.integers(0, 40, 200))
    north = patients < 17
    parts = [Tally.counted(hits[rows], among[rows], patients[rows]) for rows in (north, ~north)]
    assert parts[0] + parts[1] == Tally.counted(hits, among, patients)
    assert Tally() + parts[0] == parts[0]


def test_the_interval_of_similar_cases_contains_the_truth_about_as_often_as_stated(record_property):
    rng = np.random.default_rng(3)
    held, naive = [], []
    for _ in range(1000):
        share = np.repeat(rng.beta(1.6, 0.4, 40), 6)
        hits = rng.random(240) < share
        found, alone = Tally.counted(hits, everyone(240), np.repeat(np.arange(40), 6)).share(), wilson(int(hits.sum()), 240)
        held.append(found.low <= 0.8 <= found.high)
        naive.append(alone.low <= 0.8 <= alone.high)
    record_property("share of 95 % intervals over patients that hold the truth", round(float(np.mean(held)), 3))
    assert 0.92 <= np.mean(held) <= 0.98
    assert np.mean(naive) < 0.85


def test_no_trial_and_few_patients_are_sentences():
    assert Tally().share() == NoFigure(Why.NO_CASES)
    assert Tally.independent(2, 4).share() == NoFigure(Why.FEW)
    of_two = Tally.counted(everyone(30), everyone(30), np.repeat([0, 1], 15)).share()
    assert of_two == NoFigure(Why.FEW)
    assert isinstance(Tally.independent(5, 5).share(), Figure)
