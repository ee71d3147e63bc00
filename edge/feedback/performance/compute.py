"""Computes the figures of a data folder. It is meant for a process of its own."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

from edge.disk.layout import DataFolder
from edge.exam.protocol.file import Catalogue, load_catalogue
from edge.exam.protocol.stored import StoredProtocols
from edge.feedback.performance.collect import Collected, Collector
from edge.feedback.performance.figures import Performance
from edge.feedback.performance.judge import judge
from edge.feedback.performance.signs import ExamSigns
from edge.feedback.progress import Progress, added
from edge.feedback.truth.condition import Reference
from edge.feedback.truth.standing import Stated
from edge.records.audit.seal import Seal
from edge.records.exams.answered import AnsweredExams
from edge.records.outcomes.outcomes import Outcomes
from edge.records.store import Store


def performance_at(data_dir: Path) -> Iterator[Progress | Performance]:
    """Reads the records of a data folder, and gives the progress and at last the figures.

    Raises:
        RecordsFull, RecordsUnusable: the records cannot be read.
        ProtocolInvalid: a protocol file of the site cannot be used.
    """
    data = DataFolder(data_dir)
    with closing(Store(data.records, Seal.of(data_dir))) as store:
        yield from performance_of(store, load_catalogue(data.protocols))


def performance_of(store: Store, catalogue: Catalogue) -> Iterator[Progress | Performance]:
    """The same, of open records.

    Raises:
        RecordsFull, RecordsUnusable: they cannot be read.
    """
    at = store.now()
    for each in collected_of(store, catalogue):
        yield each if isinstance(each, Progress) else judge(each, at)


def collected_of(store: Store, catalogue: Catalogue) -> Iterator[Progress | Collected]:
    """The progress, and at last the cases of open records.

    Raises:
        RecordsFull, RecordsUnusable: they cannot be read.
    """
    exams = AnsweredExams(store)
    collector = Collector(ExamSigns(StoredProtocols(store, catalogue)), _outcomes(store))
    yield from added(exams.each(), exams.count(), collector.add)
    yield collector.found


def _outcomes(store: Store) -> dict[str, list[Stated]]:
    """Those that hold, by exam."""
    by_exam = defaultdict[str, list[Stated]](list)
    for each in Outcomes(store).of_patients():
        by_exam[each.exam_id].append(Stated(each.condition, each.present, Reference(each.reference), date.fromisoformat(each.on)))
    return by_exam
