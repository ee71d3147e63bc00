"""Post-test probability: closed forms, one sign only, and whose figures they are."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.exam.likelihood.own import Own
from edge.exam.likelihood.post_test import PostTestRefused, Sign, after, post_test
from edge.exam.likelihood.published import Published, Ratio, RatioUnknown, published, published_as
from edge.exam.summary import NAMES
from edge.inference.acceptance.binomial import lower
from edge.notice import NOTICE

AHF = published_as("ahf-b-lines")
PNEUMONIA = published_as("pneumonia-all-ages")
PROBABILITIES = st.floats(1e-6, 1 - 1e-6)
RATIOS = st.floats(1e-3, 1e3)


def own(hits=18, of=20, right=43, without=50, condition=AHF.condition):
    return Own(
        condition=condition,
        where="Butterfly iQ3, ward 3, 2026",
        sensitivity=hits / of,
        sensitivity_at_least=lower(hits, of),
        specificity=right / without,
        specificity_at_least=lower(right, without),
        with_it=of,
        without_it=without,
    )


def test_closed_forms():
    assert post_test(0.30, [Sign(AHF, True)]).after == pytest.approx(0.760, abs=5e-4)
    assert post_test(0.30, [Sign(AHF, False)]).after == pytest.approx(0.0642, abs=5e-5)
    assert after(0.5, 1) == 0.5
    assert after(0.2, 4) == pytest.approx(0.5)
    assert after(0.8, 0.25) == pytest.approx(0.5)


def test_the_interval_is_that_of_the_ratio():
    found = post_test(0.30, [Sign(PNEUMONIA, True)])
    assert (found.low, found.high) == pytest.approx((3.76 * 3 / 7 / (1 + 3.76 * 3 / 7), 32.5 * 3 / 7 / (1 + 32.5 * 3 / 7)))
    assert found.low < found.after < found.high
    assert (post_test(0.30, [Sign(AHF, True)]).low, post_test(0.30, [Sign(AHF, True)]).high) == (None, None)


@given(PROBABILITIES, RATIOS)
def test_a_ratio_and_its_inverse_lead_back(before, ratio):
    assert after(after(before, ratio), 1 / ratio) == pytest.approx(before, rel=1e-6)


@given(PROBABILITIES, RATIOS)
def test_the_answer_lies_on_the_side_of_the_ratio_and_is_never_certain(before, ratio):
    found = after(before, ratio)
    assert 0 < found < 1
    assert (found - before) * (ratio - 1) >= -1e-12


@pytest.mark.parametrize("before", [None, 0, 1, -0.1, 1.1, math.nan, math.inf])
def test_without_a_probability_before_there_is_none_after(before):
    with pytest.raises(PostTestRefused, match="probability before the test"):
        post_test(before, [Sign(AHF, True)])


def test_two_signs_are_never_multiplied():
    with pytest.raises(PostTestRefused, match="must not be multiplied"):
        post_test(0.3, [Sign(AHF, True), Sign(PNEUMONIA, True)])
    with pytest.raises(PostTestRefused, match="must not be multiplied"):
        post_test(0.3, [Sign(AHF, True), Sign(AHF, True)])
    with pytest.raises(PostTestRefused, match="no sign"):
        post_test(0.3, [])


def test_a_sign_that_cannot_be_assessed_gives_no_probability():
    with pytest.raises(PostTestRefused, match="cannot be assessed"):
        post_test(0.3, [Sign(AHF, None)])


def test_published_figures_are_named_as_not_of_this_site_with_the_notice():
    found = post_test(0.3, [Sign(PNEUMONIA, False)])
    assert not found.own
    assert found.whose.startswith("Not figures of this site: all ages; 20 studies, 2513 patients; several machines")
    assert "PMC5328906" in found.whose
    assert found.notice == NOTICE


def test_the_sites_figures_count_once_their_bounds_allow_it():
    found = post_test(0.3, [Sign(AHF, True)], own())
    assert found.own
    assert found.ratio.value == pytest.approx(0.9 / 0.14)
    assert found.after == pytest.approx(after(0.3, 0.9 / 0.14))
    assert found.low == pytest.approx(after(0.3, lower(18, 20) / (1 - lower(43, 50))))
    assert found.high is None
    assert found.whose == "Figures of this site: Butterfly iQ3, ward 3, 2026; 20 patients with acute heart failure, 50 without"


def test_the_absence_of_the_sign_with_the_sites_figures():
    found = post_test(0.3, [Sign(AHF, False)], own())
    assert found.after == pytest.approx(after(0.3, 0.1 / 0.86))
    assert (found.low, found.high) == (None, pytest.approx(after(0.3, (1 - lower(18, 20)) / lower(43, 50))))


def test_effusion_against_ct_in_284_emergency_patients_has_the_ratios_that_were_counted():
    """29 of 49 sides with and 99 of 110 without, github.com/sansegit/lungultrasoundemergencydepartment, commit 2af57235."""
    counted = own(hits=29, of=49, right=99, without=110, condition="pleural effusion")
    assert counted.why_not == ""
    assert counted.ratio(present=True).value == pytest.approx(5.9, abs=0.05)
    assert counted.ratio(present=False).value == pytest.approx(0.45, abs=0.005)


@pytest.mark.parametrize(
    ("few", "why"),
    [
        (own(hits=9, of=9), "9 patients with it and 50 without; 10 of each are needed"),
        (own(right=9, without=9), "20 patients with it and 9 without; 10 of each are needed"),
        (own(hits=24, of=64, right=76, without=95), "do not yet tell the sign from chance"),
    ],
)
def test_too_few_or_too_weak_figures_of_the_site_do_not_count_and_are_named(few, why):
    found = post_test(0.3, [Sign(AHF, True)], few)
    assert not found.own
    assert found.ratio == AHF.positive
    assert found.whose.startswith("Not figures of this site")
    assert why in found.whose


def test_no_error_among_the_patients_is_no_certainty():
    spotless = own(hits=20, of=20, right=50, without=50)
    for present in (True, False):
        found = post_test(0.3, [Sign(AHF, present)], spotless)
        assert found.own
        assert 0 < found.after < 1
    assert post_test(0.3, [Sign(AHF, True)], spotless).ratio.value == pytest.approx(1 / (1 - lower(50, 50)))


def test_figures_of_another_condition_are_refused():
    with pytest.raises(PostTestRefused, match="are of pneumonia, and the sign is of acute heart failure"):
        post_test(0.3, [Sign(AHF, True)], own(condition="pneumonia"))


def test_impossible_figures_are_refused():
    with pytest.raises(ValueError, match="lower bound"):
        Own("pneumonia", "here", 0.5, 0.6, 0.9, 0.8, 20, 20)


def test_each_published_row_has_its_source_population_and_machine_and_a_known_finding():
    rows = published()
    assert len({row.id for row in rows}) == len(rows) >= 5
    assert all(row.source and row.population and row.machine for row in rows)
    assert all(row.finding is None or row.finding in NAMES for row in rows)


def test_a_row_without_interval_states_so_in_its_source():
    assert all("no interval" in row.source for row in published() if row.positive.low is None)


def test_ratios_from_sensitivity_and_specificity_are_those_of_the_closed_form():
    row = published_as("ahf-b-lines-emergency")
    assert row.positive.value == pytest.approx(0.825 / (1 - 0.836), abs=0.005)
    assert row.negative.value == pytest.approx((1 - 0.825) / 0.836, abs=0.0005)


def test_a_ratio_outside_its_interval_or_on_the_wrong_side_of_1_is_refused():
    with pytest.raises(ValidationError, match="not in its interval"):
        Ratio(value=2, low=3, high=4)
    with pytest.raises(ValidationError, match="above 1"):
        Published.model_validate(AHF.model_dump() | {"positive": {"value": 0.5}})


def test_an_unknown_row_is_refused_with_the_known_ones():
    with pytest.raises(RatioUnknown, match="ahf-b-lines"):
        published_as("gout")
