import math

import pytest

from edge.feedback.agreement import LEAST
from edge.feedback.statistics.figure import SENTENCES, Figure, NoFigure, Why, stated
from edge.inference.statistics import Estimate


@pytest.mark.parametrize(
    ("value", "low", "high", "patients"),
    [(math.nan, 0, 1, 9), (0.5, math.nan, 1, 9), (0.5, 0, math.inf, 9), (0.5, 0.6, 0.4, 9), (0.5, 0, 1, LEAST - 1)],
)
def test_no_figure_holds_what_no_page_may_show(value, low, high, patients):
    with pytest.raises(ValueError, match="not a figure"):
        Figure(value, low, high, 20, patients)


def test_a_small_cell_is_a_sentence_without_its_size():
    assert stated(Estimate(0.5, 0.1, 0.9), 40, LEAST) == Figure(0.5, 0.1, 0.9, 40, LEAST)
    few = {stated(Estimate(0.5, 0.1, 0.9), 40, patients) for patients in range(LEAST)}
    assert few == {NoFigure(Why.FEW)}
    assert few.pop().sentence == "Fewer than 5 patients: too few for a figure"


def test_each_reason_has_a_sentence():
    assert set(SENTENCES) == set(Why)
    assert NoFigure(Why.TWICE, 3).sentence == "3 cases are listed more than once"
    assert not [why for why in Why if "{" in NoFigure(why).sentence or NoFigure(why).sentence.endswith(".")]
