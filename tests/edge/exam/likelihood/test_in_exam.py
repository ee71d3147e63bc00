"""What an exam states of a sign: two zones on each side, no guess about zones that are open, and nothing without a finding."""

import pytest

from edge.exam.exam import Exam
from edge.exam.likelihood.in_exam import EACH_SIDE, stated_in
from edge.exam.likelihood.published import published
from edge.exam.protocol.file import load_catalogue
from edge.exam.replay import taken_of
from edge.exam.summary import ExamSummary, summary_of, summary_without_protocol
from edge.exam.verdict import Verdict

BLUE = load_catalogue().named("blue-6")
CHANCE = {"+": 0.9, "-": 0.1, "?": 0.5}
ONE_ZONE = BLUE.model_copy(update={"zones": (BLUE.zones[0], BLUE.zones[3])})


def exam_of(finding_of, left, right, protocol=BLUE) -> ExamSummary:
    """For each zone a + for B-lines, a - for none, a ? for can't tell; a zone without a sign is not examined."""
    exam, taken = Exam.begin(protocol), {}
    for side, signs in (("left", left), ("right", right)):
        for zone, sign in zip([each.id for each in protocol.zones if each.side == side], signs, strict=False):
            exam = exam.select(zone).keep()
            taken[zone] = taken_of(finding_of(b_lines=CHANCE[sign]))
    return summary_of(exam.states, protocol, taken)


@pytest.mark.parametrize(
    ("left", "right", "stated"),
    [
        ("++-", "-++", "present"),
        ("++", "++", "present"),
        ("++?", "++?", "present"),
        ("---", "---", "absent"),
        ("+--", "+++", "absent"),
        ("--", "", "absent"),
        ("+-?", "+++", "unsure"),
        ("++-", "+-", "unsure"),
        ("++-", "", "unsure"),
        ("???", "???", "unsure"),
    ],
)
def test_the_sign_is_there_with_two_zones_on_each_side_and_absent_only_where_no_open_zone_could_change_it(finding_of, left, right, stated):
    assert stated_in(exam_of(finding_of, left, right), "b_lines") is Verdict(stated)


def test_a_protocol_with_too_few_zones_rules_nothing_out(finding_of):
    assert stated_in(exam_of(finding_of, "-", "-", ONE_ZONE), "b_lines") is Verdict.UNSURE


def test_an_exam_states_nothing_of_a_sign_without_a_finding_or_before_its_first_zone(finding_of):
    known = exam_of(finding_of, "+++", "+++")
    assert stated_in(known, None) is None
    assert stated_in(known, "a_lines") is None
    assert stated_in(exam_of(finding_of, "", ""), "b_lines") is None


def test_without_the_text_of_its_protocol_an_exam_cannot_tell(finding_of):
    exam = Exam.begin(BLUE).keep()
    found = summary_without_protocol(exam.states, {"L1": taken_of(finding_of(b_lines=0.9))}, "the text is missing")
    assert stated_in(found, "b_lines") is Verdict.UNSURE


def test_every_finding_that_a_published_sign_rests_on_has_the_rule_that_the_page_states():
    assert EACH_SIDE == {"b_lines": 2}
    assert {row.finding for row in published()} == {None, *EACH_SIDE}
