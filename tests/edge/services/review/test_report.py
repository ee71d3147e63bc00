"""Reports: preliminary until an interpreter signs, kept for good, and amended beside the ones before."""

import hashlib
import json
from dataclasses import replace
from itertools import combinations

import pytest
import rfc8785
from sqlalchemy import delete

from edge.exam.exam import ExamRefused
from edge.exam.protocol.file import Catalogue
from edge.exam.protocol.stored import ProtocolTextMissing
from edge.exam.reading import ExamReader
from edge.exam.report.report import Report
from edge.people.actor import NOBODY_ACTOR, UNCLAIMED_ACTOR, NotAllowed, break_glass
from edge.people.permission import Role
from edge.records.errors import RecordStale, RecordUnknown
from edge.records.exams.reports import Redecided
from edge.records.schema import ProtocolTextRow
from edge.services.report import ReportService
from edge.services.review import ReviewService

ROLES = [chosen for size in range(len(Role) + 1) for chosen in combinations(Role, size)]


@pytest.mark.parametrize("roles", [roles for roles in ROLES if Role.INTERPRET in roles][::5], ids="+".join)
def test_an_interpreter_signs_whatever_other_roles_they_have(site, ready, roles):
    assert site.sign(site.person("Somebody", *roles), ready).report.status == "final"


def test_no_path_yields_a_final_report_without_an_interpreter(site, ready):
    for roles in ROLES:
        if Role.INTERPRET not in roles:
            somebody = site.person("Somebody", *roles)
            with pytest.raises(NotAllowed):
                site.sign(somebody, ready)
            with pytest.raises(NotAllowed):
                site.report.amend(somebody, ready.id, ready.version, "because")
            assert (site.exams.get(ready.id), site.report._reports.of_exam(ready.id)) == (ready, ()), roles


@pytest.mark.parametrize("actor", [NOBODY_ACTOR, UNCLAIMED_ACTOR, break_glass("session")], ids=lambda actor: actor.kind)
def test_nobody_without_an_account_signs(site, ready, actor):
    with pytest.raises(NotAllowed):
        site.sign(actor, ready)
    assert site.exams.get(ready.id).state == "preliminary"


def test_an_interpreter_of_another_protocol_does_not_sign(site, ready):
    with pytest.raises(NotAllowed):
        site.sign(site.person("Dr. Elsewhere", Role.INTERPRET, protocol="lus-8"), ready)


def test_a_signed_report_is_kept_and_its_digest_is_that_of_its_canonical_body(site, ready, reader):
    reported = site.sign(reader, ready)
    exam = site.exams.get(ready.id)
    assert (exam.state, exam.signed_by, exam.signed_at) == ("final", reader.name, reported.report.signed_at)
    kept = reported.stored
    assert (kept.number, kept.status, kept.sha256) == (1, "final", hashlib.sha256(kept.body.encode()).hexdigest())
    assert rfc8785.dumps(json.loads(kept.body)).decode() == kept.body
    assert site.report.report(reader, exam.id).report == reported.report == Report.model_validate_json(kept.body)


def test_an_exam_that_nobody_decided_on_or_reviewed_is_not_signed(site, trainee, reader, answer):
    exam = site.exam(trainee)
    with pytest.raises(ExamRefused, match="18 findings of the exam have no decision yet"):
        site.sign(reader, exam)
    site.decide_all(exam)
    with pytest.raises(ExamRefused, match="no interpreter has reviewed"):
        site.sign(reader, exam)
    review = site.review.begin(reader, exam.id)
    with pytest.raises(ExamRefused, match="is not saved yet"):
        site.sign(reader, exam)
    site.review.save(reader, review.id, answer(), review.version)
    assert site.sign(site.person("Dr. Other", Role.INTERPRET), exam).report.reviews[0].reader == reader.name


