"""Export of one exam: a copy of its clips, its record and its reports, or the forms that other programs read."""

from collections.abc import Callable, Sequence
from pathlib import Path

from edge.exam.export import Exported, Progress, Wanted, export
from edge.exam.stored import StoredExams
from edge.exchange.forms import Form, Made, Sources, write_forms
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.exams.forms import StoredExam
from edge.records.exams.reports import Reports


class ExportService:
    """Any thread may use it; it waits for the disk."""

    def __init__(self, stored: StoredExams, sources: Callable[[str], Sources]) -> None:
        """`sources` gives what the forms of the exam with this id are made of."""
        self._stored, self._reports, self._sources = stored, Reports(stored.store), sources

    def export(self, actor: Actor, exam_id: str, into: Path, progress: Progress) -> Exported:
        """Copies one exam to a new folder in `into`; `progress` receives the bytes done, and the total.

        Raises:
            NotAllowed, PinNeeded: the actor is not allowed to export, or has to give the PIN again.
            RecordUnknown: no exam has this id.
            ExportRefused: the folder exists already, or the disk refuses it.
        """
        exam, records = self._required(actor, exam_id), self._stored.records
        exported = export(Wanted(records.file(exam_id), self._reports.of_exam(exam_id), self._stored.path_of(exam)), into, progress)
        records.exported(actor.name, exam_id, len(exported.files))
        return exported

    def write(self, actor: Actor, exam_id: str, forms: Sequence[Form], into: Path, progress: Callable[[Form], None]) -> Made:
        """Writes an exam in some forms; `progress` receives each before it is written.

        Raises:
            NotAllowed, PinNeeded, RecordUnknown: see `export`.
            ExamUnresumable, ProtocolTextMissing: see `HandOver.of`.
            SonoEdgeError: see `write_forms`.
        """
        self._required(actor, exam_id)
        made = write_forms(forms, self._sources(exam_id), into, progress)
        self._stored.records.exported(actor.name, exam_id, len(made.files))
        return made

    def _required(self, actor: Actor, exam_id: str) -> StoredExam:
        actor.require(Verb.EXPORT)
        exam = self._stored.records.get(exam_id)
        actor.require(Verb.EXPORT, exam.protocol)
        return exam
