"""What readers state is a label, and what the model alone states is none."""

import pytest

from edge.exam.review.labels import Label, labels_of

BLIND, IN_VIEW = True, False


@pytest.fixture
def label(clinic):
    """The label of B-lines in an exam as it stands."""

    def label(exam):
        stored = clinic.stored.records
        found = labels_of(stored.get(exam.id), stored.findings(exam.id), clinic.reviews.of_exam(exam.id))
        return found.get("L1", {}).get("b_lines", "no label")

    return label


def test_what_only_the_model_stated_is_no_label(clinic, label):
    exam = clinic.exam(1)
    clinic.sign(exam)
    assert label(exam) == "no label"


@pytest.mark.parametrize(("verdict", "expected"), [("present", Label(True, BLIND)), ("absent", Label(False, BLIND))])
def test_a_blind_reader_gives_the_label_whatever_the_model_stated(clinic, label, verdict, expected):
    exam = clinic.exam(1)
    clinic.read(exam, verdict)
    assert label(exam) == expected


def test_a_reader_who_cannot_tell_gives_none(clinic, label):
    exam = clinic.exam(1)
    clinic.read(exam, "not assessable")
    assert label(exam) == "no label"


def test_a_review_that_is_not_saved_is_no_label(clinic, label):
    exam = clinic.exam(1)
    clinic.begin(exam)
    assert label(exam) == "no label"


def test_a_decision_counts_once_the_exam_is_signed_and_was_made_in_view(clinic, label):
    exam = clinic.exam(1)
    clinic.decide(exam, "absent")
    assert label(exam) == "no label"
    clinic.sign(exam)
    assert label(exam) == Label(False, IN_VIEW)


def test_a_blind_reader_counts_before_a_decision_in_view(clinic, label):
    exam = clinic.exam(1)
    clinic.read(exam, "absent")
    clinic.decide(exam, "present")
    clinic.sign(exam)
    assert label(exam) == Label(False, BLIND)


def test_readers_who_contradict_each_other_give_none(clinic, label):
    exam = clinic.exam(1)
    clinic.read(exam, "absent")
    clinic.read(exam, "present", reader=clinic.second, kind="over-read")
    assert label(exam) is None


def test_a_corrected_review_replaces_the_first_and_was_made_in_view(clinic, label):
    exam = clinic.exam(1)
    clinic.read(exam, "absent")
    clinic.read(exam, "present")
    assert label(exam) == Label(True, IN_VIEW)


def test_a_reader_who_took_the_exam_or_may_have_taken_it_saw_the_live_readings(clinic, label):
    own, unknown = clinic.exam(1, scanner=clinic.reader), clinic.exam(2, scanner=None)
    for exam in (own, unknown):
        clinic.read(exam, "present")
        assert label(exam) == Label(True, IN_VIEW)


def test_a_reader_who_decided_on_a_finding_before_saw_what_the_model_states(clinic, label):
    exam = clinic.exam(1)
    clinic.decide(exam, "present", by=clinic.reviews.of_exam(clinic.read(clinic.exam(2), "present").exam_id)[0].reviewer)
    clinic.read(exam, "present")
    assert label(exam) == Label(True, IN_VIEW)
