"""The stored exams of a data folder: their rows, and each exam's folder with its clips and its `exam.json`. It checks no actor."""

from functools import partial
from pathlib import Path

from edge.disk.plain_file import inside
from edge.exam.exam_file import make_folder, repair_sidecar, write_sidecar
from edge.exam.protocol.file import Catalogue
from edge.exam.reading import ExamReader
from edge.records.exams.exams import Exams
from edge.records.exams.facts import DRAFT
from edge.records.exams.file import Sidecar
from edge.records.exams.forms import StoredExam
from edge.records.store import Store

COMPARED = 20
"""This many of the newest exams have their `exam.json` compared with the record at a start: a power cut leaves at most one that differs."""


class StoredExams:
    """Any thread may use it; each method waits for the disk."""

    def __init__(self, store: Store, folder: Path) -> None:
        """`folder` holds the folders of the exams."""
        self.store = store
        self._folder = folder
        self.sidecar: Sidecar = partial(write_sidecar, folder)
        self.records = Exams(store, self.sidecar)

    def reader(self, catalogue: Catalogue) -> ExamReader:
        """Reads these exams, each under the protocol that it was begun with."""
        return ExamReader(self.store, catalogue)

    def path_of(self, exam: StoredExam) -> Path:
        """The folder of an exam."""
        return self._folder / exam.folder

    def recording_of(self, exam: StoredExam, file: str) -> Path | None:
        """The recording of a clip; None where there is no such file in the folder of the exam."""
        path = inside(self._folder, exam.folder, file)
        return path if path is not None and path.is_file() else None

    def new_folder(self, protocol: str) -> str:
        """The name of a new folder for an exam under a protocol.

        Raises:
            ExamNotStored: the disk refuses it.
        """
        return make_folder(self._folder, protocol).name

    def draft(self) -> StoredExam | None:
        """The exam that is open."""
        return next(iter(self.records.newest(1, state=DRAFT)), None)

    def repair_sidecars(self) -> None:
        """Makes `exam.json` of the newest exams state what the records state.

        Raises:
            ExamNotStored: the disk refuses it.
        """
        for exam in self.records.newest(COMPARED):
            if self.path_of(exam).is_dir():
                repair_sidecar(self._folder, self.records.file(exam.id))
