"""Tables of an evaluation, as text in cells: for the report and for a release's card, so that both say the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edge.inference.statistics import Estimate
from models.lung.evaluation.coverage import Answers
from models.lung.evaluation.evaluation import Evaluation, FindingEvaluation, ReleaseEvaluation
from models.lung.evaluation.novelty import Kind, Lungs
from models.lung.evaluation.published import PUBLISHED_PATIENTS, TABLE_A1, PatientScore, Published
from models.lung.evaluation.sources import OVER, UNDER
from models.lung.evaluation.subgroups import Subgroup

Releases = Sequence[ReleaseEvaluation]
Row = tuple[str, ...]
NONE = "–"


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    header: Row
    rows: tuple[Row, ...]


def text_of(estimate: Estimate | None, digits: int = 2) -> str:
    """0.83 (0.75–0.90)."""
    if estimate is None:
        return NONE
    value, low, high = (number(each, digits) for each in (estimate.value, estimate.low, estimate.high))
    return f"{value} ({low} to {high})" if "−" in low + high else f"{value} ({low}–{high})"


def number(value: float | None, digits: int = 2) -> str:
    if value is None:
        return NONE
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def targets(releases: Releases) -> Table:
    """A line a target; of each release what was found and the verdict."""
    found = {release.release: {verdict.what: verdict for verdict in release.verdicts} for release in releases}
    wanted = {verdict.what: verdict.target for release in releases for verdict in release.verdicts}
    header = ("What", "Target", *(column for name in found for column in (name, f"{name}: verdict")))
    rows = []
    for what, target in wanted.items():
        cells = [
            (text_of(each.found, 3), "reached" if each.reached else "not reached") if each else (NONE, NONE)
            for each in (verdicts.get(what) for verdicts in found.values())
        ]
        rows.append((what, target, *(cell for pair in cells for cell in pair)))
    return Table("Targets", header, tuple(rows))


def findings_of(releases: Releases, dataset: str) -> Iterator[tuple[ReleaseEvaluation, FindingEvaluation]]:
    """Of each finding in turn, each release's evaluation in one data set."""
    every = [(release, each) for release in releases for of in release.sets if of.dataset == dataset for each in of.findings]
    for key in dict.fromkeys(finding.key for _, finding in every):
        yield from ((release, finding) for release, finding in every if finding.key == key)


def accuracy(releases: Releases, dataset: str) -> Table:
    header = (
        "Finding", "Release", "Clips (patients)", "With it", "AUC", "AUC of the plain network", "AUC of shortcuts", "AUC above shortcuts",
        "AUC of each fold",        "Balanced accuracy", "Balanced accuracy of shortcuts",
    )  # fmt: skip
    rows = tuple(_accuracy(release.release, finding) for release, finding in findings_of(releases, dataset))
    return Table("Accuracy, with the shortcut floor", header, rows)


def _accuracy(release: str, finding: FindingEvaluation) -> Row:
    of, floor = finding.accuracy, finding.floor
    return (
        finding.name,
        release,
        f"{finding.clips} ({finding.patients})",
        str(finding.positives),
        text_of(of.auc),
        text_of(of.plain_auc),
        text_of(floor.auc if floor else None),
        text_of(floor.auc_above if floor else None),
        ", ".join(number(each) for each in of.fold_aucs),
        text_of(of.balanced_accuracy),
        text_of(floor.balanced_accuracy if floor else None),
    )


def sources(releases: Releases) -> Table:
    header = ("Source", "Finding", "Release", "Clips (with it)", "AUC", "Healthy clips", f"Healthy over {OVER}", f"Healthy under {UNDER}")
    rows = tuple(
        (
            source.source,
            finding.name,
            release.release,
            f"{finding.clips} ({finding.positives})",
            text_of(finding.auc),
            str(finding.healthy),
            text_of(finding.over),
            text_of(finding.under),
        )
        for release in releases
        for source in release.sources
        for finding in source.findings
    )
    return Table("Sources left out whole", header, rows)


