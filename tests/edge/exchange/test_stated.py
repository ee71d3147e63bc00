from dataclasses import replace

import pytest

from edge.exam.protocol.file import load_catalogue
from edge.exam.verdict import Verdict
from edge.exchange import codes
from edge.exchange.stated import accession_of, admission_of, issue_of, remarks_of, stated_of
from edge.notice import NOTICE
from tests.edge.exchange.changes import ordered, preliminary, undecided, with_exam, with_report


def zone(exam, name):
    return next(each for each in stated_of(exam) if each.report.id == name)


def finding(exam, zone_name, key="b_lines"):
    return next(each for each in zone(exam, zone_name).findings if each.report.key == key)


def decided(finding, decision, stated):
    return replace(finding, report=finding.report.model_copy(update={"decision": decision}), holds=stated)


def test_every_zone_of_the_protocol_is_stated_in_its_order(handed):
    assert [each.report.id for each in stated_of(handed)] == [each.id for each in handed.protocol.zones]
    assert [each.examined for each in stated_of(handed)] == [True, True, True, True, False, False]


@pytest.mark.parametrize(
    ("name", "value", "score"),
    [("L1", codes.NORMAL, 0), ("L2", codes.ABNORMAL, None), ("L3", codes.NEEDS_SPECIALIST, None), ("R2", codes.NOT_PERFORMED, None)],
)
def test_a_zone_has_the_code_of_what_is_stated_and_a_score_where_it_is_one_number(handed, name, value, score):
    assert (zone(handed, name).value, zone(handed, name).score) == (value, score)


@pytest.mark.parametrize("protocol", load_catalogue().protocols, ids=lambda protocol: protocol.id)
def test_no_zone_is_placed_elsewhere_than_its_name_states(handed, protocol):
    words = {codes.VIEWS["front"]: "anterior", codes.VIEWS["back"]: "posterior", codes.VIEWS["side"]: "lateral"}
    model = zone(handed, "L1")
    for each in protocol.zones:
        place = replace(model, report=model.report.model_copy(update={"view": each.draw.view, "x": each.draw.x})).topography
        named = [word for word in words.values() if word in each.name.lower()]
        assert place is None or not named or words[place] in named, each.name
        assert "PLAPS" not in each.name or place is None


def test_a_zone_with_poor_images_is_not_assessable_for_that_reason(handed):
    unsure = zone(handed, "L3")
    poor = replace(unsure.clip.record.assessment, reason="quality")
    assert replace(unsure, clip=replace(unsure.clip, record=replace(unsure.clip.record, assessment=poor))).value == codes.POOR_QUALITY


def test_a_zone_is_of_the_model_alone_until_a_person_decides(handed):
    assert not zone(handed, "L1").by_model
    assert zone(undecided(handed), "L1").by_model
    assert not zone(undecided(handed), "R2").by_model


@pytest.mark.parametrize(
    ("decision", "stated", "reason", "value"),
    [
        ("open", Verdict.UNSURE, "uncertain", codes.NEEDS_SPECIALIST),
        ("accepted", Verdict.UNSURE, "quality", codes.POOR_QUALITY),
        ("not assessable", Verdict.UNSURE, "uncertain", codes.INDETERMINATE),
        ("not assessable", Verdict.UNSURE, "quality", codes.POOR_QUALITY),
        ("rejected", Verdict.UNSURE, "novelty", codes.INDETERMINATE),
        ("edited", Verdict.PRESENT, "uncertain", codes.PRESENT),
    ],
)
def test_what_holds_of_an_unsure_finding_depends_on_the_decision_and_the_reason(handed, decision, stated, reason, value):
    unsure = decided(finding(handed, "L3"), decision, stated)
    assert replace(unsure, made=replace(unsure.made, reason=reason)).value == value


def test_the_confidence_of_an_absent_finding_is_not_its_probability(handed):
    present, absent, unsure = (finding(undecided(handed), name) for name in ("L2", "L1", "L3"))
    assert (present.confidence, absent.confidence, unsure.confidence) == (0.9, 0.9, None)
    assert (present.report.probability, absent.report.probability) == (0.9, 0.1)


def test_an_edited_finding_keeps_the_answer_of_the_model(handed):
    [edited] = [each for name in ("L1", "L2", "L3", "R1") for each in zone(handed, name).findings if each.report.decision == "edited"]
    assert (edited.model, edited.holds) == (Verdict.PRESENT, Verdict.ABSENT)
    assert edited.algorithm is handed.algorithms[edited.made.release]


def test_a_finding_whose_record_is_gone_keeps_the_words_of_the_report(handed):
    gone = replace(handed, zones=tuple(replace(each, findings=()) for each in handed.zones))
    assert [finding(gone, name).model for name in ("L1", "L2", "L3")] == [Verdict.ABSENT, Verdict.PRESENT, Verdict.UNSURE]
    assert finding(gone, "L3").model_value == codes.NEEDS_SPECIALIST


def test_a_clip_that_was_taken_after_the_report_is_not_that_of_its_zone(handed):
    other = handed.report.zones[0].model_copy(update={"clip": "another.mcap"})
    assert zone(with_report(handed, zones=(other, *handed.report.zones[1:])), "L1").clip is None


def test_reports_are_told_apart_by_number_and_preliminary_ones_by_what_they_state(handed):
    assert issue_of(handed.report) == "1"
    draft = preliminary(handed).report
    assert issue_of(draft) == issue_of(draft.model_copy(update={"made_at": handed.exam.begun_at}))
    assert issue_of(draft) != issue_of(draft.model_copy(update={"sum": "18 of 18"}))


def test_the_notice_the_simulation_and_the_reason_of_an_amendment_are_remarked(handed):
    assert [*remarks_of(handed)] == [NOTICE]
    amended = with_report(with_exam(handed, simulated=True), number=2, status="amended", why="R1 was read again")
    assert [*remarks_of(amended)] == [NOTICE, "SIMULATED: frames of no patient", "Report 2, amended: R1 was read again"]


def test_order_and_visit_are_empty_until_they_are_known(handed):
    assert (accession_of(handed), admission_of(handed)) == ("", "")
    assert admission_of(ordered(handed, admission_id="V-17")) == "V-17"