def test_an_exam_of_a_qualified_operator_needs_no_review(site, trainee, reader):
    exam = site.exam(trainee, qualified=True)
    site.decide_all(exam)
    assert site.sign(reader, exam).report.qualified


def test_a_draft_is_not_signed_nor_amended_and_a_final_one_is_not_signed_again(site, trainee, reader, ready):
    draft = site.exam(trainee, end=False)
    with pytest.raises(ExamRefused, match="draft"):
        site.sign(reader, draft)
    with pytest.raises(ExamRefused, match="preliminary"):
        site.report.amend(reader, ready.id, ready.version, "because")
    site.sign(reader, ready)
    with pytest.raises(ExamRefused, match="final"):
        site.sign(reader, ready)


def test_an_amendment_keeps_the_first_report_and_says_why(site, ready, reader):
    first = site.sign(reader, ready)
    version = site.exams.get(ready.id).version
    change = Redecided(first.report.zones[0].findings[0].id, "edited", "present")
    second = site.report.amend(reader, ready.id, version, "the left was read again", [change])
    assert (second.report.number, second.report.status, second.report.why) == (2, "amended", "the left was read again")
    assert second.report.zones[0].stated == "pathological"
    assert second.report.zones[0].findings[0].decision == "edited"
    assert site.report.report(reader, ready.id, 1).report == first.report
    assert site.report.report(reader, ready.id).report == second.report
    third = site.report.amend(reader, ready.id, version + 1, "once more")
    assert [each.status for each in site.report.given_out(reader, ready.id)] == ["final", "amended", "amended"]
    assert third.report.number == 3
    assert site.exams.get(ready.id).signed_at == first.report.signed_at


def test_what_is_refused_changes_nothing(site, ready, reader):
    site.sign(reader, ready)
    exam, findings = site.exams.get(ready.id), site.exams.findings(ready.id)
    change = Redecided(findings[0].id, "rejected")
    for attempt, error in (
        (lambda: site.report.amend(reader, exam.id, exam.version, "  ", [change]), ExamRefused),
        (lambda: site.report.amend(reader, exam.id, exam.version, "why", [Redecided(findings[0].id, "edited")]), ExamRefused),
        (lambda: site.report.amend(reader, exam.id, exam.version, "why", [change, Redecided("none", "accepted")]), RecordUnknown),
        (lambda: site.report.amend(reader, exam.id, exam.version - 1, "why", [change]), RecordStale),
        (lambda: site.sign(site.person("Somebody", Role.SCAN), exam), NotAllowed),
    ):
        with pytest.raises(error):
            attempt()
    assert site.exams.get(exam.id) == exam
    assert site.exams.findings(exam.id) == findings
    assert len(site.report._reports.of_exam(exam.id)) == 1


def test_a_finding_of_another_exam_is_not_amended(site, ready, trainee, reader):
    site.sign(reader, ready)
    other = site.exams.findings(site.exam(trainee).id)[0]
    with pytest.raises(RecordUnknown, match="has no finding"):
        site.report.amend(reader, ready.id, site.exams.get(ready.id).version, "why", [Redecided(other.id, "rejected")])


def test_before_it_is_signed_a_report_is_preliminary_and_made_anew(site, trainee, reader):
    exam = site.exam(trainee)
    reported = site.report.report(reader, exam.id)
    assert (reported.report.status, reported.report.number, reported.report.signed_by, reported.stored) == ("preliminary", 0, None, None)
    assert site.report.given_out(reader, exam.id) == ()
    with pytest.raises(RecordUnknown, match="no report 1"):
        site.report.report(reader, exam.id, 1)


def test_a_blind_reader_gets_no_report(site, ready, trainee):
    blind = site.person("Dr. Blind", Role.INTERPRET)
    site.review.begin(blind, ready.id)
    with pytest.raises(ExamRefused, match="not shown to you yet"):
        site.report.report(blind, ready.id)
    with pytest.raises(NotAllowed):
        site.report.report(trainee, ready.id)


