"""Calibration: converts a clip's logit to a reliable probability. It is fitted on clips of left-out patients.

The evaluation compares three maps (`METHODS`). A release holds the slope and offset of one of them, Platt's logistic.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from firmware_bridge.errors import InputRefused

Numbers = NDArray[np.float64]
Values = NDArray[np.floating]
ToProbability = Callable[[Values], Numbers]

UNPENALISED = 1e6
"""scikit-learn's C. It is finite, so that the slope stays finite if one threshold separates the classes."""


SMALLEST = 1e-9
"""A probability is at least this far from 0 and from 1 before its odds are taken."""


class CannotCalibrate(InputRefused):
    """There are no clips with the finding, or no clips without it."""

    code = "cannot-calibrate"


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's logistic: probability = 1 / (1 + exp(-(slope x logit + offset)))."""

    slope: float
    offset: float

    def probability(self, logits: Values) -> Numbers:
        return logistic(self.slope * logits.astype(np.float64) + self.offset)


def fit(logits: Values, labels: Values) -> Calibration:
    """Fits (clips,) logits and labels; skips unknown labels (NaN). Platt 1999, without his smoothing of the labels.

    Raises:
        CannotCalibrate: all known labels are equal.
    """
    (slope,), offset = _regression(logits[:, np.newaxis], labels)
    return Calibration(slope, offset)


def fit_temperature(logits: Values, labels: Values) -> Calibration:
    """Fits a slope only (Guo et al., ICML 2017). Raises the same errors as `fit`."""
    (slope,), _ = _regression(logits[:, np.newaxis], labels, offset=False)
    return Calibration(slope, 0.0)


def fit_beta(logits: Values, labels: Values) -> ToProbability:
    """Beta calibration (Kull et al., AISTATS 2017): logit = a ln p - b ln(1 - p) + c of the uncalibrated p, with a and b at least 0.

    Raises the same errors as `fit`.
    """
    columns = [0, 1]
    (a, b), c = _regression(_beta_features(logits), labels)
    if min(a, b) < 0:
        columns = [0] if b < a else [1]
        (only,), c = _regression(_beta_features(logits)[:, columns], labels)
        a, b = (only, 0.0) if columns == [0] else (0.0, only)
    weights = np.array([a, b])
    return lambda others: logistic(_beta_features(others) @ weights + c)


def at_prevalence(probability: Numbers, fitted: float, there: float) -> Numbers:
    """Probabilities where a finding is more or less frequent than in the clips of the fit: shares of clips with it, both between 0 and 1.

    The logit moves by the difference of the two log odds (Saerens, Latinne & Decaestecker, Neural Computation 2002): right if only the
    frequency differs, and not the pictures.
    """
    certain = np.clip(probability, SMALLEST, 1 - SMALLEST)
    return logistic(_log_odds(certain) + _log_odds(np.float64(there)) - _log_odds(np.float64(fitted)))


METHODS: Mapping[str, Callable[[Values, Values], ToProbability]] = {
    "none": lambda _logits, _labels: logistic,
    "temperature": lambda logits, labels: fit_temperature(logits, labels).probability,
    "Platt": lambda logits, labels: fit(logits, labels).probability,
    "beta": fit_beta,
}


def logistic(values: Values) -> Numbers:
    bounded = np.clip(values.astype(np.float64), -60, 60)
    return np.asarray(1 / (1 + np.exp(-bounded)), np.float64)


def _log_odds(share: Numbers | np.float64) -> Numbers:
    return np.asarray(np.log(share) - np.log1p(-share), np.float64)


def _beta_features(logits: Values) -> Numbers:
    """(clips, 2): ln p and -ln(1 - p) of p = logistic(logit)."""
    exact = logits.astype(np.float64)
    return np.stack([-np.logaddexp(0, -exact), np.logaddexp(0, exact)], axis=1)


def _regression(features: Values, labels: Values, offset: bool = True) -> tuple[tuple[float, ...], float]:
    known = ~np.isnan(labels)
    if len(np.unique(labels[known])) < 2:
        raise CannotCalibrate(f"all {known.sum()} labelled clips have the same label", "Label clips with the finding and clips without")
    model = LogisticRegression(C=UNPENALISED, fit_intercept=offset, solver="newton-cholesky")
    fitted = model.fit(features[known].astype(np.float64), labels[known])
    return tuple(map(float, fitted.coef_[0])), float(fitted.intercept_[0]) if offset else 0.0