def across(releases: Releases) -> Table:
    header = (
        "Finding", "Release", "Clips (sources)", "Covered, with it", "Covered, without it", "Answered", "Healthy clips answered",
        "Of those {present}", "Released",
    )  # fmt: skip
    names = {finding.key: finding.name for release in releases for source in release.sources for finding in source.findings}
    rows = tuple(
        (
            names.get(of.key, of.key),
            release.release,
            f"{of.clips} ({of.sources})",
            text_of(of.coverage.with_finding.covered if of.coverage else None),
            text_of(of.coverage.without.covered if of.coverage else None),
            text_of(of.coverage.answered if of.coverage else None),
            str(of.healthy_decided),
            str(of.healthy_present),
            "no" if of.thresholds is None else "yes",
        )
        for release in releases
        for of in release.across
    )
    return Table("Prediction sets for machines that nobody has seen", header, rows)


def looks(releases: Releases) -> Table:
    header = ("Machine", "Release", "Its clips", "Of those refused", "Other clips (sources)", "Of those refused", "AUROC")
    rows = tuple(
        (
            each.machine,
            release.release,
            str(each.guard.own_clips),
            number(each.guard.own_refused),
            f"{each.guard.other_clips} ({each.guard.other_sources})",
            number(each.guard.other_refused),
            number(each.guard.auroc),
        )
        for release in releases
        for each in release.looks
    )
    return Table("Clips that do not look like the machine", header, rows)


def confusion(releases: Releases, dataset: str) -> Table:
    header = (
        "Finding", "Release", "Sensitivity", "Specificity", "Brier score", "With it: answered present", "With it: answered absent",
        "Without it: answered present", "Without it: answered absent",
    )  # fmt: skip
    rows = tuple(_confusion(release.release, finding) for release, finding in findings_of(releases, dataset))
    return Table("Answers at probability 0.5, and the truth", header, rows)


def _confusion(release: str, finding: FindingEvaluation) -> Row:
    of, counts = finding.accuracy, finding.accuracy.confusion
    clips = (counts.true_present, counts.false_absent, counts.false_present, counts.true_absent)
    return (finding.name, release, text_of(of.sensitivity), text_of(of.specificity), text_of(of.brier, 3), *map(str, clips))


def calibration(releases: Releases, dataset: str) -> Table:
    header = (
        "Finding",
        "Release",
        "ECE",
        "ECE at this set's own prevalence",
        "ECE by chance alone",
        "Calibration method",
        "Log loss",
        "Gain over Platt",
        "ECE of this method",
        "Best",
    )
    rows = []
    for release, finding in findings_of(releases, dataset):
        of = finding.calibration
        for method in of.methods:
            best = "best" if method.name == of.recommended else ""
            own = (text_of(of.ece), text_of(of.ece_at_prevalence), text_of(of.ece_if_perfect))
            losses = (text_of(method.log_loss, 3), text_of(method.log_loss_gain, 3), text_of(method.ece))
            rows.append((finding.name, release.release, *own, method.name, *losses, best))
    return Table("Calibration", header, tuple(rows))


def coverage(releases: Releases, dataset: str) -> Table:
    header = (
        "Finding", "Release", "α", "Coverage, with it: binomial", "Coverage, with it: over patients", "Coverage, without it: binomial",
        "Coverage, without it: over patients", "Mean size", "Answered", "Of those right", "{present}", "{absent}", "both", "empty",
    )  # fmt: skip
    rows = []
    for release, finding in findings_of(releases, dataset):
        for of in finding.coverage:
            covered = [text_of(each) for answers in (of.with_finding, of.without) for each in (answers.covered, answers.covered_by_patient)]
            shares = _shares(of.with_finding, of.without)
            figures = (*covered, number(of.mean_size), text_of(of.answered), text_of(of.right), *shares)
            rows.append((finding.name, release.release, f"{of.alpha:g}", *figures))
    return Table("Prediction sets", header, tuple(rows))


def _shares(one: Answers, other: Answers) -> Row:
    clips = one.clips + other.clips
    counts = (one.present + other.present, one.absent + other.absent, one.both + other.both, one.empty + other.empty)
    return tuple(number(count / clips) for count in counts)


