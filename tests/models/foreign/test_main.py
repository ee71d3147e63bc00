import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the [train] extra is not installed")

from edge.vision.strangers import STRANGERS
from models.foreign.__main__ import fit, judged, report
from models.foreign.examples import Example


def clouds(count=200):
    """Two clouds that no plane separates: one around the other."""
    chance = np.random.default_rng(1)
    inner, outer = chance.normal(0, 0.3, (count, 3)), chance.normal(0, 0.3, (count, 3))
    outer += 2 * np.sign(outer[:, :1]) * np.array([1, -1, 0])
    return np.vstack([inner, outer]), np.repeat([False, True], count)


def test_the_score_separates_what_no_plane_separates():
    values, foreign = clouds()
    score = fit(values, foreign, np.ones(len(values)))
    assert np.mean((score.of(values) > 0) == foreign) > 0.95


def test_missing_features_still_give_finite_scores():
    values, foreign = clouds()
    values[::7, 2] = np.nan
    assert np.isfinite(fit(values, foreign, np.ones(len(values))).of(values)).all()


def test_the_report_names_the_missed_foreign_pictures():
    values, foreign = clouds(40)
    known = [
        Example(STRANGERS if f else "pocus_lung", f"group{n}", f"{n}.png", 0, v)
        for n, (v, f) in enumerate(zip(values, foreign, strict=True))
    ]
    score, left_out = judged(known)
    left_out[40] = -1.5
    assert "missed where left out: 40.png (-1.5)" in report(known, score, left_out, 0.0)
