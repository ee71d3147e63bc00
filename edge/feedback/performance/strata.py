"""The strata of a case: what was known when it was taken. No stratum names a person."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from itertools import pairwise

from edge.records.exams.answered import Answer, AnsweredExam


class Dimension(str, Enum):
    """By what cases differ; a page translates it by this code."""

    ZONE = "zone"
    OPERATOR = "operator"
    MACHINE = "machine"
    QUALITY = "quality"
    AGE = "age"
    SEX = "sex"
    RELEASE = "release"
    READER = "reader"
    REFERENCE = "reference"


Strata = tuple[tuple[Dimension, str], ...]
"""The value in each dimension."""

UNKNOWN, SEVERAL = "unknown", "several"
QUALIFIED = {True: "qualified", False: "not qualified"}
BLIND = {True: "blind", False: "saw the answer"}
QUALITIES = (0, 50, 75, 101)
"""Bands of the mean quality of a clip, 0 to 100: each begins with one number, and ends before the next."""
AGES = (0, 5, 18, 40, 65, 131)
"""Bands of age in completed years: under 5 as in the child mortality of the WHO, then minors, and three of adults."""


def band(value: float | None, bounds: tuple[int, ...]) -> str:
    """The band of a value, as `FIRST-LAST` in whole numbers."""
    for first, after in pairwise(bounds):
        if value is not None and first <= value < after:
            return f"{first}-{after - 1}"
    return UNKNOWN


def age_at(birth_date: str | None, day: datetime) -> int | None:
    """Completed years; a birth date without a day or a month counts from its beginning."""
    if not birth_date:
        return None
    born = (*map(int, birth_date.split("-")), 1, 1)
    return day.year - born[0] - ((day.month, day.day) < born[1:3])


def of_exam(exam: AnsweredExam) -> Strata:
    """What holds of the whole exam."""
    age = age_at(exam.patient.birth_date, exam.begun_at) if exam.patient else None
    return (
        (Dimension.OPERATOR, QUALIFIED[exam.qualified]),
        (Dimension.AGE, band(exam.context.get("age_years") if age is None else age, AGES)),
        (Dimension.SEX, (exam.patient and exam.patient.sex) or UNKNOWN),
    )


def of_images(answers: Iterable[Answer]) -> Strata:
    """What holds of the images of some answers; their quality is the mean."""
    known = tuple(answers)
    mean = sum(each.quality for each in known) / len(known) if known else None
    return (
        (Dimension.MACHINE, machine_of(known)),
        (Dimension.QUALITY, band(mean, QUALITIES)),
        (Dimension.RELEASE, _one(each.release for each in known)),
    )


def machine_of(answers: Iterable[Answer]) -> str:
    """The machine that made the images of some answers."""
    return _one(each.machine or UNKNOWN for each in answers)


def _one(values: Iterable[str]) -> str:
    different = set(values)
    return different.pop() if len(different) == 1 else SEVERAL
