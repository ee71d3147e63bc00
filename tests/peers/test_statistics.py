"""The statistics of the feedback against statsmodels, krippendorff and pingouin, on 1000 random tables (pingouin is slow: 100)."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edge.feedback.concordance.icc import icc_agreement, icc_consistency
from edge.feedback.concordance.kappa import Weights, kappa_of
from edge.feedback.concordance.many import Level, alpha_of, fleiss_of
from edge.feedback.statistics.confusion import Confusion
from edge.feedback.statistics.ratios import negative_ratio, positive_ratio
from edge.feedback.statistics.tally import Tally
from edge.inference.statistics import value_of
from tests.edge.feedback.concordance.tables import ratings_of, values_of

pytestmark = [pytest.mark.peers, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(os.environ.get("SONOEDGE_STATISTICS_PYTHON", ROOT / ".venv-peers-statistics" / "bin" / "python"))
TABLES, FEW = 1000, 100
PATIENCE_S = 300


@pytest.fixture(scope="module")
def oracle(missing):
    """Asks the other environment for a statistic of tables."""
    if not PYTHON.exists():
        missing(f"{PYTHON} with statsmodels, krippendorff and pingouin (make peers, or set SONOEDGE_STATISTICS_PYTHON)")

    def asked(name, tables):
        script = [PYTHON, Path(__file__).with_name("statistics_oracles.py")]
        done = subprocess.run(script, input=json.dumps({name: tables}), capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)[name]

    return asked


def stated(figure):
    return figure.value, figure.low, figure.high


def test_shares(oracle):
    rng = np.random.default_rng(1)
    tables = [(int(rng.integers(0, of + 1)), int(of)) for of in rng.integers(5, 400, TABLES)]
    for (hits, of), expected in zip(tables, oracle("shares", tables), strict=True):
        assert stated(Tally.independent(hits, of).share())[1:] == pytest.approx(expected, abs=1e-6)


def test_likelihood_ratios(oracle):
    tables = np.random.default_rng(2).integers(3, 60, (TABLES, 2, 2)).tolist()
    swapped = [[row[::-1] for row in table] for table in tables]
    found = [Confusion.independent(with_it[0], without[0], with_it[1], without[1]) for with_it, without in tables]
    for ratio, asked in ((positive_ratio, tables), (negative_ratio, swapped)):
        for confusion, expected in zip(found, oracle("ratios", asked), strict=True):
            assert stated(ratio(confusion)) == pytest.approx(expected, rel=1e-6)


def test_kappa(oracle):
    tables = [values_of(seed, cases=20 + seed % 40, scale=2 + seed % 3) for seed in range(TABLES)]
    counts = [np.histogram2d(*values.T, bins=[np.arange(values.max() + 2)] * 2)[0].tolist() for values in tables]
    for values, expected in zip(tables, oracle("kappas", counts), strict=True):
        assert [value_of(kappa_of(values, weights), len(values)) for weights in Weights] == pytest.approx(expected)


def test_fleiss(oracle):
    tables = [ratings_of(values_of(seed, readers=3 + seed % 3)).places()[1] for seed in range(TABLES)]
    for counts, expected in zip(tables, oracle("fleiss", [each.tolist() for each in tables]), strict=True):
        assert value_of(fleiss_of(counts), len(counts)) == pytest.approx(expected)


def test_alpha_with_gaps(oracle):
    tables = [values_of(seed, cases=20, readers=2 + seed % 3, scale=2 + seed % 4, missing=0.3) for seed in range(TABLES)]
    asked = [[[None if np.isnan(value) else value for value in row] for row in values] for values in tables]
    for values, expected in zip(tables, oracle("alphas", asked), strict=True):
        ratings = ratings_of(values).paired()
        found = [value_of(alpha_of(*ratings.places(), level), len(ratings.values)) for level in Level]
        assert found == pytest.approx(expected)


def test_icc(oracle):
    rng = np.random.default_rng(3)
    tables = []
    for _ in range(FEW):
        cases, readers = int(rng.integers(6, 20)), int(rng.integers(2, 5))
        tables.append(rng.normal(size=(cases, 1)) + 0.5 * rng.normal(size=(1, readers)) + 0.7 * rng.normal(size=(cases, readers)))
    for values, expected in zip(tables, oracle("iccs", [each.tolist() for each in tables]), strict=True):
        ratings = ratings_of(values)
        assert stated(icc_agreement(ratings)) == pytest.approx(expected[0], rel=1e-5, abs=1e-6)
        assert stated(icc_consistency(ratings)) == pytest.approx(expected[1], rel=1e-5, abs=1e-6)
