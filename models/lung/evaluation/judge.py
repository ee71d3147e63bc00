"""Evaluates a release: computes every figure from its predictions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.progress import Progress

from edge.inference.statistics import Numbers
from models.lung.evaluation.abstention import abstention
from models.lung.evaluation.accuracy import accuracy
from models.lung.evaluation.across import across
from models.lung.evaluation.calibration import calibrated
from models.lung.evaluation.clips import Clips, clips_of
from models.lung.evaluation.coverage import coverages
from models.lung.evaluation.evaluation import FindingEvaluation, ReleaseEvaluation, SetEvaluation
from models.lung.evaluation.learning import LearningPoint
from models.lung.evaluation.novelty import novelty
from models.lung.evaluation.published import load_pcr, patient_score
from models.lung.evaluation.quantisation import quantisation
from models.lung.evaluation.shortcut import floor, glances
from models.lung.evaluation.sources import sources
from models.lung.evaluation.subgroups import Clinical, load_clinical, subgroups
from models.lung.evaluation.targets import ALPHA, verdicts
from models.lung.predictions import EXTERNAL, Predictions

FEWEST = 5
"""Smallest number of clips with the finding, and of clips without it, to evaluate a finding in a data set."""


@dataclass(frozen=True, slots=True)
class Known:
    """Other facts about the clips: simple image features (`seen`) by file, clinical groups and PCR by data set, names of findings."""

    seen: Mapping[str, Numbers]
    clinical: Mapping[str, Clinical]
    pcr: Mapping[str, bool]
    names: Mapping[str, str]

    @classmethod
    def of(cls, releases: Sequence[Predictions], data: Path, names: Mapping[str, str]) -> "Known":
        """The facts for all clips in any release's predictions.

        Raises:
            SourceAbsent, SourceUnreadable: a clip is no longer in the data folder.
        """
        folders = {str(dataset): data / str(dataset) for each in releases for dataset in np.unique(each.dataset)}
        return cls(
            seen=glances(data, np.unique(np.concatenate([each.files for each in releases]))),
            clinical={dataset: load_clinical(folder) for dataset, folder in folders.items()},
            pcr={patient: result for folder in folders.values() for patient, result in load_pcr(folder).items()},
            names=names,
        )


def judge(predictions: Predictions, known: Known, curve: tuple[LearningPoint, ...], progress: Progress) -> ReleaseEvaluation:
    """Computes every figure with its bootstrap interval; takes some seconds per finding.

    Raises:
        CannotCalibrate: the training clips lack a class of a finding.
    """
    datasets = tuple(dict.fromkeys(map(str, predictions.dataset)))
    task = progress.add_task(f"judging {predictions.release}", total=len(datasets) * len(predictions.findings))
    judged: dict[str, dict[str, FindingEvaluation | None]] = {dataset: {} for dataset in datasets}
    for dataset, key, finding in _every(predictions, known):
        judged[dataset][key] = finding
        progress.advance(task)
    sets = tuple(_set(predictions, dataset, of) for dataset, of in judged.items())
    novel = novelty(predictions) if len(predictions.strangers.files) else None
    findings = tuple(finding for each in sets if each.calibrates for finding in each.findings)
    elsewhere = sources(predictions, known.names)
    return ReleaseEvaluation(
        release=predictions.release,
        sets=sets,
        novelty=novel,
        pcr=patient_score(predictions, dict(known.pcr)),
        learning_curve=curve,
        verdicts=verdicts(findings, novel, elsewhere),
        sources=elsewhere,
        across=across(predictions, ALPHA),
    )


def _every(predictions: Predictions, known: Known) -> Iterator[tuple[str, str, FindingEvaluation | None]]:
    for number, key in enumerate(predictions.findings):
        clips = clips_of(predictions, number)
        taught = clips.at(clips.calibrates)
        for name in dict.fromkeys(map(str, predictions.dataset)):
            yield name, key, _finding(key, taught, clips.at(np.equal(clips.dataset, name)), known, name)


def _set(predictions: Predictions, dataset: str, judged: Mapping[str, FindingEvaluation | None]) -> SetEvaluation:
    return SetEvaluation(
        dataset=dataset,
        external=bool((predictions.folds[predictions.dataset == dataset] == EXTERNAL).all()),
        calibrates=bool(predictions.calibrates[predictions.dataset == dataset].any()),
        findings=tuple(finding for finding in judged.values() if finding),
        not_judged=tuple(key for key, finding in judged.items() if not finding),
    )


def _finding(key: str, taught: Clips, clips: Clips, known: Known, dataset: str) -> FindingEvaluation | None:
    if min(clips.present.sum(), (~clips.present).sum()) < FEWEST:
        return None
    return FindingEvaluation(
        key=key,
        name=known.names.get(key, key),
        clips=len(clips),
        patients=len(np.unique(clips.patients)),
        positives=int(clips.present.sum()),
        accuracy=accuracy(clips),
        floor=floor(clips, known.seen),
        quantisation=quantisation(clips),
        calibration=calibrated(taught, clips),
        coverage=coverages(taught, clips),
        abstention=abstention(clips),
        subgroups=subgroups(clips, known.clinical[dataset]),
    )
