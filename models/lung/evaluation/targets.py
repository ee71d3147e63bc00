"""The targets of a release, as a table, and the figures that it reaches."""

from collections.abc import Iterator, Mapping

from edge.inference.statistics import Estimate, wilson
from models.lung.evaluation.coverage import Answers
from models.lung.evaluation.evaluation import FindingEvaluation
from models.lung.evaluation.novelty import Kind, Novelty
from models.lung.evaluation.sources import EVERY, OVER, SourceEvaluation
from models.lung.evaluation.verdict import Verdict

AUC_GOALS: Mapping[str, float] = {"b_lines": 0.90, "a_lines": 0.88, "severity_2_plus": 0.80}
INT8_LOSS = 0.01
ECE = 0.08
ALPHA = 0.1
AWAY_AUC_GOALS: Mapping[str, float] = {"b_lines": 0.90, "a_lines": 0.82}
HEALTHY_OVER: Mapping[str, float] = {"b_lines": 0.05}
"""By finding: goals on sources left out whole, for the AUC of all of them, and for the healthy clips of each that are over 0.6."""
FOREIGN_AUROC, ULTRASOUND_AUROC = 0.99, 0.90


def verdicts(
    findings: tuple[FindingEvaluation, ...], novelty: Novelty | None, sources: tuple[SourceEvaluation, ...]
) -> tuple[Verdict, ...]:
    """Verdicts for the findings of cross-validated sets, for sources left out whole, and for pictures without a lung."""
    every = [verdict for finding in findings for verdict in _of_finding(finding)]
    away = [verdict for source in sources for verdict in _of_source(source)]
    return (*every, *away, *(_of_novelty(novelty) if novelty else ()))


def _of_finding(finding: FindingEvaluation) -> Iterator[Verdict]:
    of = finding.accuracy
    if of.above_plain:
        yield _at_least(f"{finding.name}: AUC above the plain network", 0, of.above_plain)
    if finding.key in AUC_GOALS:
        yield _at_least(f"{finding.name}: AUC, goal", AUC_GOALS[finding.key], of.auc)
    yield _at_most(f"{finding.name}: AUC lost by int8", INT8_LOSS, finding.quantisation.auc_loss)
    yield _at_most(f"{finding.name}: calibration error (ECE)", ECE, finding.calibration.ece)
    for coverage in finding.coverage:
        if coverage.alpha == ALPHA:
            yield _covers(f"{finding.name}: coverage of clips with it", coverage.with_finding)
            yield _covers(f"{finding.name}: coverage of clips without it", coverage.without)


def _of_source(source: SourceEvaluation) -> Iterator[Verdict]:
    for finding in source.findings:
        where = f"{finding.name}, sources left out ({source.source})"
        if source.source == EVERY and finding.auc and finding.key in AWAY_AUC_GOALS:
            yield _at_least(f"{where}: AUC", AWAY_AUC_GOALS[finding.key], finding.auc)
        if finding.over and finding.key in HEALTHY_OVER:
            yield _at_most(f"{where}: share of {finding.healthy} healthy clips over {OVER}", HEALTHY_OVER[finding.key], finding.over)


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
