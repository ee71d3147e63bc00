"""Export of one exam: a copy of its clips, its record and its reports in a folder of its own."""

from pathlib import Path

from edge.exam.export import Exported, Progress, Wanted, export
from edge.exam.stored import StoredExams
from edge.people.actor import Actor
from edge.people.permission import Verb
from edge.records.exams.reports import Reports


class ExportService:
    """Any thread may use it; it waits for the disk."""

    def __init__(self, stored: StoredExams) -> None:
        self._stored, self._reports = stored, Reports(stored.store)

    def export(self, actor: Actor, exam_id: str, into: Path, progress: Progress) -> Exported:
        """Copies one exam to a new folder in `into`; `progress` receives the bytes done, and the total.

        Raises:
            NotAllowed, PinNeeded: the actor is not allowed to export, or has to give the PIN again.
            RecordUnknown: no exam has this id.
            ExportRefused: the folder exists already, or the disk refuses it.
        """
        actor.require(Verb.EXPORT)
        records = self._stored.records
        exam = records.get(exam_id)
        actor.require(Verb.EXPORT, exam.protocol)
        exported = export(Wanted(records.file(exam_id), self._reports.of_exam(exam_id), self._stored.path_of(exam)), into, progress)
        records.exported(actor.name, exam_id, len(exported.files))
        return exported
