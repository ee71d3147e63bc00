import random

import pytest

from edge.exam.verdict import Verdict
from edge.reread.answer import Answer, FindingAnswer, Outcome, Unread
from edge.reread.clip import RecordedClip
from edge.reread.summary import Then, summary_of

PRESENT, UNSURE, ABSENT = Verdict.PRESENT, Verdict.UNSURE, Verdict.ABSENT


def reported(probability):
    return FindingAnswer(probability, ("present",) if probability > 0.7 else ("absent",) if probability < 0.3 else ("present", "absent"))


def answer(probability, reason=None):
    return Answer("a-1.0.0", reason, "", 0.5, {"b_lines": reported(probability)})


def reading(name, old, new, then=None, zone=""):
    return RecordedClip(name, f"/{name}", zone, then=then), Outcome("0" * 64, 10, False, old, new)


READINGS = [
    reading("a", answer(0.9), answer(0.8), then=answer(0.9), zone="L1"),
    reading("b", answer(0.9), answer(0.1), then=answer(0.9), zone="L1"),
    reading("c", answer(0.5), answer(0.9), then=answer(0.1), zone="L2"),
    reading("d", answer(0.2, "quality"), answer(0.1)),
]


def test_verdicts_reasons_and_changes_are_counted():
    summary = summary_of(READINGS, [Unread("e", "failed", "it broke")])
    (finding,) = summary.findings
    assert finding.verdicts == {(PRESENT, PRESENT): 1, (PRESENT, ABSENT): 1, (UNSURE, PRESENT): 1, (UNSURE, ABSENT): 1}
    assert finding.changed == 3
    assert [(finding.count(0, verdict), finding.count(1, verdict)) for verdict in (PRESENT, UNSURE, ABSENT)] == [(2, 2), (2, 0), (0, 2)]
    assert summary.reasons == ({"quality": 1}, {})
    assert [clip.name for clip, _ in summary.changed] == ["b", "c", "d"]


def test_answers_of_the_exams_time_are_compared_with_both_and_clips_without_are_counted():
    taken_again = reading("e", answer(0.9), answer(0.1), zone="L1")
    assert summary_of([*READINGS, taken_again], []).then == Then(known=3, old_differs=1, new_differs=2, outside=1, unanswered=1)


def test_quantiles_are_of_the_probabilities_new_less_old():
    (finding,) = summary_of(READINGS, []).findings
    assert finding.change["least"] == pytest.approx(-0.8)
    assert finding.change["median"] == pytest.approx(-0.1)
    assert finding.change["most"] == pytest.approx(0.4)


def test_a_finding_that_one_release_does_not_know_has_no_change():
    new = Answer("b-1.0.0", None, "", 0.5, {"pleura": reported(0.9)})
    first, second = summary_of([reading("a", answer(0.9), new)], []).findings
    assert (first.key, first.change, first.changed) == ("b_lines", {}, 1)
    assert (second.key, second.change, second.changed) == ("pleura", {}, 1)


def test_counts_do_not_depend_on_the_order_of_the_clips():
    shuffled = random.Random(1).sample(READINGS, len(READINGS))
    one, other = summary_of(READINGS, []), summary_of(shuffled, [])
    assert (one.findings, one.reasons, one.then) == (other.findings, other.reasons, other.then)


def test_no_clip_no_finding():
    assert summary_of([], []).findings == ()
