"""How a release reads where all is new to it: the figures that choose between the releases of a family.

`elsewhere.json` is a file of its own in the folder of a release, so that a program that does not know it opens the release all the same.
"""

from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import Annotated

from pydantic import Field

from edge.inference.release_files import Additive, Count, Key, OfModel, Share, parse_added

ELSEWHERE = "elsewhere.json"
UNKNOWN = 0.0
"""The accuracy elsewhere of a release without figures: any figure is better than none."""


class OnNewSources(Additive):
    """One finding: the AUC over `clips`, of which `positives` have it.

    `healthy_over` is the share of healthy clips with a probability over 0.6, for a finding that healthy lungs do not have.
    """

    clips: Count
    positives: Count
    auc: Share
    healthy_over: Share | None = None


class Elsewhere(OfModel):
    """Clips of whole sources (hospitals, machines, publishers), each read by a network that never saw its source."""

    sources: Count
    patients: Count
    findings: Annotated[dict[Key, OnNewSources], Field(min_length=1)]

    @property
    def accuracy(self) -> float:
        """What a family is chosen by: the mean of every AUC, and of every share of healthy clips without a false alarm.

        An AUC does not see a probability that is too high everywhere.
        """
        quiet = (1 - finding.healthy_over for finding in self.findings.values() if finding.healthy_over is not None)
        return fmean((*(finding.auc for finding in self.findings.values()), *quiet))


def load_elsewhere(folder: Path, files: Mapping[str, str], model_sha256: str) -> Elsewhere | None:
    """The figures of a release; None for one that does not state them.

    Raises:
        ModelUnusable: the file is not valid, or belongs to another model.
    """
    return parse_added(folder / ELSEWHERE, Elsewhere, files, model_sha256)
