"""`sonoedge exam post-test`: one sign, one result, and whose figures it rests on."""

import json

import pytest

from edge.cli.exam_post_test import post_test_
from edge.exam.likelihood.post_test import PostTestRefused
from edge.exam.likelihood.published import RatioUnknown, published


def test_without_a_sign_the_published_ones_are_listed_with_their_sources(capsys):
    post_test_()
    out = capsys.readouterr().out
    for row in published():
        assert row.id in out
        assert row.source in out


def test_a_sign_that_is_there_raises_the_probability_and_the_figures_are_named(capsys):
    post_test_("ahf-b-lines", before=30, present=True)
    out = capsys.readouterr().out
    assert "acute heart failure: 30 % before, 76 % after (no interval is known)" in out
    assert "Not figures of this site" in out
    assert "research use, not a diagnosis" in out


def test_a_rounded_probability_is_never_a_certainty(capsys):
    post_test_("pneumonia-2014", before=5, present=False)
    post_test_("pneumonia-2014", before=95, present=True)
    low, high = (line for line in capsys.readouterr().out.splitlines() if "before" in line)
    assert low.startswith("pneumonia: 5 % before, less than 1 % after (less than 1 % to less than 1 %)")
    assert high.startswith("pneumonia: 95 % before, more than 99 % after (more than 99 % to more than 99 %)")


def test_json_has_the_same(capsys):
    post_test_("ahf-b-lines", before=30, present=False, as_json=True)
    stated = json.loads(capsys.readouterr().out)
    assert stated["after"] == pytest.approx(0.0642, abs=1e-4)
    assert stated["ratio"]["value"] == 0.16
    assert stated["own"] is False


@pytest.mark.parametrize("before", [None, 0, 100, -1])
def test_no_prior_or_a_certain_one_is_refused(before):
    with pytest.raises(PostTestRefused):
        post_test_("ahf-b-lines", before=before, present=True)


def test_a_sign_that_nobody_stated_is_refused():
    with pytest.raises(PostTestRefused, match="cannot be assessed"):
        post_test_("ahf-b-lines", before=30)


def test_an_unknown_sign_names_those_that_there_are():
    with pytest.raises(RatioUnknown, match="no-such"):
        post_test_("no-such", before=30, present=True)
