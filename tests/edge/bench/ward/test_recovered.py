"""A rate is found where the counts are those of the errors made, and the known rate fits all intervals together."""

import pytest

from edge.bench.ward.readers import Error, SimulatedReader
from edge.bench.ward.recovered import all_passed, recovered
from edge.feedback.people.figures import Compared, Share
from edge.feedback.statistics.figure import NoFigure, Why
from edge.feedback.statistics.tally import Tally


def share(hits, of):
    return Share(hits=hits, of=of, share=Tally.independent(hits, of).share())


def card(missed, overcalled):
    nothing = NoFigure(Why.NO_CASES)
    return [Compared(finding="b_lines", missed=share(*missed), overcalled=share(*overcalled), agreement=share(0, 0), kappa=nothing)]


def reader(missed, overcalled):
    made = SimulatedReader("b", "Reader", {Error.MISSED: 0.1, Error.OVERCALLED: 0.2}, "1")
    made.made.update({("b_lines", Error.MISSED): missed, ("b_lines", Error.OVERCALLED): overcalled})
    return made


def test_the_rates_are_found():
    rates = recovered({reader(9, 21): card((9, 100), (21, 100))})
    assert [(each.error, each.known, each.made, each.hits, each.of, each.within) for each in rates] == [
        (Error.MISSED, 0.1, 9, 9, 100, True),
        (Error.OVERCALLED, 0.2, 21, 21, 100, True),
    ]
    assert all_passed(rates)


def test_a_rate_outside_its_95_percent_interval_alone_does_not_fail():
    missed, _ = rates = recovered({reader(17, 21): card((17, 100), (21, 100))})
    assert missed.within is False
    assert all_passed(rates)


def test_a_rate_outside_the_interval_of_all_together_fails():
    missed, overcalled = rates = recovered({reader(30, 21): card((30, 100), (21, 100))})
    assert (missed.passed, overcalled.passed) == (False, True)
    assert not all_passed(rates)


def test_a_count_that_is_not_that_of_the_errors_made_fails():
    assert not all_passed(recovered({reader(9, 21): card((10, 100), (21, 100))}))


def test_a_card_without_the_answers_fails():
    rates = recovered({reader(9, 0): []})
    assert [(each.of, each.within, each.passed) for each in rates] == [(0, None, False), (0, None, True)]
    assert not all_passed(rates)
    assert not all_passed(())


def test_the_interval_is_exact():
    """As scipy.stats.binomtest(5, 87).proportion_ci(0.975) has it."""
    missed, _ = recovered({reader(5, 0): card((5, 87), (0, 5))})
    assert (missed.low, missed.high) == pytest.approx((0.015801, 0.140285), abs=1e-6)
