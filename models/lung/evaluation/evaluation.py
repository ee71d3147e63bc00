"""Evaluation: all figures of the releases of a family, as stored in evaluation.json."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from edge.inference.look import Guard
from models.lung.evaluation.abstention import Abstention
from models.lung.evaluation.accuracy import Accuracy
from models.lung.evaluation.across import Across
from models.lung.evaluation.calibration import Calibrated
from models.lung.evaluation.coverage import Coverage
from models.lung.evaluation.learning import LearningPoint
from models.lung.evaluation.novelty import Novelty
from models.lung.evaluation.published import PatientScore
from models.lung.evaluation.quantisation import Quantisation
from models.lung.evaluation.shortcut import Floor
from models.lung.evaluation.sources import SourceEvaluation
from models.lung.evaluation.subgroups import Subgroup
from models.lung.evaluation.verdict import Verdict
from models.lung.predictions import PredictionsUnusable

FILE = "evaluation.json"


@dataclass(frozen=True, slots=True)
class FindingEvaluation:
    """One finding in one data set. `positives` is the number of clips with the finding."""

    key: str
    name: str
    clips: int
    patients: int
    positives: int
    accuracy: Accuracy
    floor: Floor | None
    quantisation: Quantisation
    calibration: Calibrated
    coverage: tuple[Coverage, ...]
    abstention: Abstention
    subgroups: tuple[Subgroup, ...]


@dataclass(frozen=True, slots=True)
class SetEvaluation:
    """One data set, cross-validated or external. `not_judged` lists findings with too few clips of a class.

    `calibrates`: the release's calibration and prediction sets were fitted to its clips.
    """

    dataset: str
    external: bool
    calibrates: bool
    findings: tuple[FindingEvaluation, ...]
    not_judged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LookEvaluation:
    """How well the texture of a frame tells whether it comes from the machine."""

    machine: str
    guard: Guard


@dataclass(frozen=True, slots=True)
class ReleaseEvaluation:
    """`learning_curve` is empty and `pcr` is None if they were not computed."""

    release: str
    sets: tuple[SetEvaluation, ...]
    novelty: Novelty | None
    pcr: PatientScore | None
    learning_curve: tuple[LearningPoint, ...]
    verdicts: tuple[Verdict, ...]
    sources: tuple[SourceEvaluation, ...] = ()
    across: tuple[Across, ...] = ()
    looks: tuple[LookEvaluation, ...] = ()

    @property
    def cross_validated(self) -> tuple[FindingEvaluation, ...]:
        """The findings in the data sets to which calibration and prediction sets were fitted."""
        return tuple(finding for each in self.sets if each.calibrates for finding in each.findings)


@dataclass(frozen=True, slots=True)
class DataSource:
    name: str
    source: str
    licence: str
    taught: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The releases of a family, the largest first."""

    releases: tuple[ReleaseEvaluation, ...]
    data: tuple[DataSource, ...]

    def of(self, release: str) -> ReleaseEvaluation:
        """The evaluation of one release.

        Raises:
            PredictionsUnusable: there is none.
        """
        found = next((each for each in self.releases if each.release == release), None)
        if found is None:
            raise PredictionsUnusable(
                f"there is no evaluation of {release}", "Run python -m models.lung.evaluate first, with the same options"
            )
        return found


def dump(evaluation: Evaluation) -> bytes:
    return TypeAdapter(Evaluation).dump_json(evaluation, indent=1) + b"\n"


def load(path: Path) -> Evaluation:
    """Reads evaluation.json.

    Raises:
        PredictionsUnusable: the file does not exist, or is not an evaluation.
    """
    try:
        return TypeAdapter(Evaluation).validate_json(path.read_bytes())
    except OSError as error:
        raise PredictionsUnusable(f"{path} cannot be read ({error.strerror})", "Run python -m models.lung.evaluate first") from error
    except ValidationError as error:
        raise PredictionsUnusable(f"{path} is not an evaluation", "Run python -m models.lung.evaluate again") from error
