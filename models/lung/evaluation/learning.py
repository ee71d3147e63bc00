"""The learning curve: how much better a network gets with more patients, as trainings on some of them showed."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from models.lung.predictions import PredictionsUnusable

FILE = "learning_curve.json"


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """AUC of one finding on patients left out, after learning from so many others."""

    patients: int
    finding: str
    auc: float
    low: float
    high: float


def load_learning_curve(folder: Path) -> tuple[LearningPoint, ...]:
    """Of the work folder; nothing where none was made.

    Raises:
        PredictionsUnusable: the file does not hold such points.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    try:
        return TypeAdapter(tuple[LearningPoint, ...]).validate_json(path.read_bytes())
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise PredictionsUnusable(f"{path}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}", "Make it again, or remove it") from error
