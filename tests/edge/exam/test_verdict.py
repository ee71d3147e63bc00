"""One probability gets one word, wherever it is shown."""

import re
from pathlib import Path

import pytest

from edge.exam.clip import ClipFinding
from edge.exam.verdict import WORDS, Verdict, verdict_of, verdicts_of, word_of
from edge.inference.reading import Score

PAGE = Path(__file__).resolve().parents[3] / "edge" / "web" / "panel.js"


def finding(probability: float, reason: str | None = None) -> ClipFinding:
    return ClipFinding(
        model="1",
        frames=3,
        good_frames=3,
        quality=80.0,
        simulated=False,
        scores=(Score("b_lines", probability, 0.0),),
        reason=reason,
        advice="",
        faults={},
        stage_ms={},
    )


@pytest.mark.parametrize(
    ("probability", "verdict"),
    [
        (1.0, Verdict.PRESENT),
        (0.7, Verdict.PRESENT),
        (0.699, Verdict.UNSURE),
        (0.3, Verdict.UNSURE),
        (0.299, Verdict.ABSENT),
        (0.0, Verdict.ABSENT),
    ],
)
def test_a_finding_is_present_from_70_percent_and_absent_below_30(probability: float, verdict: Verdict) -> None:
    assert verdict_of(probability) is verdict
    assert verdicts_of(finding(probability)) == {"b_lines": verdict}


def test_a_clip_that_cannot_be_assessed_tells_nothing() -> None:
    assert verdicts_of(finding(0.99, "POOR_QUALITY:TOO_DARK")) == {"b_lines": Verdict.UNSURE}


def test_every_verdict_has_a_word() -> None:
    assert [word_of(verdict) for verdict in Verdict] == ["likely present", "can't tell", "likely absent"]


def test_the_page_uses_the_same_words_at_the_same_probabilities() -> None:
    table = PAGE.read_text().partition("const WORDS = [")[2].partition("];")[0]
    rows = re.findall(r"\[([\d.]+), \"([^\"]+)\"", table)
    assert [(float(least), word) for least, word in rows] == [(least, word) for least, _, word in WORDS]
