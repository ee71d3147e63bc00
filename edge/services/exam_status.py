"""The exam that is being taken, as it is shown: its record, its zones, and the zone that is taken now."""

from dataclasses import dataclass

from edge.exam.exam import Exam, ExamRefused
from edge.exam.protocol.protocol import Protocol
from edge.exam.taking.live_zone import LiveStatus
from edge.records.exams.facts import DRAFT
from edge.records.exams.forms import StoredExam

LEFT_S = 20 * 60
"""An open exam that nobody changes for so long was left; its operator's session has ended by then as well."""


@dataclass(frozen=True, slots=True)
class ExamStatus:
    """`exam` and its `record` are None before the first, and stay when it has ended. `live` is the zone that is being taken."""

    protocol: Protocol
    exam: Exam | None
    record: StoredExam | None
    live: LiveStatus

    @property
    def running(self) -> bool:
        return self.record is not None and self.record.state == DRAFT

    @property
    def open_id(self) -> str | None:
        """The id of the exam that is open."""
        return self.record.id if self.record is not None and self.running else None


def of_another() -> ExamRefused:
    """Why nobody else begins an exam yet."""
    what, fix = "An exam of another person is open", "Ask its operator to end it, or wait {minutes} minutes"
    return ExamRefused(what, fix, says="exam_of_another", minutes=LEFT_S // 60)
