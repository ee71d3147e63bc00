"""Reads recorded exams, each under the protocol that it was begun with, as the one summary that everybody sees."""

from edge.exam.exam import Exam, states_in
from edge.exam.protocol.file import Catalogue
from edge.exam.protocol.stored import ProtocolTextMissing, StoredProtocols
from edge.exam.summary import ExamSummary, summary_of, summary_without_protocol, taken_in
from edge.records.exams.exams import Exams
from edge.records.exams.forms import StoredExam
from edge.records.store import Store
from firmware_bridge.says import Stated

REMEMBERED = 8
"""How many summaries are cached: the live page requests one exam many times a second."""


class ExamReader:
    """Any thread may use it. A summary is made again only after something was recorded."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self.protocols = StoredProtocols(store, catalogue)
        self._store, self._exams = store, Exams(store)
        self._summaries: dict[str, tuple[int, int, ExamSummary]] = {}

    def exam(self, exam: StoredExam) -> Exam:
        """An exam under its protocol.

        Raises:
            ProtocolTextMissing: the text of its protocol is missing.
            ExamUnresumable: the recorded states of its zones cannot be used.
        """
        return Exam.from_record(exam.zone_states, self.protocols.of(exam))

    def summary(self, exam: StoredExam) -> ExamSummary:
        """The summary of an exam. Without the text of its protocol: its zones and findings as recorded, and the problem.

        Raises:
            ExamUnresumable: the recorded states of its zones cannot be used.
        """
        changes = self._store.changes
        remembered = self._summaries.get(exam.id)
        if remembered is not None and remembered[:2] == (changes, exam.version):
            return remembered[2]
        summary = self._read(exam)
        if len(self._summaries) >= REMEMBERED:
            self._summaries = {}
        self._summaries[exam.id] = (changes, exam.version, summary)
        return summary

    def _read(self, exam: StoredExam) -> ExamSummary:
        states = states_in(exam.zone_states)
        taken = taken_in(self._exams.clips(exam.id), self._exams.findings(exam.id))
        try:
            protocol = self.protocols.of(exam)
        except ProtocolTextMissing as missing:
            return summary_without_protocol(states, taken, Stated(str(missing), missing.says))
        return summary_of(states, protocol, taken)