def test_every_zone_is_stated_and_none_is_normal_by_silence(site, trainee, reader, shows):
    zones = {"L1": shows(), "L2": shows(present=True), "L3": shows(unsure=True), "R1": None}
    report = site.report.report(reader, site.exam(trainee, zones=zones).id).report
    assert {zone.id: zone.stated for zone in report.zones} == {
        "L1": "normal",
        "L2": "pathological",
        "L3": "not assessable",
        "R1": "not examined",
        "R2": "not examined",
        "R3": "not examined",
    }
    why = {zone.id: zone.why for zone in report.zones}
    assert (why["L3"], why["R1"], why["R2"]) == ("ALL_OPEN: Record again", "skipped. It hurts the patient", "no reason recorded")
    assert not any(zone.decided for zone in report.zones)
    assert [zone.id for zone in report.not_examined] == ["R1", "R2", "R3"]


@pytest.mark.parametrize(
    ("state", "stated"),
    [
        (("accepted", None), "pathological"),
        (("rejected", None), "normal"),
        (("edited", "absent"), "normal"),
        (("edited", "unsure"), "not assessable"),
        (("not_assessable", None), "not assessable"),
    ],
)
def test_what_is_stated_follows_the_persons_decision(site, reader, shows, state, stated):
    decision, verdict = state
    exam = site.exam(zones={"L1": shows(present=True)})
    site.decide_all(exam, decision=decision, verdict=verdict)
    zone = site.report.report(reader, exam.id).report.zones[0]
    assert (zone.stated, zone.decided) == (stated, True)
    assert zone.findings[0].word == "likely present"
    assert zone.findings[0].decided_by == "Dr. Reader"


@pytest.mark.parametrize("decision", [("rejected", None), ("edited", "unsure"), ("accepted", None)])
def test_after_a_decision_everybody_is_shown_the_sum_that_the_report_states(site, reader, shows, decision):
    exam = site.exam(zones={"L1": shows(present=True), "L2": shows()})
    shown = ExamReader(site.store, site.catalogue)
    assert shown.summary(exam).zones[0].score.text == "2-3"
    site.decide_all(exam, decision=decision[0], verdict=decision[1])
    summary, report = shown.summary(site.exams.get(exam.id)), site.report.report(reader, exam.id).report
    assert summary.sum == report.sum
    assert [zone.score.text if zone.score else "" for zone in summary.zones] == [zone.score for zone in report.zones]
    assert summary.zones[0].score.text == {"rejected": "0", "edited": "0-3", "accepted": "2-3"}[decision[0]]


def test_an_exam_is_reviewed_decided_on_signed_and_amended_when_its_protocols_file_is_gone(site, trainee, reader, answer):
    exam = site.exam(trainee)
    later = replace(site, files=Catalogue((), ()))
    later.read(reader, exam, answer())
    later.decide_all(exam)
    assert later.sign(reader, exam).report.protocol_name == "BLUE points, six"
    assert later.report.amend(reader, exam.id, later.exams.get(exam.id).version, "the right was read again").report.number == 2


def test_where_the_protocols_text_is_nowhere_nobody_signs_and_everybody_sees_what_is_missing(site, trainee, reader):
    exam = site.exam(trainee, qualified=True)
    site.decide_all(exam)
    with site.store.write() as change:
        change.session.execute(delete(ProtocolTextRow))
        change.log("test", "protocol.lost", "protocol/blue-6")
    later = replace(site, files=Catalogue((), ()))
    summary = ExamReader(site.store, later.files).summary(exam)
    assert [(zone.id, zone.state, len(zone.findings)) for zone in summary.zones][:2] == [("L1", "done", 3), ("L2", "done", 3)]
    assert "blue-6 1.0.0" in summary.problem
    for refused in (lambda: later.sign(reader, exam), lambda: later.report.report(reader, exam.id)):
        with pytest.raises(ProtocolTextMissing, match="Restore the original protocol file"):
            refused()


