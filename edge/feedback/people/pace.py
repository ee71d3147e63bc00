"""Time and image quality an exam, of a person and of the whole site."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from statistics import median

import numpy as np

from edge.feedback.agreement import LEAST
from edge.feedback.people.columns import PaceFound, PersonFound
from edge.feedback.people.figures import Band, Pace
from edge.records.exams.answered import AnsweredExam

SHORTEST, LONGEST = timedelta(seconds=10), timedelta(hours=2)
"""Ours: no exam is done in less, and one of more was left open, or the clock was set while it was taken."""
MINUTE = timedelta(minutes=1)


def add_pace(pace: PaceFound, exam: AnsweredExam) -> None:
    """Adds an ended exam; one without a clip has neither a time nor a quality."""
    qualities = {each.zone: each.quality for each in exam.answers if each.superseded_at is None}
    if not qualities or exam.ended_at is None:
        return
    pace.exams += 1
    pace.quality.append(median(qualities.values()))
    took = exam.ended_at - exam.begun_at
    if SHORTEST <= took <= LONGEST:
        pace.minutes.append(took / MINUTE)
    else:
        pace.untimed += 1


Bands = tuple[Band | None, Band | None]
"""Of minutes, and of quality."""


def bands_of_site(persons: Iterable[PersonFound]) -> Mapping[str, Bands]:
    """By protocol, of the exams of everybody with enough of them; None where such people are fewer than `LEAST`."""
    by_protocol: dict[str, list[PaceFound]] = {}
    for person in persons:
        for protocol, pace in person.paces.items():
            by_protocol.setdefault(protocol, []).append(pace)
    return {
        protocol: (_of_site([each.minutes for each in paces]), _of_site([each.quality for each in paces]))
        for protocol, paces in by_protocol.items()
    }


def pace_of(protocol: str, found: PaceFound, site: Bands) -> Pace:
    """A person's pace with that of the site."""
    return Pace(
        protocol=protocol,
        exams=found.exams,
        untimed=found.untimed,
        minutes=_band(found.minutes),
        quality=_band(found.quality),
        site_minutes=site[0],
        site_quality=site[1],
    )


def _of_site(columns: Sequence[Sequence[float]]) -> Band | None:
    enough = [column for column in columns if len(column) >= LEAST]
    return _band([value for column in enough for value in column]) if len(enough) >= LEAST else None


def _band(values: Sequence[float]) -> Band | None:
    if not values:
        return None
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75)).round(1).tolist()
    return Band(low=low, median=middle, high=high)
