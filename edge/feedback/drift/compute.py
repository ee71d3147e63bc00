"""Computes the drift watch of a data folder from its records. It is meant for a process of its own; there is no other state."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from edge.disk.layout import DataFolder
from edge.feedback.drift.course import Course
from edge.feedback.drift.figures import DriftFigures
from edge.feedback.drift.timeline import Periods
from edge.feedback.progress import Progress, added
from edge.records.audit.seal import Seal
from edge.records.drift.events import DriftEvents
from edge.records.exams.answered import AnsweredExams
from edge.records.exams.clip_answers import ClipAnswers
from edge.records.store import Store


def drift_at(data_dir: Path, release: str) -> Iterator[Progress | DriftFigures]:
    """Reads the records of a data folder, and gives the progress and at last the watch of a release, by its ident.

    Raises:
        RecordsFull, RecordsUnusable: the records cannot be read.
    """
    with closing(Store(DataFolder(data_dir).records, Seal.of(data_dir))) as store:
        yield from drift_of(store, release)


def drift_of(store: Store, release: str) -> Iterator[Progress | DriftFigures]:
    """The same, of open records.

    Raises:
        RecordsFull, RecordsUnusable: they cannot be read.
    """
    at, counted, answers = store.now(), AnsweredExams(store).count(), ClipAnswers(store, release)
    course = Course(Periods.after(DriftEvents(store).of(release)))
    yield from added(answers.each(), answers.count(), course.add)
    yield course.figures(release, at, counted)
