"""Exams: each change is one transaction with its entry, a draft only grows, and the newest clip of a zone counts."""

import pytest
from sqlalchemy import select

from edge.records.audit.entry import Entry
from edge.records.errors import RecordStale, RecordUnknown
from edge.records.exams.context import PatientContext
from edge.records.exams.exams import Exams
from edge.records.exams.patients import Patients, Person
from edge.records.schema import AuditRow


@pytest.fixture
def exams(store):
    return Exams(store)


def entries(store):
    with store.read() as session:
        return [Entry.of(body) for body in session.scalars(select(AuditRow.body).order_by(AuditRow.seq))]


def test_an_exam_begins_as_a_draft_with_the_uid_of_its_id(exams, store, made):
    stored = exams.begin("sara", made.exam(), made.states)
    assert (stored.state, stored.version, stored.patient, stored.study_uid.startswith("2.25.")) == ("draft", 1, None, True)
    assert exams.get(stored.id) == stored
    assert [(entry.act, entry.subject) for entry in entries(store)] == [("exam.begun", f"exam/{stored.id}")]


def test_a_recorded_zone_has_its_clip_and_findings_to_the_last_bit_in_one_entry(exams, store, made):
    exam = exams.begin("sara", made.exam(), made.states)
    stored = exams.keep("sara", exam.id, made.step(), made.clip(), made.findings(), simulated=True)
    (clip,), findings = exams.clips(exam.id), exams.findings(exam.id)
    assert (stored.version, stored.simulated, stored.zone_states["zones"]) == (2, True, {"L1": {"state": "done"}})
    assert (clip.zone, clip.file, clip.file_state, clip.first, clip.last, clip.overridden) == (
        "L1",
        "L1.mcap",
        "whole",
        3,
        60,
        ("TOO_DEEP",),
    )
    assert [finding.key for finding in findings] == made.keys
    assert {(f.probability, f.logit, f.prediction, f.decision, f.version) for f in findings} == {
        (0.1 + 0.2, -2.0000000000000004, ("absent",), "open", 1)
    }
    assert [entry.act for entry in entries(store)] == ["exam.begun", "zone.kept"]
    assert exams.undecided(exam.id) == findings


def test_a_clip_without_a_file_is_absent(exams, made):
    exam = exams.begin("sara", made.exam(), made.states)
    exams.keep("sara", exam.id, made.step(), made.clip(file=""), (), simulated=False)
    assert exams.clips(exam.id)[0].file_state == "absent"


def test_a_zone_that_is_reopened_leaves_its_clip_and_findings_superseded_and_others_as_they_are(exams, made):
    exam = exams.begin("sara", made.exam(), made.states)
    for zone in ("L1", "L2"):
        exams.keep("sara", exam.id, made.step(zone=zone), made.clip(zone, f"{zone}.mcap"), made.findings(), simulated=False)
    exams.step("sara", exam.id, made.step("zone.reopened", again="L1"))
    assert {clip.zone: clip.superseded_at is not None for clip in exams.clips(exam.id)} == {"L1": True, "L2": False}
    assert {finding.zone for finding in exams.undecided(exam.id)} == {"L2"}


def test_an_unqualified_operator_makes_the_exam_need_a_review_permanently(exams, made):
    exam = exams.begin("sara", made.exam(), made.states)
    assert not exams.step("tesfaye", exam.id, made.step("zone.selected", qualified=False)).qualified
    assert not exams.step("sara", exam.id, made.step("zone.selected", qualified=True)).qualified


def test_a_draft_ends_once_and_takes_no_zone_afterwards(exams, made):
    exam = exams.begin("sara", made.exam(), made.states)
    ended = exams.end("sara", exam.id)
    assert (ended.state, ended.ended_at is not None) == ("preliminary", True)
    for late in (
        lambda: exams.end("sara", exam.id),
        lambda: exams.step("sara", exam.id, made.step()),
        lambda: exams.keep("sara", exam.id, made.step(), made.clip(), made.findings(), simulated=False),
    ):
        with pytest.raises(RecordStale, match="now preliminary"):
            late()
    assert exams.clips(exam.id) == ()


def test_a_change_to_an_old_version_is_refused(exams, made):
    exam = exams.begin("sara", made.exam(), made.states)
    changed = exams.state_context("sara", exam.id, PatientContext(complaint="cough"), 1, while_in=("draft",))
    assert (changed.version, changed.context) == (2, PatientContext(complaint="cough"))
    with pytest.raises(RecordStale, match="now has version 2, and the change was made to version 1"):
        exams.state_context("sara", exam.id, PatientContext(), 1, while_in=("draft",))
    with pytest.raises(RecordStale):
        exams.end("sara", exam.id, seen=1)


