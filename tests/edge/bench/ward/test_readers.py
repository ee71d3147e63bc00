"""A simulated reader errs at the known rates, at the same places with the same seed, and counts its errors."""

import pytest

from edge.bench.ward.readers import Error, SimulatedReader
from edge.exam.review.review import ReaderVerdict

RATES = {Error.MISSED: 0.15, Error.OVERCALLED: 0.05}
PLACES = [f"p{patient} L{zone}" for patient in range(1000) for zone in (1, 2, 3)]


def reader(rates=RATES, seed="1", badge="b"):
    return SimulatedReader(badge, "Reader", rates, seed)


def answers(one, label=True):
    return [one.states(place, "b_lines", label) for place in PLACES]


@pytest.mark.parametrize(("label", "error"), [(True, Error.MISSED), (False, Error.OVERCALLED)])
def test_it_errs_at_the_known_rate_and_counts_its_errors(label, error):
    one = reader()
    wrong = sum((answer is ReaderVerdict.PRESENT) is not label for answer in answers(one, label))
    assert one.made == {("b_lines", error): wrong}
    assert wrong / len(PLACES) == pytest.approx(RATES[error], abs=0.02)


def test_the_same_seed_makes_the_same_errors_in_any_order():
    one, other = reader(), reader()
    assert dict(zip(PLACES, answers(one), strict=True)) == {place: other.states(place, "b_lines", True) for place in reversed(PLACES)}


def test_another_seed_and_another_reader_make_others():
    assert answers(reader()) != answers(reader(seed="2"))
    assert answers(reader()) != answers(reader(badge="c"))


def test_rates_of_0_and_1_are_exact():
    one = reader({Error.MISSED: 0.0, Error.OVERCALLED: 1.0})
    assert set(answers(one, True)) == set(answers(one, False)) == {ReaderVerdict.PRESENT}


def test_without_a_label_it_cannot_tell():
    one = reader()
    assert one.states("p1 L1", "b_lines", None) is ReaderVerdict.NOT_ASSESSABLE
    assert not one.made
