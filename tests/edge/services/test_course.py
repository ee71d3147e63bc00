"""The course of a patient: rows by zone and exam, the reason where there is no share, and a new measurement for another release."""

import time
from dataclasses import replace

import pytest

from edge.exam.protocol.file import load_catalogue
from edge.exam.review.showing import always
from edge.feedback.pleura.measure import measured
from edge.feedback.pleura.stored import StoredShares
from edge.inference.reader import Reader
from edge.inference.release import BUILT_IN, ModelRelease
from edge.notice import NOT_VALIDATED
from edge.people.actor import Actor, Grant, NotAllowed
from edge.people.permission import Role
from edge.records.errors import RecordUnknown
from edge.services.busy import ApplianceBusy
from edge.services.course import HIDDEN, NO_RECORDING, NOT_MEASURED, CourseService
from edge.services.course_work import CourseWork
from tests.edge.clinic import Clinic

PATIENCE_S = 120


@pytest.fixture(scope="module")
def reader():
    return Reader.load(ModelRelease.load(BUILT_IN / "lung-s"))


@pytest.fixture
def clinic(tmp_path):
    clinic = Clinic(tmp_path)
    yield clinic
    clinic.store.close()


def person(role=Role.INTERPRET):
    return Actor("operator", "Almaz", None, (Grant(role),))


class Ward:
    """A patient with two exams, and what measures their course."""

    def __init__(self, clinic, reader):
        self.clinic, self.release = clinic, reader.release
        self.exams = [clinic.exam(7, b_lines=count) for count in (0, 6)]
        self.patient = self.exams[0].patient_id
        self.shares = StoredShares(clinic.data.pleura_shares)
        self.shown = always
        self.service = CourseService(clinic.stored, load_catalogue(), self.is_shown, self.shares, lambda: self.release)
        self.work = CourseWork(self.service, self.shares, clinic.data.root)

    def is_shown(self, actor, exam):
        return self.shown(actor, exam)

    def course(self):
        return self.service.course(person(), self.patient)

    def codes(self):
        return [row.code for row in self.course().rows]


@pytest.fixture
def ward(clinic, reader):
    ward = Ward(clinic, reader)
    yield ward
    ward.work.close()


def measure(ward, reader):
    for clip in ward.course().missing:
        ward.shares.put(measured(reader, clip))


def wait_until_measured(ward):
    end = time.monotonic() + PATIENCE_S
    while ward.work.runs(person(), ward.patient):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_zones_that_are_not_measured_are_stated_and_listed_as_missing(ward):
    course = ward.course()
    assert [(row.exam, row.zone, row.code) for row in course.rows] == [(exam.id, "L1", NOT_MEASURED) for exam in ward.exams]
    assert len(course.missing) == 2
    assert course.release is ward.release


def test_what_was_measured_has_the_mark_of_a_machine_that_is_not_validated(ward, reader):
    measure(ward, reader)
    rows = ward.course().rows
    assert ward.course().missing == ()
    assert [row.machine_mark for row in rows] == [NOT_VALIDATED] * 2
    assert all((row.measured.share.share is None) == bool(row.code) for row in rows)


def test_another_release_measures_again(ward, reader):
    measure(ward, reader)
    ward.release = replace(ward.release, version="9.9.9")
    assert ward.codes() == [NOT_MEASURED] * 2
    assert len(ward.course().missing) == 2
    ward.release = reader.release
    assert len(ward.course().missing) == 0


def test_a_recording_that_is_gone_is_stated_and_its_share_is_kept(ward, reader):
    first, second = ward.exams
    for clip in ward.course().missing[:1]:
        ward.shares.put(measured(reader, clip))
    for exam in (first, second):
        ward.clinic.recording(exam).unlink()
    course = ward.course()
    assert course.rows[0].measured is not None
    assert course.rows[1].code == NO_RECORDING
    assert course.missing == ()


def test_an_exam_whose_answers_are_hidden_shows_nothing_and_is_not_measured(ward, reader):
    measure(ward, reader)
    ward.shown = lambda _actor, exam: exam.id != ward.exams[0].id
    rows = ward.course().rows
    assert (rows[0].code, rows[0].measured) == (HIDDEN, None)
    assert rows[1].measured is not None


def test_an_exam_of_another_patient_or_of_nobody_is_not_in_the_course(ward):
    ward.clinic.exam(8)
    ward.clinic.exam(9, name="")
    assert {row.exam for row in ward.course().rows} == {exam.id for exam in ward.exams}


def test_a_patient_without_an_exam_has_an_empty_course(ward):
    empty = ward.service.course(person(), ward.clinic.patient("P-99", "Nobody"))
    assert (empty.rows, empty.missing) == ((), ())


def test_a_person_names_a_patient_by_the_identifier_or_by_the_id(ward):
    assert ward.service.named(person(), "P-7").id == ward.patient
    assert ward.service.named(person(), ward.patient).id == ward.patient
    with pytest.raises(RecordUnknown, match="no patient P-70"):
        ward.service.named(person(), "P-70")
    ward.clinic.patient("P-7", "Somebody else", issuer="other hospital")
    with pytest.raises(RecordUnknown, match="Several issuers"):
        ward.service.named(person(), "P-7")


def test_the_background_measures_every_clip_in_a_process_of_its_own(ward):
    assert len(ward.work.measure(person(), ward.patient).missing) == 2
    wait_until_measured(ward)
    assert ward.course().missing == ()
    assert not ward.work.failed(person(), ward.patient)
    assert all(row.measured.release == ward.release.ident for row in ward.course().rows)


def test_work_that_cannot_be_done_ends_and_is_stated(ward, tmp_path):
    ward.release = replace(ward.release, folder=tmp_path / "no release")
    ward.work.measure(person(), ward.patient)
    wait_until_measured(ward)
    assert ward.work.failed(person(), ward.patient)
    assert len(ward.course().missing) == 2


def test_after_the_end_of_the_appliance_no_work_begins(ward):
    ward.work.close()
    with pytest.raises(ApplianceBusy):
        ward.work.measure(person(), ward.patient)


def test_who_may_not_read_exams_sees_no_course(ward):
    for act in (ward.service.course, ward.service.named, ward.work.measure, ward.work.runs, ward.work.failed):
        with pytest.raises(NotAllowed):
            act(person(Role.SERVICE), ward.patient)