def test_a_summary_is_made_again_once_something_was_recorded_and_not_before(site, shows):
    shown, exam = ExamReader(site.store, site.catalogue), site.exam(zones={"L1": shows(present=True)})
    first = shown.summary(exam)
    assert shown.summary(exam) is first
    site.decide_all(exam, decision="rejected")
    assert shown.summary(exam).zones[0].score.text == "0"


def test_a_report_that_a_newer_program_gave_out_is_read_and_its_bytes_stay(site, ready, reader):
    body = json.loads(site.sign(reader, ready).stored.body)
    newer = body | {"room": "3", "patient": body["patient"] | {"phone": "1"}}
    assert Report.model_validate_json(json.dumps(newer)) == Report.model_validate(body)
    assert body.keys() == set(REPORT_0_1_0.split())


REPORT_0_1_0 = """report_version notice status number why made_at exam study_uid begun_at ended_at emergency simulated patient context
    operator qualified signed_by signed_at protocol protocol_name protocol_version protocol_digest releases zones sum sum_note reviews"""
"""The keys of a report of release 0.1.0, which refuses any other: a release after this one may add some."""


def test_the_report_says_of_whom_it_is_and_how_they_were_with_unit_time_and_author(site, trainee, reader):
    report = site.report.report(reader, site.exam(trainee).id).report
    assert (report.patient.name, report.patient.identifier, report.patient.birth_date) == ("ሰላማዊት አበበ", "P-1", "1981-03")
    context = {each.name: each for each in report.context}
    assert context["complaint"].value == "short of breath"
    assert (context["oxygen saturation"].value, context["oxygen saturation"].unit) == ("91", "%")
    assert context["oxygen saturation"].at
    assert context["oxygen saturation"].by == "Trainee"
    assert (report.releases, report.protocol, report.operator) == (("lung-m-1.0.0",), "blue-6", trainee.name)


def test_each_mark_of_the_machines_is_in_the_context_once_and_with_its_zone(site, reader, shows):
    one, other = (replace(shows(), machine=name, machine_validated=False) for name in ("Acme Scan", "Other Scan"))
    exam = site.exam(zones={"L1": one, "L2": other})
    report = site.report.report(reader, exam.id).report
    assert (report.machines, report.machine_marks) == (("Acme Scan", "Other Scan"), ("MACHINE NOT VALIDATED", "MACHINE CHANGED"))
    marks = [zone.recorded_anyway for zone in report.zones[:2]]
    assert marks == [("MACHINE NOT VALIDATED",), ("MACHINE NOT VALIDATED", "MACHINE CHANGED: Other Scan")]


def test_an_emergency_exam_of_nobody_known_says_so(site, reader):
    report = site.report.report(reader, site.exam(emergency=True, named=False).id).report
    assert (report.patient.identified, report.patient.name, report.operator) == (False, "not identified", "break-glass")


def test_signing_draws_the_over_reads_and_says_why(site, reader, ready, answer, shows):
    assert site.sign(reader, ready)
    assert site.exams.get(ready.id).over_read == ()
    contradicted = site.exam(zones={"L1": shows(present=True)})
    site.read(reader, contradicted, answer(("L1",)))
    site.decide_all(contradicted, decision="rejected")
    site.review.rule = replace(site.rule, sampling=replace(site.rule.sampling, share=1.0, novice_exams=3))
    site.sign(reader, contradicted)
    assert site.exams.get(contradicted.id).over_read == ("discordant", "novice", "random")


def test_while_the_drift_watch_does_not_state_steady_more_exams_are_over_read_and_the_reason_is_stated(site, reader, ready):
    site.review = ReviewService(site.store, site.files, site.rule, lambda: 1.0)
    site.report = ReportService(site.store, site.files, site.review)
    site.sign(reader, ready)
    assert site.exams.get(ready.id).over_read == ("drift",)
