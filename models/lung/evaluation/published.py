"""Comparison with the published table: a patient's PCR result from images alone in five folds, as in Table A1 of the COVID-BLUES paper."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from edge.inference.statistics import SEED, Estimate, Flags, Numbers, auc, estimate, patient_draws, share_of
from models.lung.predictions import EXTERNAL, Integers, Predictions, Strings, Values

SOURCE = "Wiedemann et al., IEEE JBHI 2025, doi 10.1109/JBHI.2025.3543686, Table A1"
FOLDS = 5
PENALTY = 0.1
PUBLISHED_PATIENTS = 63


@dataclass(frozen=True, slots=True)
class Published:
    """`accuracy_sd` is over folds; a figure is None if the table does not state it."""

    network: str
    accuracy: float
    accuracy_sd: float
    sensitivity: float | None
    specificity: float | None


TABLE_A1 = (
    Published("MobileNetV2", 0.684, 0.10, 0.64, 0.73),
    Published("POCOVID-Net", 0.734, 0.05, 0.90, 0.55),
    Published("EfficientNetB7", 0.717, 0.09, 0.77, 0.65),
    Published("ResNet50", 0.632, 0.14, None, None),
)


@dataclass(frozen=True, slots=True)
class PatientScore:
    """`accuracy` has an interval over patients; `accuracy_sd` is over folds, as in the published table."""

    patients: int
    positives: int
    accuracy: Estimate
    accuracy_sd: float
    sensitivity: Estimate
    specificity: Estimate
    auc: Estimate


def load_pcr(folder: Path) -> dict[str, bool]:
    """The PCR result of each patient in a data set's manifest; without patients whose result is missing."""
    path = folder / "manifest.csv"
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {row["patient_or_video_id"]: row["pcr_covid"] == "1" for row in csv.DictReader(file) if row.get("pcr_covid")}


def patient_score(predictions: Predictions, pcr: dict[str, bool]) -> PatientScore | None:
    """A logistic regression on each patient's mean and largest clip logits. The networks never saw the patient, or any PCR result.

    None if there are no patients with a PCR result, or too few for five folds.
    """
    taught = predictions.folds != EXTERNAL
    patients = [patient for patient in np.unique(predictions.patients[taught]).tolist() if patient in pcr]
    positive = np.array([pcr[patient] for patient in patients], np.bool_)
    if min(positive.sum(), (~positive).sum()) < FOLDS:
        return None
    features = np.array([_of_patient(predictions.int8_logits[taught & (predictions.patients == patient)]) for patient in patients])
    return _judged(_cross_validated(features, positive), positive, np.array(patients))


@dataclass(frozen=True, slots=True, eq=False)
class _CrossValidated:
    chance: Numbers
    fold: Integers


def _cross_validated(features: Numbers, positive: Flags) -> _CrossValidated:
    predicted = _CrossValidated(np.empty(len(positive)), np.empty(len(positive), np.int64))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for number, (taught, left_out) in enumerate(folds.split(features, positive)):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, solver="newton-cholesky")).fit(
            features[taught], positive[taught]
        )
        predicted.chance[left_out] = model.predict_proba(features[left_out])[:, 1]
        predicted.fold[left_out] = number
    return predicted


def _judged(predicted: _CrossValidated, positive: Flags, patients: Strings) -> PatientScore:
    called, draws = predicted.chance >= 0.5, patient_draws(patients)
    right = called == positive
    return PatientScore(
        patients=len(patients),
        positives=int(positive.sum()),
        accuracy=estimate(share_of(right), draws),
        accuracy_sd=float(np.std([right[predicted.fold == number].mean() for number in range(FOLDS)])),
        sensitivity=estimate(share_of(called, positive), draws),
        specificity=estimate(share_of(~called, ~positive), draws),
        auc=estimate(auc(predicted.chance, positive.astype(np.float64)), draws),
    )


def _of_patient(logits: Values) -> Numbers:
    return np.concatenate([logits.mean(axis=0), logits.max(axis=0)]).astype(np.float64)
