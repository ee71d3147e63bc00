"""Several sites: the sum of their counts, a site with few patients in no sum, and a site that is given twice."""

import pytest

from edge.feedback.performance.collect import Subject
from edge.feedback.sites.pooled import pooled, twice
from edge.feedback.sites.read import SiteAt, read_site
from edge.feedback.statistics.figure import NoFigure, Why
from edge.feedback.statistics.tally import Tally

GOOD = [("present", "present")] * 10 + [("absent", "absent")] * 10
POOR = [("present", "present")] * 5 + [("absent", "present")] * 5 + [("absent", "absent")] * 10


@pytest.fixture
def sites(made):
    return {name: read_site(SiteAt(made(name, cases))) for name, cases in {"good": GOOD, "poor": POOR}.items()}


def b_lines(sites):
    return next(each for each in pooled(sites) if each.subject == Subject("zone", "b_lines"))


def test_the_pooled_share_is_that_of_all_patients_and_the_differences_are_stated(sites):
    found = b_lines(sites).shares["sensitivity"]
    assert (found.sites["good"].value, found.sites["poor"].value) == (1.0, 0.5)
    assert found.together == Tally.independent(15, 20).share()
    assert (found.between.lowest, found.between.highest) == (0.5, 1.0)
    assert found.between.i_squared > 0.5
    assert b_lines(sites).shares["specificity"].between.i_squared == 0.0


def test_a_site_with_few_patients_is_in_no_sum_which_could_state_its_counts(sites, made):
    few = read_site(SiteAt(made("few-with", [("absent", "present")] * 2 + [("absent", "absent")] * 6)))
    found = b_lines({**sites, "few": few}).shares
    assert found["sensitivity"].sites["few"] == NoFigure(Why.FEW)
    assert found["sensitivity"].together == b_lines(sites).shares["sensitivity"].together
    assert found["specificity"].together.cases == 26


def test_scores_of_all_sites_are_nearly_those_of_one_that_had_all_cases(sites, made):
    together = b_lines(sites).scores
    whole = read_site(SiteAt(made("whole", GOOD + POOR)))
    (subject,) = [each for each in whole.subjects if each.subject == Subject("zone", "b_lines")]
    assert together.auc == pytest.approx(subject.auc.value)
    assert together.ece == pytest.approx(subject.binned.ece)
    assert set(together.sites) == {"good", "poor"}


def test_a_site_that_is_given_twice_is_found_by_its_key(sites):
    assert twice({**sites, "again": sites["good"]}) == [("good", "again")]
    assert twice(sites) == []


def test_no_site_is_nothing():
    assert pooled({}) == ()