def quantisation(releases: Releases, dataset: str) -> Table:
    header = (
        "Finding",
        "Release",
        "AUC float",
        "AUC int8",
        "AUC lost",
        "Largest change of a probability",
        "95 % of clips change by at most",
    )
    rows = []
    for release, finding in findings_of(releases, dataset):
        of, aucs = finding.quantisation, (text_of(finding.accuracy.float_auc), text_of(finding.accuracy.auc))
        rows.append((finding.name, release.release, *aucs, text_of(of.auc_loss, 3), number(of.largest_change, 3), number(of.change_95, 3)))
    return Table("Float against int8", header, tuple(rows))


def novelty(releases: Releases) -> Table:
    header = ("Release", "Pictures", "How many", "AUROC", "Above the limit", "Stopped by the quality check", "Read as lung")
    rows: list[Row] = []
    for release in releases:
        if of := release.novelty:
            rows += [_lungs(release.release, each) for each in of.lungs]
            rows += [_kind(release.release, each) for each in (*of.kinds, of.foreign, of.other_ultrasound) if each]
    return Table("Novelty", header, tuple(rows))


def _lungs(release: str, of: Lungs) -> Row:
    name = f"lungs of {of.dataset}, {'external' if of.external else 'left out'}"
    return (release, name, str(of.clips), NONE, f"{of.beyond_limit}: {text_of(of.refused)}", NONE, str(of.clips - of.beyond_limit))


def _kind(release: str, of: Kind) -> Row:
    return (release, of.kind, str(of.pictures), text_of(of.auroc), str(of.beyond_limit), str(of.quality_refused), str(of.read_as_lung))


def subgroups(releases: Releases, dataset: str) -> Table:
    header = ("Finding", "Release", "Group", "Clips (patients)", "With it", "AUC", "Sensitivity", "Specificity")
    rows = tuple(
        _subgroup(finding.name, release.release, group)
        for release, finding in findings_of(releases, dataset)
        for group in finding.subgroups
    )
    return Table("Subgroups", header, rows)


def _subgroup(finding: str, release: str, of: Subgroup) -> Row:
    figures = of.figures
    told = (text_of(figures.auc), text_of(figures.sensitivity), text_of(figures.specificity)) if figures else ("too few", NONE, NONE)
    return (finding, release, f"{of.variable}: {of.group}", f"{of.clips} ({of.patients})", str(of.positives), *told)


def published(releases: Releases) -> Table:
    header = ("Network", "Patients", "Accuracy (95 %)", "Accuracy, mean ± SD of folds", "Sensitivity", "Specificity", "AUC")
    ours = tuple(_patient_score(release.release, release.pcr) for release in releases if release.pcr)
    return Table("PCR of a patient from images alone", header, (*ours, *map(_published, TABLE_A1)))


def _patient_score(release: str, of: PatientScore) -> Row:
    of_folds = f"{number(of.accuracy.value)} ± {number(of.accuracy_sd)}"
    return (release, str(of.patients), text_of(of.accuracy), of_folds, text_of(of.sensitivity), text_of(of.specificity), text_of(of.auc))


def _published(of: Published) -> Row:
    accuracy_of_folds = f"{number(of.accuracy, 3)} ± {number(of.accuracy_sd)}"
    return (
        f"{of.network} (published)",
        str(PUBLISHED_PATIENTS),
        NONE,
        accuracy_of_folds,
        number(of.sensitivity),
        number(of.specificity),
        NONE,
    )


def learning(releases: Releases) -> Table:
    names = {finding.key: finding.name for release in releases for finding in release.cross_validated}
    rows = tuple(
        (names.get(point.finding, point.finding), release.release, str(point.patients), text_of(Estimate(point.auc, point.low, point.high)))
        for release in releases
        for point in release.learning_curve
    )
    return Table("Learning curve", ("Finding", "Release", "Patients used for training", "AUC"), rows)


def data(evaluation: Evaluation) -> Table:
    rows = tuple(
        (each.name, "taught and cross-validated" if each.taught else "external", each.source, each.licence) for each in evaluation.data
    )
    return Table("Data", ("Data set", "Use", "Source", "Licence"), rows)
