"""FindingResult: what the evaluation found of one finding, for the card and the release."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FindingResult:
    """One finding's out-of-fold figures; the interval is a 95 % bootstrap over patients."""

    finding: str
    prevalence: float
    auc_float: float
    auc_int8: float
    auc_low: float
    auc_high: float
    fold_aucs: tuple[float, ...]
    sensitivity: float
    specificity: float
    brier: float
    largest_step: float
    slope: float
    offset: float
