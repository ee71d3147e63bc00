"""The targets of a release, as a table, and the figures that it reaches."""

from collections.abc import Iterator, Mapping

from edge.inference.statistics import Estimate, wilson
from models.lung.evaluation.coverage import Answers
from models.lung.evaluation.evaluation import FindingEvaluation
from models.lung.evaluation.novelty import Kind, Novelty
from models.lung.evaluation.verdict import Verdict

AUC_GOALS: Mapping[str, float] = {"b_lines": 0.90, "a_lines": 0.88, "severity_2_plus": 0.80}
AUC_FLOORS: Mapping[str, float] = {"b_lines": 0.83, "a_lines": 0.80, "severity_2_plus": 0.65}
"""The stated AUC of a plain EfficientNet-Lite0: ten epochs, ten frames per clip, mean of their logits; see account.html."""
INT8_LOSS = 0.01
ECE = 0.08
ALPHA = 0.1
FOREIGN_AUROC, ULTRASOUND_AUROC = 0.99, 0.90


def verdicts(findings: tuple[FindingEvaluation, ...], novelty: Novelty | None) -> tuple[Verdict, ...]:
    """Verdicts for the findings of cross-validated sets, and for pictures without a lung."""
    every = [verdict for finding in findings for verdict in _of_finding(finding)]
    return (*every, *(_of_novelty(novelty) if novelty else ()))


def _of_finding(finding: FindingEvaluation) -> Iterator[Verdict]:
    for kind, bounds in (("floor", AUC_FLOORS), ("goal", AUC_GOALS)):
        if finding.key in bounds:
            yield _at_least(f"{finding.name}: AUC, {kind}", bounds[finding.key], finding.accuracy.auc)
    yield _at_most(f"{finding.name}: AUC lost by int8", INT8_LOSS, finding.quantisation.auc_loss)
    yield _at_most(f"{finding.name}: calibration error (ECE)", ECE, finding.calibration.ece)
    for coverage in finding.coverage:
        if coverage.alpha == ALPHA:
            yield _covers(f"{finding.name}: coverage of clips with it", coverage.with_finding)
            yield _covers(f"{finding.name}: coverage of clips without it", coverage.without)


def _of_novelty(novelty: Novelty) -> Iterator[Verdict]:
    if novelty.foreign:
        yield _at_least("Novelty of pictures that are not ultrasound: AUROC", FOREIGN_AUROC, novelty.foreign.auroc)
        yield _none_read_as_lung(novelty.foreign)
    if novelty.other_ultrasound:
        yield _at_least("Novelty of other ultrasound: AUROC", ULTRASOUND_AUROC, novelty.other_ultrasound.auroc)


def _at_least(what: str, bound: float, found: Estimate) -> Verdict:
    return Verdict(what, f"≥ {bound:.2f}", found, found.value >= bound)


def _at_most(what: str, bound: float, found: Estimate) -> Verdict:
    return Verdict(what, f"≤ {bound:.2f}", found, found.value <= bound)


def _covers(what: str, answers: Answers) -> Verdict:
    """Reached within its binomial error: if the interval of the measured coverage contains the promised coverage."""
    promised = 1 - ALPHA
    return Verdict(what, f"{promised:.2f} ± binomial error", answers.covered, answers.covered.low <= promised <= answers.covered.high)


def _none_read_as_lung(kind: Kind) -> Verdict:
    return Verdict(
        f"Share read as lung, of {kind.pictures} pictures that are not ultrasound",
        "0",
        wilson(kind.read_as_lung, kind.pictures),
        kind.read_as_lung == 0,
    )
