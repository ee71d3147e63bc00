"""Recorded exams: who is allowed to do what with which exam, and when."""

from dataclasses import replace

import pytest

from edge.exam.exam import Exam, ExamRefused
from edge.exam.protocol.file import load_catalogue
from edge.exam.review.showing import after_review
from edge.exam.stored import StoredExams
from edge.people.actor import NOBODY_ACTOR, UNCLAIMED_ACTOR, Actor, Grant, NotAllowed, break_glass
from edge.people.permission import Role
from edge.records.errors import RecordStale, RecordUnknown
from edge.records.exams.clips import NewClip
from edge.records.exams.context import ContextInvalid, Identity, PatientContext
from edge.records.exams.facts import ExamStatement
from edge.records.exams.finding import NewFinding
from edge.records.exams.forms import Step
from edge.records.exams.patients import PatientOther
from edge.services.book import ExamBook, StoredClip, readable

BLUE = Exam.begin(load_catalogue().named("blue-6"))
SARA = Actor("operator", "sara", None, (Grant(Role.SCAN, "blue-6"),), qualified_for=frozenset({"blue-6"}))
HAGOS = Actor("operator", "hagos", None, (Grant(Role.INTERPRET, "blue-6"),))
OTHER = Actor("operator", "other", None, (Grant(Role.SCAN, "lus-8"), Grant(Role.INTERPRET, "lus-8")))
ABEBE = Identity(identifier="P-1", name="አበበ ቢቂላ", birth_date="1984")


@pytest.fixture
def stored(tmp_path, store):
    return StoredExams(store, tmp_path / "exams")


@pytest.fixture
def book(stored):
    return ExamBook(stored)


def begin(book, actor=SARA, **reported):
    patient = reported.pop("patient", None)
    return book.begin(actor, BLUE, patient, ExamStatement(**reported), simulated=True)


def keep(stored, exam, zone="L1"):
    clip = NewClip(zone, f"{zone}.mcap", "f" * 64, 1, 3, 60, "itself", (), 80.0)
    stated = NewFinding("b_lines", "lung-s-1", 0.2, -2.0, ("absent",), "absent", "", "", 0.5)
    stored.records.keep("sara", exam.id, Step("zone.kept", {"zone": zone}, BLUE.as_record()), clip, (stated,), simulated=True)
    return stored.records.findings(exam.id)[-1]


def test_an_exam_begins_with_who_it_is_of_and_how_they_are(book, stored):
    context = PatientContext.model_validate({"spo2": {"value": 93, "unit": "%"}})
    exam = begin(book, patient=ABEBE, context=context)
    assert (exam.patient.name, exam.operator, exam.qualified, exam.simulated) == ("አበበ ቢቂላ", "sara", True, True)
    assert exam.context.spo2.by == "sara"
    assert (stored.path_of(exam) / "exam.json").exists()
    assert "አበበ" not in (stored.path_of(exam) / "exam.json").read_text()
    assert stored.draft() == exam


@pytest.mark.parametrize("actor", [UNCLAIMED_ACTOR, break_glass("s"), HAGOS, OTHER])
def test_anyone_who_is_known_may_scan_and_what_the_unqualified_take_needs_a_review(book, actor):
    assert not begin(book, actor).qualified


def test_nobody_begins_an_exam_and_nothing_is_left_of_one_that_cannot_be(book, stored, tmp_path):
    with pytest.raises(NotAllowed):
        begin(book, NOBODY_ACTOR)
    with pytest.raises(ContextInvalid, match="2090"):
        begin(book, patient=ABEBE.model_copy(update={"birth_date": "2090"}))
    assert not (tmp_path / "exams").exists()
    assert stored.records.newest() == ()


def test_an_emergency_exam_is_named_later_and_never_merged_by_itself(book, stored):
    exam = begin(book, emergency=True)
    assert (exam.patient, exam.emergency) == (None, True)
    known = book.patients.add(SARA, ABEBE)
    with pytest.raises(PatientOther, match=known.id):
        book.name_patient(SARA, exam.id, ABEBE.model_copy(update={"name": "Other"}), 1)
    assert stored.records.get(exam.id).patient is None
    named = book.name_patient(SARA, exam.id, ABEBE, 1)
    assert (named.patient, named.version, named.emergency) == (known, 2, True)
    with pytest.raises(RecordStale):
        book.name_patient(SARA, exam.id, ABEBE, 1)


def test_whose_it_is_can_be_stated_after_the_end_and_how_they_are_until_it_is_signed(book):
    exam = begin(book)
    book.end(SARA, exam.id)
    reported = book.state_context(SARA, exam.id, PatientContext(complaint="cough"), 2)
    assert book.name_patient(SARA, exam.id, ABEBE, reported.version).state == "preliminary"


