"""What an acceptance states of a finding that was judged. The appliance reads acceptances without the code that judges."""

from edge.inference.acceptance.acceptance import AcceptedFigures, AcceptedFinding, BoundedShare
from edge.inference.acceptance.figures import Share
from edge.inference.acceptance.judge import Judged


def accepted(judged: Judged) -> AcceptedFinding:
    """The local calibration of a finding, with the figures of left-out patients that carry it."""
    counts, thresholds = judged.counts, judged.thresholds
    return AcceptedFinding(
        key=judged.label.key,
        slope=judged.platt.slope,
        offset=judged.platt.offset,
        present_from=thresholds.present_from,
        absent_to=thresholds.absent_to,
        clips_with=counts.clips_with,
        clips_without=counts.clips_without,
        patients_with=counts.patients_with,
        patients_without=counts.patients_without,
        figures=_figures(judged),
    )


def _figures(judged: Judged) -> AcceptedFigures:
    ranked, after = judged.auc, judged.after
    return AcceptedFigures(
        auc=ranked.value,
        auc_low=ranked.low,
        auc_high=ranked.high,
        sensitivity=_bounded(after.sensitivity),
        specificity=_bounded(after.specificity),
        covered_with=_bounded(after.covered_with),
        covered_without=_bounded(after.covered_without),
        answered=_bounded(after.answered),
        ece=after.ece.value,
    )


def _bounded(share: Share) -> BoundedShare:
    return BoundedShare(value=share.value, at_least=share.at_least)
