"""Clips: a release's answers about one finding in one data set, with probabilities from a calibration that never saw the patient."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edge.inference.statistics import Estimate, Flags, Numbers, estimate, patient_draws, share_of, wilson
from models.lung import calibrate
from models.lung.predictions import EXTERNAL, Integers, Predictions, Strings, Values

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Clips:
    """(clips,) arrays of the clips with a known label.

    `probability` comes from the int8 logits, as on the appliance; `float_probability` from the float logits with the same calibration.
    `plain_logits`, `sources`, `healthy` and `calibrates` are those of `Predictions`.
    """

    files: Strings
    patients: Strings
    folds: Integers
    dataset: Strings
    sources: Strings
    zone: Strings
    labels: Values
    float_logits: Values
    int8_logits: Values
    plain_logits: Values
    healthy: Flags
    calibrates: Flags
    probability: Numbers
    float_probability: Numbers

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def draws(self) -> Numbers:
        return patient_draws(self.patients)

    @property
    def present(self) -> Flags:
        return np.equal(self.labels, 1)

    @property
    def called(self) -> Flags:
        """True where the answer is present, at probability 0.5."""
        return self.probability >= 0.5

    @property
    def right(self) -> Flags:
        return np.equal(self.called, self.present)

    def share(self, hits: Flags, among: Flags) -> Estimate:
        """The share of hits among some clips. If all or none are hits, the bootstrap has no spread; then patients count as trials."""
        found = estimate(share_of(hits, among), self.draws)
        if found.low < found.high:
            return found
        patients = len(np.unique(self.patients[among]))
        binomial = wilson(round(found.value * patients), patients)
        return Estimate(found.value, binomial.low, binomial.high)

    def at(self, rows: Rows | Flags) -> "Clips":
        return Clips(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def clips_of(predictions: Predictions, finding: int) -> Clips:
    """All clips with a known label of one finding."""
    known = ~np.isnan(predictions.labels[:, finding])
    labels, folds, calibrates = predictions.labels[known, finding], predictions.folds[known], predictions.calibrates[known]
    float_logits, int8_logits = predictions.float_logits[known, finding], predictions.int8_logits[known, finding]
    probability, float_probability = np.empty(len(labels)), np.empty(len(labels))
    for taught, left_out in parts(np.where(calibrates, folds, EXTERNAL), folds):
        calibration = calibrate.fit(int8_logits[taught], labels[taught])
        probability[left_out] = calibration.probability(int8_logits[left_out])
        float_probability[left_out] = calibration.probability(float_logits[left_out])
    return Clips(
        files=predictions.files[known],
        patients=predictions.patients[known],
        folds=folds,
        dataset=predictions.dataset[known],
        sources=predictions.sources[known],
        zone=predictions.zone[known],
        labels=labels,
        float_logits=float_logits,
        int8_logits=int8_logits,
        plain_logits=predictions.plain_logits[known, finding],
        healthy=predictions.healthy[known],
        calibrates=calibrates,
        probability=probability,
        float_probability=float_probability,
    )


def parts(taught: Integers, judged: Integers) -> Iterator[tuple[Rows, Rows]]:
    """For each fold of the judged clips: the rows of the taught clips in all other folds, and the rows of the fold's own clips.

    For external clips, the taught clips are those of all folds; external clips are never taught.
    """
    for fold in np.unique(judged):
        yield np.flatnonzero((taught != fold) & (taught != EXTERNAL)), np.flatnonzero(judged == fold)


def cross_fitted(fit: Callable[[Values, Values], calibrate.ToProbability], taught: Clips, judged: Clips) -> Numbers:
    """Probabilities of the judged clips, each from a fit on other folds."""
    probability = np.empty(len(judged))
    for others, left_out in parts(taught.folds, judged.folds):
        probability[left_out] = fit(taught.int8_logits[others], taught.labels[others])(judged.int8_logits[left_out])
    return probability