def test_who_may_only_scan_sees_the_exam_that_is_taken_and_no_other(book, stored):
    passer_by = break_glass("s")
    exam = begin(book, passer_by)
    assert book.get(passer_by, exam.id) == book.get(SARA, exam.id) == stored.records.get(exam.id)
    with pytest.raises(NotAllowed):
        book.get(break_glass("t"), exam.id)
    book.end(SARA, exam.id)
    for late in (
        lambda: book.get(passer_by, exam.id),
        lambda: book.name_patient(passer_by, exam.id, ABEBE, 2),
        lambda: book.state_context(passer_by, exam.id, PatientContext(), 2),
        lambda: book.end(passer_by, exam.id),
        lambda: book.get(OTHER, exam.id),
    ):
        with pytest.raises(NotAllowed):
            late()
    assert book.get(HAGOS, exam.id).state == "preliminary"


def test_each_sees_the_exams_of_their_own_protocols(book):
    assert readable(UNCLAIMED_ACTOR) is None
    assert readable(Actor("operator", "admin", None, (Grant(Role.ADMIN),))) is None
    assert readable(SARA) == {"blue-6"}
    assert readable(OTHER) == {"lus-8"}
    assert readable(break_glass("s")) == frozenset()
    begin(book)
    assert book.newest_findings(OTHER, 50) == book.newest(OTHER, 50) == ()


def test_a_finding_is_decided_on_once_the_exam_has_ended_and_only_by_who_may(book, stored):
    exam = begin(book)
    finding = keep(stored, exam)
    with pytest.raises(ExamRefused, match="The exam is draft: it is not possible to decide on its findings"):
        book.decide(HAGOS, finding.id, "accepted", None, 1)
    book.end(SARA, exam.id)
    for actor in (OTHER, UNCLAIMED_ACTOR, NOBODY_ACTOR, break_glass("s")):
        with pytest.raises(NotAllowed):
            book.decide(actor, finding.id, "accepted", None, 1)
    for decision, verdict in (("edited", None), ("accepted", "present")):
        with pytest.raises(ExamRefused, match="Only an edited finding has a verdict"):
            book.decide(HAGOS, finding.id, decision, verdict, 1)
    assert book.decide(HAGOS, finding.id, "edited", "present", 1).finding.decided == "present"
    assert stored.records.undecided(exam.id) == ()


def test_a_finding_of_a_zone_that_was_taken_again_is_not_decided_on(book, stored):
    exam = begin(book)
    finding = keep(stored, exam)
    stored.records.step("sara", exam.id, Step("zone.reopened", {}, BLUE.as_record(), again="L1"))
    book.end(SARA, exam.id)
    with pytest.raises(ExamRefused, match="taken again"):
        book.decide(HAGOS, finding.id, "accepted", None, 1)


def test_what_is_not_shown_to_somebody_is_not_decided_on_by_them(book, stored):
    book = ExamBook(stored, after_review)
    exam = begin(book, replace(SARA, qualified_for=frozenset()))
    finding = keep(stored, exam)
    book.end(SARA, exam.id)
    with pytest.raises(ExamRefused, match="not shown to you yet"):
        book.decide(SARA, finding.id, "accepted", None, 1)
    assert [each.shown for each in book.newest_findings(SARA, 50)] == [False]
    assert [each.shown for each in book.newest_findings(HAGOS, 50)] == [True]


def test_a_clip_without_its_file_is_distinguished_from_one_that_is_not_there(book, stored):
    exam = begin(book)
    keep(stored, exam)
    (clip,) = stored.records.clips(exam.id)
    assert book.clip(SARA, clip.id) == StoredClip(clip, None, shown=True)
    (stored.path_of(exam) / clip.file).write_bytes(b"x")
    assert book.clip(SARA, clip.id).path.read_bytes() == b"x"
    with pytest.raises(RecordUnknown):
        book.clip(SARA, exam.id)


@pytest.mark.parametrize("file", ["../../audit_key.pem", "../e2/a.mcap", "/etc/passwd", "link.mcap", "..", "x" * 300])
def test_a_clip_whose_name_leads_out_of_its_exam_has_no_recording(book, stored, tmp_path, file):
    exam = begin(book)
    (tmp_path / "audit_key.pem").write_bytes(b"key")
    (stored.path_of(exam) / "link.mcap").symlink_to(tmp_path / "audit_key.pem")
    clip = NewClip("L1", file, "f" * 64, 1, 3, 60, "itself", (), 80.0)
    stored.records.keep("sara", exam.id, Step("zone.kept", {"zone": "L1"}, BLUE.as_record()), clip, (), simulated=True)
    assert book.clip(SARA, stored.records.clips(exam.id)[0].id).path is None


def test_what_differs_beside_the_clips_is_made_again_and_a_folder_that_is_gone_is_not(book, stored):
    first, second = begin(book), begin(book)
    path = stored.path_of(first) / "exam.json"
    before = path.read_text()
    path.write_text("{")
    (stored.path_of(second) / "exam.json").unlink()
    stored.path_of(second).rmdir()
    stored.repair_sidecars()
    assert path.read_text() == before
    assert not stored.path_of(second).exists()
