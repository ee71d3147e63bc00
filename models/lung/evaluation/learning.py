"""The learning curve: performance over the number of training patients, from trainings on some of them."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from models.lung.predictions import PredictionsUnusable

FILE = "learning_curve.json"


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """AUC of one finding on left-out patients, after training on `patients` others."""

    patients: int
    finding: str
    auc: float
    low: float
    high: float


def load_learning_curve(folder: Path) -> tuple[LearningPoint, ...]:
    """Reads the curve in the work folder; empty if there is none.

    Raises:
        PredictionsUnusable: the file does not contain such points.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    try:
        return TypeAdapter(tuple[LearningPoint, ...]).validate_json(path.read_bytes())
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise PredictionsUnusable(
            f"{path}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}", "Run python -m models.lung.learning again, or remove the file"
        ) from error
