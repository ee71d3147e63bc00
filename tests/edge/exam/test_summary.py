"""What an exam reports, zone by zone: nothing is normal that was not seen."""

import json
from dataclasses import replace

from edge.exam.clip import ClipFinding
from edge.exam.exam import Exam
from edge.exam.protocol.file import load_catalogue
from edge.exam.protocol.score import ZoneScore
from edge.exam.replay import taken_of
from edge.exam.summary import NO_ANSWER, ExamSummary, Taken, ZoneSummary, summary_of, summary_without_protocol
from edge.exam.taking.stored_zone import assessment_of
from edge.exam.verdict import Verdict
from edge.records.exams.assessment import from_json, to_json
from edge.records.exams.states import SkipReason
from firmware_bridge.says import Says, say, says_of

BLUE = load_catalogue().named("blue-6")


def summary(exam: Exam, **answers: ClipFinding) -> ExamSummary:
    """`answers` are those of the model, by zone."""
    return summary_of(exam.states, exam.protocol, {zone: taken_of(answer) for zone, answer in answers.items()})


def test_a_new_exam_reports_every_zone_as_not_examined_and_a_sum_that_could_be_anything() -> None:
    found = summary(Exam.begin(BLUE))
    assert found.zones == tuple(ZoneSummary(zone.id, zone.name, "not examined") for zone in BLUE.zones)
    assert found.total.text == "No total yet: 0 of 6 zones scored"
    assert (found.protocol, found.note, found.simulated, found.problem) == (BLUE, BLUE.score.note, False, "")


def test_a_zone_that_is_done_reports_its_quality_findings_and_score(finding_of) -> None:
    zone = summary(Exam.begin(BLUE).keep(("TOO_DEEP",)), L1=finding_of(b_lines=0.8, a_lines=0.5, severity=0.1, quality=76)).zones[0]
    assert (zone.state, zone.quality, zone.frames, zone.score) == ("done", 76, 60, ZoneScore(1, 1, True))
    assert [(each.name, each.probability, each.word) for each in zone.findings] == [
        ("B-lines", 0.8, "likely present"),
        ("A-lines", 0.5, "can't tell"),
        ("Severity 2 or more", 0.1, "likely absent"),
    ]
    assert (zone.reason, zone.overridden) == ("", ("TOO_DEEP",))


def test_a_clip_that_cannot_be_assessed_says_why_and_scores_nothing(finding_of) -> None:
    found = summary(Exam.begin(BLUE).keep(), L1=finding_of(0.01, 0.99, 0.01, reason="TOO_DARK"))
    zone = found.zones[0]
    assert (zone.state, zone.reason, zone.score) == ("done", "More gel", ZoneScore(0, 3, False))
    assert {each.verdict for each in zone.findings} == {Verdict.UNSURE}
    assert found.total.scored == 0


def test_the_reason_of_a_zone_can_be_translated_after_it_was_recorded(finding_of) -> None:
    advice = say("TOO_SHALLOW", "Increase the depth to {low:.0f} mm or more", low=80.0)
    recorded = assessment_of(replace(finding_of(reason="TOO_SHALLOW"), advice=advice))
    taken = Taken(from_json(json.loads(json.dumps(to_json(recorded)))), ())
    zone = summary_of(Exam.begin(BLUE).keep().states, BLUE, {"L1": taken}).zones[0]
    assert says_of(zone.reason) == Says("TOO_SHALLOW", {"low": 80.0})


def test_a_reason_that_an_earlier_program_recorded_has_its_code_alone(finding_of) -> None:
    earlier = {name: value for name, value in to_json(assessment_of(finding_of(reason="TOO_DARK"))).items() if name != "says"}
    zone = summary_of(Exam.begin(BLUE).keep().states, BLUE, {"L1": Taken(from_json(earlier), ())}).zones[0]
    assert says_of(zone.reason) == Says("TOO_DARK")


def test_a_skipped_zone_says_why() -> None:
    exam = Exam.begin(BLUE).skip("L1", SkipReason.PAIN).skip("L2", SkipReason.OTHER, "a cast")
    first, second, *_ = summary(exam).zones
    assert (first.state, first.reason, first.score) == ("skipped", "It hurts the patient", None)
    assert second.reason == "Another reason: a cast"
    assert says_of(second.reason) == Says("SKIP_NOTED", {"why": Says("SKIP_OTHER"), "note": "a cast"})


