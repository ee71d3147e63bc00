"""The sign of an exam, by the one rule that the post-test probability uses: as the model alone states it, and as it holds."""

from collections.abc import Callable, Mapping

from edge.exam.exam import ExamUnresumable, states_in
from edge.exam.likelihood.in_exam import EACH_SIDE, stated_in
from edge.exam.protocol.stored import ProtocolTextMissing, StoredProtocols
from edge.exam.summary import NAMES, ExamSummary, FindingSummary, Taken, summary_of
from edge.exam.verdict import WORDS, Verdict, stated
from edge.records.exams.answered import Answer, AnsweredExam
from edge.records.exams.finding import OPEN

Reads = Callable[[Answer], Verdict]


def by_model(answer: Answer) -> Verdict:
    """What the model stated, whatever a person decided."""
    return Verdict(answer.verdict)


class ExamSigns:
    """The signs of exams, each under the protocol that it was begun with."""

    def __init__(self, protocols: StoredProtocols) -> None:
        self._protocols = protocols

    def of(self, exam: AnsweredExam, finding: str) -> tuple[Verdict | None, Verdict | None]:
        """As the model alone states it, and with the decisions of people; None where the exam states nothing of it, or cannot be read."""
        if finding not in EACH_SIDE:
            return None, None
        holding = self._sign(exam, finding, stated)
        undecided = all(each.decision == OPEN for each in exam.answers)
        return (holding if undecided else self._sign(exam, finding, by_model)), holding

    def _sign(self, exam: AnsweredExam, finding: str, reads: Reads) -> Verdict | None:
        summary = self._summary(exam, reads)
        return None if summary is None else stated_in(summary, finding)

    def _summary(self, exam: AnsweredExam, reads: Reads) -> ExamSummary | None:
        try:
            return summary_of(states_in(exam.states), self._protocols.of(exam), _taken(exam, reads))
        except (ProtocolTextMissing, ExamUnresumable):
            return None


def _taken(exam: AnsweredExam, reads: Reads) -> Mapping[str, Taken]:
    by_zone: dict[str, list[FindingSummary]] = {}
    for each in exam.answers:
        if each.superseded_at is None:
            verdict = Verdict(each.verdict)
            name = NAMES.get(each.key, each.key)
            found = FindingSummary(each.key, name, each.probability, verdict, WORDS[verdict], stated=reads(each))
            by_zone.setdefault(each.zone, []).append(found)
    return {zone: Taken(None, tuple(found)) for zone, found in by_zone.items()}
