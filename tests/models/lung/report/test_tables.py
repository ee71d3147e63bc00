import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn of the extra [train]")

from edge.inference.statistics import Estimate
from models.lung.report.tables import number, text_of


@pytest.mark.parametrize(
    ("estimate", "digits", "text"),
    [
        (Estimate(0.834, 0.75, 0.901), 2, "0.83 (0.75–0.90)"),
        (Estimate(-0.0012, -0.0061, 0.0034), 3, "−0.001 (−0.006 to 0.003)"),
        (Estimate(1, 1, 1), 2, "1.00 (1.00–1.00)"),
        (None, 2, "–"),
    ],
)
def test_an_estimate_is_written_with_its_interval(estimate, digits, text):
    assert text_of(estimate, digits) == text


@pytest.mark.parametrize(("value", "text"), [(-0.0001, "0.00"), (0.125, "0.12"), (-0.126, "−0.13"), (None, "–")])
def test_a_number_is_never_minus_zero(value, text):
    assert number(value) == text
