from dataclasses import replace

from edge.exam.clip import ClipFinding, ClipScore
from edge.exam.verdict import Verdict
from edge.reread.answer import Answer, FindingAnswer, Outcome

SEEN, UNSEEN, OPEN = FindingAnswer(0.9, ("present",)), FindingAnswer(0.1, ("absent",)), FindingAnswer(0.5, ("present", "absent"))


def answer(release="a-1.0.0", reason=None, **findings):
    return Answer(release, reason, "", 0.5, findings)


def outcome(old, new):
    return Outcome("0" * 64, 10, False, old, new)


def test_a_verdict_is_unsure_where_the_clip_cannot_be_assessed_or_the_finding_is_not_known():
    assert answer(b_lines=SEEN).verdict("b_lines") is Verdict.PRESENT
    assert answer(b_lines=UNSEEN).verdict("b_lines") is Verdict.ABSENT
    assert answer(b_lines=OPEN).verdict("b_lines") is Verdict.UNSURE
    assert answer(reason="quality", b_lines=SEEN).verdict("b_lines") is Verdict.UNSURE
    assert answer().verdict("b_lines") is Verdict.UNSURE


def test_only_findings_whose_verdict_differs_have_changed():
    old = answer(b_lines=SEEN, a_lines=UNSEEN)
    assert outcome(old, old).changed == ()
    assert outcome(old, answer(b_lines=FindingAnswer(0.6, ("present",)), a_lines=OPEN)).changed == ("a_lines",)
    assert outcome(old, replace(old, reason="novelty")).changed == ("b_lines", "a_lines")


def test_a_finding_that_only_one_release_knows_counts():
    both = outcome(answer(b_lines=SEEN), answer(b_lines=SEEN, pleura=UNSEEN))
    assert both.keys == ("b_lines", "pleura")
    assert both.changed == ("pleura",)


def test_it_says_what_the_clip_was_found_to_show():
    scores = (ClipScore("b_lines", 0.9, 2.0, ("present",), (4, 5)), ClipScore("a_lines", 0.1, -2.0, ("absent",)))
    found = ClipFinding("1.0.0", 60, 50, 80.0, False, scores, "quality", "Less gain", {}, {}, code="TOO_BRIGHT", novelty=0.5)
    stated = Answer.of(found, "a-1.0.0")
    assert stated == Answer("a-1.0.0", "quality", "TOO_BRIGHT", 0.5, {"b_lines": SEEN, "a_lines": UNSEEN}, machine_validated=False)
