"""Findings: a decision is for one version and one state of the exam, and the previous decision stays in the audit."""

import pytest
from sqlalchemy import select

from edge.records.audit.entry import Entry
from edge.records.errors import RecordStale, RecordUnknown
from edge.records.exams.exams import Exams
from edge.records.exams.findings import Findings
from edge.records.schema import AuditRow, ExamRow

STATES = ("preliminary",)


@pytest.fixture
def ended(store, made):
    exams = Exams(store)
    exam = exams.begin("sara", made.exam(), made.states)
    exams.keep("sara", exam.id, made.step(), made.clip(), made.findings(), simulated=False)
    return exams.end("sara", exam.id)


@pytest.fixture
def findings(store, ended):
    return Findings(store)


def test_each_decision_is_stored_with_author_and_time_and_the_previous_one_is_in_the_audit(findings, store, ended):
    finding = Exams(store).findings(ended.id)[0]
    accepted = findings.decide("hagos", finding.id, "accepted", None, 1, while_in=STATES)
    assert (accepted.decision, accepted.decided_by, accepted.decided_at > finding.said_at, accepted.version) == (
        "accepted",
        "hagos",
        True,
        2,
    )
    edited = findings.decide("almaz", finding.id, "edited", "present", 2, while_in=STATES)
    assert (edited.decision, edited.decided, edited.decided_by) == ("edited", "present", "almaz")
    with store.read() as session:
        last = Entry.of(session.scalars(select(AuditRow.body).order_by(AuditRow.seq.desc())).first())
    assert (last.act, last.detail["before"]["decision"], last.detail["before"]["by"]) == ("finding.edited", "accepted", "hagos")
    assert (edited.probability, edited.verdict) == (finding.probability, finding.verdict), "the model's answer was changed"
    assert [each.id for each in Exams(store).undecided(ended.id)] == [Exams(store).findings(ended.id)[1].id]


def test_a_decision_on_a_finding_that_has_changed_is_refused(findings, store, ended):
    finding = Exams(store).findings(ended.id)[0]
    findings.decide("hagos", finding.id, "rejected", None, 1, while_in=STATES)
    with pytest.raises(RecordStale):
        findings.decide("almaz", finding.id, "accepted", None, 1, while_in=STATES)
    with pytest.raises(RecordStale, match="now preliminary"):
        findings.decide("almaz", finding.id, "accepted", None, 2, while_in=("draft",))
    with pytest.raises(RecordUnknown):
        findings.decide("almaz", "none", "accepted", None, 1, while_in=STATES)
    assert findings.get(finding.id).decision == "rejected"


def test_lists_are_newest_first_of_one_decision_and_of_some_protocols(findings, store, ended):
    first, second = Exams(store).findings(ended.id)
    findings.decide("hagos", first.id, "accepted", None, 1, while_in=STATES)
    assert [each.id for each in findings.newest()] == [second.id, first.id]
    assert [each.id for each in findings.newest(before_id=second.id)] == [first.id]
    assert [each.id for each in findings.newest(decision="open")] == [second.id]
    assert findings.newest(protocols=["lus-8"]) == ()
    assert len(findings.newest(protocols=["lus-8", "blue-6"])) == 2


def test_decisions_on_real_patients_are_counted_once_the_exam_is_signed(findings, store, ended):
    finding = Exams(store).findings(ended.id)[0]
    findings.decide("hagos", finding.id, "accepted", None, 1, while_in=STATES)
    assert findings.decided() == ()
    with store.write() as change:
        change.session.get_one(ExamRow, ended.id).signed_at = change.now
        change.log("test", "exam.signed", f"exam/{ended.id}")
    (counted,) = findings.decided()
    assert (counted.finding, counted.verdict, counted.decision, counted.count) == (finding.key, finding.verdict, "accepted", 1)
    assert findings.decided([ended.protocol]) == (counted,)
    assert findings.decided(["another"]) == ()
    with store.write() as change:
        change.session.get_one(ExamRow, ended.id).simulated = True
        change.log("test", "exam.signed", f"exam/{ended.id}")
    assert findings.decided() == ()
