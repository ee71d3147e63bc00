import numpy as np
import pytest

from edge.feedback.statistics.confusion import Confusion, Matrix
from edge.feedback.statistics.figure import Figure, NoFigure, Why
from tests.edge.feedback.statistics.columns import cases_of

SHARES = ("sensitivity", "specificity", "positive_value", "negative_value")


def test_counts_and_shares_equal_scikit_learn_s_on_1000_tables():
    metrics = pytest.importorskip("sklearn.metrics", reason="needs scikit-learn of the extra [dev]")
    rng = np.random.default_rng(4)
    for _ in range(1000):
        truth, answers = (rng.random(rng.integers(40, 80)) < rng.uniform(0.2, 0.8) for _ in range(2))
        truth, answers = truth[: len(answers)], answers[: len(truth)]
        found = Confusion.of(cases_of(truth.astype(float), answers.astype(float)))
        true_absent, false_present, false_absent, true_present = metrics.confusion_matrix(truth, answers, labels=[False, True]).ravel()
        counts = (found.true_present, found.false_present, found.false_absent, found.true_absent)
        assert counts == (true_present, false_present, false_absent, true_absent)
        assert found == Confusion.independent(*map(int, counts))
        expected = (true_present / truth.sum(), true_absent / (~truth).sum(), true_present / answers.sum(), true_absent / (~answers).sum())
        shares = [getattr(found, name).share() for name in SHARES]
        assert [share.value for share in shares if isinstance(share, Figure)] == pytest.approx(
            [value for value, share in zip(expected, shares, strict=True) if isinstance(share, Figure)]
        )
        assert sum(isinstance(share, Figure) for share in shares) >= 2


def test_cases_without_an_answer_or_a_known_truth_are_not_hidden():
    cases = cases_of([1] * 10 + [0] * 10 + [np.nan] * 5, [1] * 6 + [0] * 2 + [np.nan] * 2 + [0] * 7 + [np.nan] * 3 + [1] * 5)
    found = Confusion.of(cases)
    assert (found.true_present, found.false_absent, found.true_absent, found.false_present) == (6, 2, 7, 0)
    assert (found.answered.hits, found.answered.of) == (15, 20)
    assert found.answered.share().value == 0.75
    assert found.matrix() == Matrix(6, 0, 2, 7, 5)


def test_one_class_all_unknown_and_nothing_are_sentences():
    only_with = Confusion.of(cases_of([1] * 9, [1] * 8 + [0]))
    assert only_with.specificity.share() == NoFigure(Why.NO_CASES)
    assert only_with.sensitivity.share().value == pytest.approx(8 / 9)
    unknown = Confusion.of(cases_of([np.nan] * 9, [1] * 9))
    assert {getattr(unknown, name).share() for name in (*SHARES, "answered")} == {NoFigure(Why.NO_CASES)}
    assert Confusion().sensitivity.share() == NoFigure(Why.NO_CASES)
    assert Confusion().matrix() == NoFigure(Why.NO_CASES)
    assert Confusion.independent(1, 1, 1, 1).matrix() == NoFigure(Why.FEW)


def test_boards_add_up():
    one, other = Confusion.independent(5, 2, 1, 9), Confusion.independent(3, 0, 4, 6)
    assert one + other == Confusion.independent(8, 2, 5, 15)
    assert sum([one, other], Confusion()) == one + other
