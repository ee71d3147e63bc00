"""From a clip's logit to a probability that means what it says, fitted on clips of patients left out.

Three maps are compared (`METHODS`); a release holds the slope and offset of one, Platt's logistic.
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
"""scikit-learn's C; finite, so that the slope stays so where one threshold parts the classes."""


class CannotCalibrate(InputRefused):
    """Clips with a finding, or clips without, are wanting."""

    code = "cannot-calibrate"


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's logistic: probability = 1 / (1 + exp(-(slope x logit + offset)))."""

    slope: float
    offset: float

    def probability(self, logits: Values) -> Numbers:
        return logistic(self.slope * logits.astype(np.float64) + self.offset)


def fit(logits: Values, labels: Values) -> Calibration:
    """Of (clips,) logits and labels, NaN where not known, which are passed over (Platt 1999, without his smoothing of the labels).

    Raises:
        CannotCalibrate: the known labels are all alike.
    """
    (slope,), offset = _regression(logits[:, np.newaxis], labels)
    return Calibration(slope, offset)


def fit_temperature(logits: Values, labels: Values) -> Calibration:
    """A slope alone (Guo et al., ICML 2017). Raises as `fit`."""
    (slope,), _ = _regression(logits[:, np.newaxis], labels, offset=False)
    return Calibration(slope, 0.0)


def fit_beta(logits: Values, labels: Values) -> ToProbability:
    """Beta calibration (Kull et al., AISTATS 2017): logit = a ln p - b ln(1 - p) + c of the uncalibrated p, with a and b not below 0.

    Raises as `fit`.
    """
    kept = [0, 1]
    (a, b), c = _regression(_beta_features(logits), labels)
    if min(a, b) < 0:
        kept = [0] if b < a else [1]
        (only,), c = _regression(_beta_features(logits)[:, kept], labels)
        a, b = (only, 0.0) if kept == [0] else (0.0, only)
    weights = np.array([a, b])
    return lambda others: logistic(_beta_features(others) @ weights + c)


METHODS: Mapping[str, Callable[[Values, Values], ToProbability]] = {
    "none": lambda _logits, _labels: logistic,
    "temperature": lambda logits, labels: fit_temperature(logits, labels).probability,
    "Platt": lambda logits, labels: fit(logits, labels).probability,
    "beta": fit_beta,
}


def logistic(values: Values) -> Numbers:
    bounded = np.clip(values.astype(np.float64), -60, 60)
    return np.asarray(1 / (1 + np.exp(-bounded)), np.float64)


def _beta_features(logits: Values) -> Numbers:
    """(clips, 2): ln p and -ln(1 - p) of p = logistic(logit)."""
    exact = logits.astype(np.float64)
    return np.stack([-np.logaddexp(0, -exact), np.logaddexp(0, exact)], axis=1)


def _regression(features: Values, labels: Values, offset: bool = True) -> tuple[tuple[float, ...], float]:
    known = ~np.isnan(labels)
    if len(np.unique(labels[known])) < 2:
        raise CannotCalibrate(
            f"of {known.sum()} labelled clips none is unlike the others", "Label clips with the finding and clips without"
        )
    model = LogisticRegression(C=UNPENALISED, fit_intercept=offset, solver="newton-cholesky")
    fitted = model.fit(features[known].astype(np.float64), labels[known])
    return tuple(map(float, fitted.coef_[0])), float(fitted.intercept_[0]) if offset else 0.0
