"""The sign of an exam against what turned out: by a good reference, and with every condition that makes the sign."""

import pytest

from edge.exam.protocol.stored import StoredProtocols
from edge.feedback.discordance.difference import By, Kind
from edge.feedback.discordance.in_exam import differences_in_exam, tells_of_signs
from edge.feedback.performance.signs import ExamSigns
from edge.feedback.truth.condition import Reference
from edge.records.exams.answered import AnsweredExams
from edge.records.exams.findings import Findings
from edge.records.outcomes.outcomes import Outcomes
from tests.edge.feedback.performance.clinic import SIDES, SmallClinic


@pytest.fixture
def clinic(tmp_path):
    made = SmallClinic(tmp_path / "data")
    yield made
    made.store.close()


def found(clinic, exam_id):
    (exam,) = AnsweredExams(clinic.store).each([exam_id])
    return differences_in_exam(exam, Outcomes(clinic.store).of_exam(exam_id), ExamSigns(StoredProtocols(clinic.store, clinic.catalogue)))


def stated(difference):
    return [(each.by, each.who, each.answer.value) for each in difference.statements]


def test_a_sign_against_what_turned_out_is_a_difference_of_the_whole_exam(clinic):
    exam = clinic.one("present", zones=SIDES)
    clinic.turned_out(exam, present=False)
    (one,) = found(clinic, exam)
    assert (one.zone, one.finding, one.kind) == ("", "b_lines", Kind.OUTCOME)
    assert stated(one) == [(By.MODEL, "", "present"), (By.OUTCOME, "acute-heart-failure", "absent")]
    assert one.statements[1].reference == "panel"


def test_a_condition_that_is_present_explains_the_sign_and_an_absent_one_contradicts_nothing(clinic):
    exam = clinic.one("present", zones=SIDES)
    clinic.turned_out(exam, present=False)
    clinic.turned_out(exam, present=True, condition="covid-19", reference=Reference.LABORATORY)
    assert found(clinic, exam) == ()


def test_the_sign_as_people_decided_it_is_an_answer_of_its_own(clinic):
    exam = clinic.one("present", zones=SIDES)
    clinic.turned_out(exam, present=False)
    for each in clinic.stored.records.undecided(exam):
        Findings(clinic.store).decide(clinic.reader.name, each.id, "rejected", None, each.version, while_in=("preliminary",))
    (one,) = found(clinic, exam)
    assert stated(one)[1] == (By.DECISION, clinic.reader.name, "absent")
    assert one.is_own(clinic.reader.name) is False


def test_a_weak_reference_and_a_condition_without_a_sign_tell_nothing(clinic):
    exam = clinic.one("present", zones=SIDES)
    clinic.turned_out(exam, present=False, reference=Reference.XRAY)
    clinic.turned_out(exam, present=False, condition="pneumothorax", reference=Reference.CT)
    assert tells_of_signs(Outcomes(clinic.store).of_exam(exam)) is False
    assert found(clinic, exam) == ()


def test_a_sign_that_nobody_could_tell_against_an_outcome_is_unsure(clinic):
    exam = clinic.one("unsure", zones=SIDES)
    clinic.turned_out(exam, present=True)
    assert [each.kind for each in found(clinic, exam)] == [Kind.UNSURE]