def test_the_audit_names_the_changed_part_of_the_context_and_never_its_content(exams, store, made):
    exam = exams.begin("sara", made.exam(), made.states)
    exams.state_context("sara", exam.id, PatientContext(complaint="cough since Ato Abebe died"), 1, while_in=("draft",))
    assert entries(store)[-1].detail["changed"] == ["complaint"]
    assert "Abebe" not in entries(store)[-1].body


def test_a_patient_who_is_named_later_and_corrected_leaves_both_ids_in_the_audit(exams, store, made):
    exam = exams.begin("sara", made.exam(emergency=True), made.states)
    one, other = (Patients(store).add("sara", Person("site", name, f"{name} B")) for name in ("A", "B"))
    exams.name_patient("sara", exam.id, one.id, 1, while_in=("draft",))
    named = exams.name_patient("sara", exam.id, other.id, 2, while_in=("draft",))
    assert (named.patient, named.patient_id) == (other, other.id)
    assert (entries(store)[-1].detail["before"], entries(store)[-1].detail["patient"]) == (one.id, other.id)
    with pytest.raises(RecordUnknown, match="no patient"):
        exams.name_patient("sara", exam.id, "nobody", 3, while_in=("draft",))


def test_the_newest_come_first_a_page_at_a_time_of_one_state_and_protocol(exams, made):
    ids = [exams.begin("sara", made.exam(f"folder-{n}", protocol="lus-8" if n == 2 else "blue-6"), made.states).id for n in range(4)]
    exams.end("sara", ids[0])
    assert [exam.id for exam in exams.newest(2)] == [ids[3], ids[2]]
    assert [exam.id for exam in exams.newest(2, before_id=ids[2])] == [ids[1], ids[0]]
    assert [exam.id for exam in exams.newest(state="preliminary")] == [ids[0]]
    assert [exam.id for exam in exams.newest(protocols=["lus-8"])] == [ids[2]]
    assert exams.briefs(ids[:1])[ids[0]].state == "preliminary"


def test_a_sidecar_that_cannot_be_written_changes_nothing(store, made):
    def refuse(file):
        if file.clips:
            raise OSError(28, "No space left on device")

    exams = Exams(store, refuse)
    exam = exams.begin("sara", made.exam(), made.states)
    with pytest.raises(OSError, match="No space"):
        exams.keep("sara", exam.id, made.step(), made.clip(), made.findings(), simulated=False)
    assert (exams.get(exam.id), exams.clips(exam.id), exams.findings(exam.id)) == (exam, (), ())
    assert [entry.act for entry in entries(store)] == ["exam.begun"]


def test_the_sidecar_is_the_exam_after_the_change(store, made):
    written = []
    exams = Exams(store, written.append)
    exam = exams.begin("sara", made.exam(), made.states)
    stored = exams.keep("sara", exam.id, made.step(), made.clip(), made.findings(), simulated=False)
    assert [(file.id, file.version, len(file.clips), len(file.findings)) for file in written] == [(exam.id, 1, 0, 0), (stored.id, 2, 1, 2)]
    assert written[-1] == exams.file(exam.id)


def test_a_missing_exam_is_reported(exams, made):
    for asked in (
        lambda: exams.get("none"),
        lambda: exams.end("sara", "none"),
        lambda: exams.step("sara", "none", made.step()),
        lambda: exams.exported("sara", "none", 3),
        lambda: exams.begin("sara", made.exam(patient_id="none"), made.states),
    ):
        with pytest.raises(RecordUnknown):
            asked()


def test_an_exam_is_found_by_the_beginning_or_the_end_of_its_id(exams, made):
    ids = [exams.begin("sara", made.exam(folder=f"exam-{n}"), made.states).id for n in range(3)]
    for each in ids:
        for part in (each, each.upper(), each[-12:], f" {each[-8:]} "):
            assert exams.id_of(part) == each
    with pytest.raises(RecordUnknown, match="More than one exam fits"):
        exams.id_of(ids[0][:8])


@pytest.mark.parametrize("part", ["", "%", "____", "abc", "no-such-exam"])
def test_what_is_no_part_of_an_id_finds_nothing(exams, made, part):
    exams.begin("sara", made.exam(), made.states)
    with pytest.raises(RecordUnknown, match="There is no exam"):
        exams.id_of(part)
