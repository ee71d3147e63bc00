"""From a clip's logit to a probability that means what it says, fitted on clips of patients left out.

Some maps are compared (`METHODS`); a release holds the slope and offset of one, `fit`'s.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from firmware_bridge.errors import SonoEdgeError

Numbers = NDArray[np.float64]
Values = NDArray[np.floating]
ToProbability = Callable[[Values], Numbers]

UNPENALISED = 1e6
"""scikit-learn's C; finite, so that the slope stays so where one threshold parts the classes."""
ALIKE = 6
"""So many clips count as one: those of one patient, the six of a BLUE examination, resemble each other."""
DOUBT = 0.25
"""Standard deviation of slope and offset about those of a network whose logits need no calibration, 1 and 0, before any clip is seen."""

SHIPPED = "Platt, cautious"
START: Numbers = np.array([1.0, 0.0])
STEPS = 500
"""By the largest curvature that a logistic likelihood can have, so that each step is nearer (Böhning & Lindsay 1988)."""


class CannotCalibrate(SonoEdgeError):
    """Clips with a finding, or clips without, are wanting."""

    code = "cannot-calibrate"


@dataclass(frozen=True, slots=True)
class Calibration:
    """probability = 1 / (1 + exp(-(slope x logit + offset)))."""

    slope: float
    offset: float

    def probability(self, logits: Values) -> Numbers:
        return logistic(self.slope * logits.astype(np.float64) + self.offset)


def fit(logits: Values, labels: Values) -> Calibration:
    """Of (clips,) logits and labels, NaN where not known, which are passed over.

    Platt's logistic (1999), most probable after the clips were seen: with few patients it stays near the logits as they are, which
    cross-entropy taught to be probabilities; with many it is Platt's own.

    Raises:
        CannotCalibrate: the known labels are all alike.
    """
    known = _known(labels)
    features = np.stack([logits[known].astype(np.float64), np.ones(known.sum())], axis=1)
    tightest = features.T @ features / (4 * ALIKE) + np.eye(2) / DOUBT**2
    found = START
    for _ in range(STEPS):
        surplus = features.T @ (logistic(features @ found) - labels[known]) / ALIKE + (found - START) / DOUBT**2
        found = found - np.linalg.solve(tightest, surplus)
    return Calibration(float(found[0]), float(found[1]))


def fit_platt(logits: Values, labels: Values) -> Calibration:
    """Platt's logistic (1999) without his smoothing of the labels. Raises as `fit`."""
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
    "Platt": lambda logits, labels: fit_platt(logits, labels).probability,
    "beta": fit_beta,
    SHIPPED: lambda logits, labels: fit(logits, labels).probability,
}


def logistic(values: Values) -> Numbers:
    bounded = np.clip(values.astype(np.float64), -60, 60)
    return np.asarray(1 / (1 + np.exp(-bounded)), np.float64)


def _beta_features(logits: Values) -> Numbers:
    """(clips, 2): ln p and -ln(1 - p) of p = logistic(logit)."""
    exact = logits.astype(np.float64)
    return np.stack([-np.logaddexp(0, -exact), np.logaddexp(0, exact)], axis=1)


def _regression(features: Values, labels: Values, offset: bool = True) -> tuple[tuple[float, ...], float]:
    known = _known(labels)
    model = LogisticRegression(C=UNPENALISED, fit_intercept=offset, solver="newton-cholesky")
    fitted = model.fit(features[known].astype(np.float64), labels[known])
    return tuple(map(float, fitted.coef_[0])), float(fitted.intercept_[0]) if offset else 0.0


def _known(labels: Values) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = ~np.isnan(labels)
    if len(np.unique(labels[known])) < 2:
        raise CannotCalibrate(
            f"of {known.sum()} labelled clips none is unlike the others", "Label clips with the finding and clips without"
        )
    return known
