"""Reports: the current report of an exam, and the only ways to a signed one. Only an interpreter of its protocol signs."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from edge.exam.course import ExamState, amended, signed
from edge.exam.exam import Exam, ExamRefused
from edge.exam.protocol.file import Catalogue
from edge.exam.protocol.stored import StoredProtocols
from edge.exam.report.making import PRELIMINARY, Issue, report_of
from edge.exam.report.report import Report, Status
from edge.exam.review.review import ReviewKind
from edge.exam.review.sampling import Facts, over_read
from edge.exam.summary import ExamSummary, summary_of, taken_in
from edge.exam.verdict import Verdict
from edge.people.actor import Actor
from edge.people.permission import Permission, Verb
from edge.records.exams.file import Sidecar, nothing
from edge.records.exams.finding import OPEN, StoredFinding
from edge.records.exams.forms import StoredExam
from edge.records.exams.reports import Issued, Material, Redecided, Reports, StoredReport
from edge.records.exams.reviews import standing
from edge.records.people.credentials import Credentials
from edge.records.store import Store
from edge.services.review import ReviewService, findings_hidden
from edge.services.verdicts import EDITED, require_verdict


@dataclass(frozen=True, slots=True)
class GivenReport:
    """A report; `stored` is the report as it was issued, None for a preliminary one."""

    report: Report
    stored: StoredReport | None


class ReportService:
    """Any thread may use it; each method waits for the disk."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        reviews: ReviewService,
        sidecar: Sidecar = nothing,
        peers: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """`reviews` states who is allowed to see what is stated of an exam; `sidecar` writes `exam.json` of a signed exam.

        `peers` are those to which each issued report is queued.
        """
        self._reports = Reports(store, sidecar, peers)
        self._credentials, self._protocols, self._reviews = Credentials(store), StoredProtocols(store, catalogue), reviews

    def report(self, actor: Actor, exam_id: str, number: int | None = None) -> GivenReport:
        """The report of this number, or else the newest; before the first issued report, a preliminary one of the exam as it is now.

        Raises:
            RecordUnknown: no exam has this id, or it has no report of this number.
            NotAllowed, ExamRefused: the actor is not allowed to read it, or not yet.
            ExamUnresumable, ProtocolTextMissing: its zones cannot be read, or the text of its protocol is missing.
        """
        self._require_shown(actor, exam_id)
        issued = self._reports.of_exam(exam_id)
        if number is not None or issued:
            return _given(self._reports.get(exam_id, number) if number is not None else issued[-1])
        material = self._reports.material(exam_id)
        return GivenReport(report_of(material, _read(material, self._protocols), PRELIMINARY), None)

    def given_out(self, actor: Actor, exam_id: str) -> tuple[StoredReport, ...]:
        """Every issued report of an exam, the oldest first.

        Raises:
            RecordUnknown, NotAllowed, ExamRefused: see `report`.
        """
        self._require_shown(actor, exam_id)
        return self._reports.of_exam(exam_id)

    def sign(self, actor: Actor, exam_id: str, seen: int, conclusion: str = "") -> GivenReport:
        """Makes a preliminary exam final, with what the actor concludes.

        Every finding needs a decision, and the exam of an operator who is not qualified needs a review.

        Raises:
            NotAllowed: the actor is not an interpreter of its protocol.
            ExamRefused: it is not preliminary, a decision or the review is missing, or it is not shown to the actor yet.
            RecordUnknown, RecordStale: no exam has this id, or its version is not the one `seen`.
        """
        actor.require(Verb.SIGN)

        def compose(material: Material) -> Issued:
            self._readable(actor, material)
            undecided = sum(finding.decision == OPEN for finding in material.findings)
            state = signed(ExamState(material.exam.state), interpreter=_interprets(actor, material), undecided=undecided)
            _require_review(material)
            return self._issued(actor, material, state, "", conclusion)

        return _given(self._reports.issue(actor.name, exam_id, seen, compose))

    def amend(
        self, actor: Actor, exam_id: str, seen: int, why: str, redecided: Sequence[Redecided] = (), *, conclusion: str | None = None
    ) -> GivenReport:
        """Issues another report of a signed exam, with other decisions on its findings; the previous reports stay.

        Without a new `conclusion` the previous one stays.

        Raises:
            NotAllowed, RecordUnknown, RecordStale: see `sign`.
            ExamRefused: it was never signed, the reason is missing, or a decision is not valid.
        """
        actor.require(Verb.SIGN)
        for each in redecided:
            require_verdict(each.decision, each.verdict)
        if conclusion is None:
            conclusion = "".join(_given(stored).report.conclusion for stored in self._reports.of_exam(exam_id)[-1:])
        concluded = conclusion

        def compose(material: Material) -> Issued:
            self._readable(actor, material)
            state = amended(ExamState(material.exam.state), interpreter=_interprets(actor, material), why=why)
            return self._issued(actor, material, state, why.strip(), concluded)

        return _given(self._reports.issue(actor.name, exam_id, seen, compose, redecided))

    def _require_shown(self, actor: Actor, exam_id: str) -> None:
        actor.require(Verb.READ)
        exam = self._reports.material(exam_id).exam
        actor.require(Verb.READ, exam.protocol)
        if not self._reviews.shows(actor, exam):
            raise findings_hidden()

    def _issued(self, actor: Actor, material: Material, state: ExamState, why: str, conclusion: str) -> Issued:
        status: Status = "final" if state is ExamState.FINAL else "amended"
        report = report_of(material, _read(material, self._protocols), Issue(status, material.number, actor.name, why, conclusion.strip()))
        reasons = over_read(self._facts(material), self._reviews.sampling)
        return Issued(status, report.canonical, [reason.value for reason in reasons], why)

    def _facts(self, material: Material) -> Facts:
        exam = material.exam
        return Facts(
            exam_uid=exam.study_uid,
            counted_exams=self._counted(exam),
            abstained=any(each.verdict == Verdict.UNSURE or each.decision == "not_assessable" for each in material.findings),
            discordant=any(map(_contradicted, material.findings)) or any(review.discordant for review in standing(material.reviews)),
        )

    def _counted(self, exam: StoredExam) -> int:
        if exam.operator_id is None:
            return 0
        return self._credentials.counted(exam.operator_id, exam.protocol, self._reviews.rule.least_quality).exams

    def _readable(self, actor: Actor, material: Material) -> None:
        actor.require(Verb.SIGN, material.exam.protocol)
        if not self._reviews.shows(actor, material.exam):
            raise ExamRefused("Your own review of this exam is not saved yet", "Save it first", says="review_unsaved")


def _given(stored: StoredReport) -> GivenReport:
    return GivenReport(Report.model_validate_json(stored.body), stored)


def _read(material: Material, protocols: StoredProtocols) -> ExamSummary:
    exam = Exam.from_record(material.exam.zone_states, protocols.of(material.exam))
    return summary_of(exam.states, exam.protocol, taken_in(material.clips, material.findings))


def _interprets(actor: Actor, material: Material) -> bool:
    return actor.permission(Verb.SIGN, material.exam.protocol) is Permission.ALLOW


def _require_review(material: Material) -> None:
    reviewed = any(review.kind == ReviewKind.FIRST for review in standing(material.reviews))
    if not (material.exam.qualified or reviewed):
        what = "Its operator is not qualified for this protocol, and no interpreter has reviewed the exam"
        raise ExamRefused(what, "Review it, then sign", says="review_missing")


def _contradicted(finding: StoredFinding) -> bool:
    """Whether a person decided against the model; a decision on an unsure finding does not contradict it."""
    edited = finding.decision == EDITED and finding.verdict not in (Verdict.UNSURE, finding.decided)
    return finding.decision == "rejected" or edited