def test_an_exam_with_every_zone_stated_has_a_sum(finding_of) -> None:
    exam = Exam.begin(BLUE)
    for _ in BLUE.zones:
        exam = exam.keep()
    answers = {zone.id: finding_of(b_lines=0.9, severity=0.1) for zone in BLUE.zones}
    assert summary(exam, **answers).sum == "6 of 18"


def test_a_simulated_clip_makes_the_exam_simulated(finding_of) -> None:
    assert summary(Exam.begin(BLUE).keep(), L1=replace(finding_of(), simulated=True)).simulated


def test_only_what_the_protocol_looks_for_is_reported(finding_of) -> None:
    fewer = BLUE.model_copy(
        update={"acquisitions": {"any": BLUE.acquisitions["any"].model_copy(update={"findings": ("b_lines", "severity_2_plus")})}}
    )
    zone = summary(Exam.begin(fewer).keep(), L1=finding_of()).zones[0]
    assert [each.key for each in zone.findings] == ["b_lines", "severity_2_plus"]


def test_a_done_zone_without_a_recorded_answer_says_so_and_is_never_normal() -> None:
    zone = summary(Exam.begin(BLUE).keep()).zones[0]
    assert (zone.state, zone.reason, zone.score) == ("done", NO_ANSWER, ZoneScore(0, 3, False))


def test_without_the_protocols_text_the_zones_and_findings_are_there_and_the_total_is_not(finding_of) -> None:
    exam = Exam.begin(BLUE).keep().skip("L2", SkipReason.PAIN)
    found = summary_without_protocol(exam.states, {"L1": taken_of(finding_of(b_lines=0.9))}, "The text is missing")
    assert [(zone.id, zone.state, len(zone.findings), zone.score) for zone in found.zones] == [
        ("L1", "done", 3, None),
        ("L2", "skipped", 0, None),
    ]
    assert (found.total, found.sum) == (None, "No total: The text is missing")


def marks(found: ExamSummary) -> list[tuple[str, str]]:
    return [(zone.machine, zone.machine_mark) for zone in found.zones[:3]]


def test_each_zone_names_its_machine_and_a_machine_without_validation_is_marked(finding_of) -> None:
    here = replace(finding_of(), machine="Philips Lumify", machine_validated=True)
    there = replace(finding_of(), machine="Acme Scan", machine_validated=False)
    exam = Exam.begin(BLUE).keep().keep().keep()
    found = summary(exam, L1=there, L2=there, L3=there)
    assert marks(found) == [("Acme Scan", "MACHINE NOT VALIDATED")] * 3
    assert (found.machines, found.machine_mark) == (("Acme Scan",), "MACHINE NOT VALIDATED")
    assert summary(exam, L1=here, L2=here, L3=here).machine_mark == ""


def test_a_machine_that_changes_in_mid_exam_marks_the_zones_of_the_other_one(finding_of) -> None:
    here = replace(finding_of(), machine="Philips Lumify", machine_validated=True)
    there = replace(finding_of(), machine="Acme Scan", machine_validated=False)
    found = summary(Exam.begin(BLUE).keep().keep().keep(), L1=here, L2=there, L3=here)
    assert marks(found) == [("Philips Lumify", ""), ("Acme Scan", "MACHINE NOT VALIDATED, MACHINE CHANGED"), ("Philips Lumify", "")]
    assert found.machines == ("Philips Lumify", "Acme Scan")


def test_an_exam_with_two_machines_without_validation_shows_each_mark_once(finding_of) -> None:
    one, other = (replace(finding_of(), machine=name, machine_validated=False) for name in ("Acme Scan", "Other Scan"))
    found = summary(Exam.begin(BLUE).keep().keep(), L1=one, L2=other)
    assert found.zones[1].machine_marks == ("MACHINE NOT VALIDATED", "MACHINE CHANGED")
    assert found.machine_marks == ("MACHINE NOT VALIDATED", "MACHINE CHANGED")
    assert found.machine_mark == "MACHINE NOT VALIDATED, MACHINE CHANGED"


def test_a_clip_of_a_program_that_did_not_ask_for_the_machine_has_no_mark(finding_of) -> None:
    taken = taken_of(finding_of())
    old = replace(taken, assessment=replace(taken.assessment, machine="", machine_validated=None))
    exam = Exam.begin(BLUE).keep()
    found = summary_of(exam.states, exam.protocol, {"L1": old})
    assert (found.machines, found.machine_mark) == ((), "")
