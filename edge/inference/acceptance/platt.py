"""Local calibration: a slope and an offset from the labelled clips of one machine."""

import numpy as np

from edge.inference.release_files import Platt
from edge.inference.statistics import Numbers, Values

MOST_STEPS, MOST_HALVINGS = 100, 20
CLOSE = 1e-9
"""Newton's method ends where the gradient is this small."""
RIDGE = 1e-9
"""Added to the curvature, so that equal logits still have a step."""


def fit(logits: Values, labels: Values) -> Platt:
    """Platt scaling of (clips,) logits and labels of 1 or 0, with both present.

    The targets are a little inside 0 and 1, which keeps the slope finite where few clips are separated by one threshold (Platt 1999);
    Newton's method with halved steps finds the minimum (Lin, Lin & Weng, Machine Learning 2007;68:267).
    """
    positive = int((labels == 1).sum())
    negative = len(labels) - positive
    targets = np.where(labels == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
    design = np.stack([logits.astype(np.float64), np.ones(len(logits))], axis=1)
    found = np.array([0.0, np.log((positive + 1) / (negative + 1))])
    loss = _loss(design @ found, targets)
    for _ in range(MOST_STEPS):
        probability = logistic(design @ found)
        gradient = design.T @ (probability - targets)
        if np.abs(gradient).max() < CLOSE:
            break
        curvature = (design.T * (probability * (1 - probability))) @ design + RIDGE * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        for _ in range(MOST_HALVINGS):
            if (less := _loss(design @ (found - step), targets)) <= loss:
                break
            step /= 2
        found, loss = found - step, less
    return Platt(slope=float(found[0]), offset=float(found[1]))


def probability(logits: Values, by: Platt) -> Numbers:
    """The probabilities of (clips,) logits."""
    return logistic(by.slope * logits.astype(np.float64) + by.offset)


def logistic(values: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -60, 60))), np.float64)


def _loss(values: Numbers, targets: Numbers) -> float:
    """The cross entropy of targets between 0 and 1."""
    return float((np.logaddexp(0, values) - targets * values).sum())
