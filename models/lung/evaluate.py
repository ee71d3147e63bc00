"""How well the model does on patients it has not seen, float against int8, with intervals that respect patients."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from edge.inference.runtime import Interpreter
from edge.vision.prepare import to_tensor
from models.lung.result import FindingResult

Logits = NDArray[np.float32]
BOOTSTRAPS = 1000


def int8_clip_logits(model: Path, squares: NDArray[np.uint8]) -> Logits:
    """(clips, frames, side, side) grey to the mean logit of each clip, (clips, findings), as the device computes it."""
    interpreter = Interpreter(model, threads=2)
    scale, zero = interpreter.output.scale, interpreter.output.zero_point
    return np.array(
        [
            np.mean([(interpreter.invoke(to_tensor(s))[0] - np.float32(zero)).mean(axis=(0, 1)) * scale for s in clip], axis=0)
            for clip in squares
        ],
        np.float32,
    )


def calibration(logits: Logits, labels: Logits) -> tuple[float, float]:
    """Slope and offset of Platt's logistic on (clips,) logits of patients left out."""
    fitted = LogisticRegression(C=1e6).fit(logits[:, np.newaxis], labels)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def judge(
    *, finding: str, float_logits: Logits, int8_logits: Logits, labels: Logits, folds: NDArray[np.int64], patients: NDArray[np.str_]
) -> FindingResult:
    """Everything the card says of one finding, from (clips,) out-of-fold logits."""
    slope, offset = calibration(int8_logits, labels)
    chance = 1 / (1 + np.exp(-(slope * int8_logits + offset)))
    chance_float = 1 / (1 + np.exp(-(slope * float_logits + offset)))
    said, true = chance >= 0.5, labels == 1
    low, high = _patient_interval(int8_logits, labels, patients)
    return FindingResult(
        finding=finding,
        prevalence=float(labels.mean()),
        auc_float=float(roc_auc_score(labels, float_logits)),
        auc_int8=float(roc_auc_score(labels, int8_logits)),
        auc_low=low,
        auc_high=high,
        fold_aucs=tuple(float(roc_auc_score(labels[folds == k], int8_logits[folds == k])) for k in np.unique(folds)),
        sensitivity=float(said[true].mean()),
        specificity=float((~said[~true]).mean()),
        brier=float(np.mean((chance - labels) ** 2)),
        largest_step=float(np.abs(chance - chance_float).max()),
        slope=slope,
        offset=offset,
    )


def _patient_interval(logits: Logits, labels: Logits, patients: NDArray[np.str_]) -> tuple[float, float]:
    """Resamples whole patients: clips of one patient are not independent."""
    rng = np.random.default_rng(0)
    members = [np.flatnonzero(patients == p) for p in np.unique(patients)]
    aucs = []
    for _ in range(BOOTSTRAPS):
        chosen = np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])
        if 0 < labels[chosen].mean() < 1:
            aucs.append(roc_auc_score(labels[chosen], logits[chosen]))
    return float(np.quantile(aucs, 0.025)), float(np.quantile(aucs, 0.975))
