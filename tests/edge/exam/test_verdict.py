"""One prediction set gets one word, wherever it is shown."""

from pathlib import Path

import pytest

from edge.exam.verdict import WORDS, Verdict, verdict_of, verdicts_of

PAGE = Path(__file__).resolve().parents[3] / "edge" / "web" / "panel.js"


@pytest.mark.parametrize(
    ("prediction", "verdict"),
    [
        (("present",), Verdict.PRESENT),
        (("absent",), Verdict.ABSENT),
        (("present", "absent"), Verdict.UNSURE),
        ((), Verdict.UNSURE),
    ],
)
def test_a_finding_is_reported_only_where_the_other_is_ruled_out(prediction: tuple[str, ...], verdict: Verdict) -> None:
    assert verdict_of(prediction) is verdict


def test_each_finding_of_a_clip_has_its_own_verdict(finding_of) -> None:
    assert verdicts_of(finding_of(0.9, 0.5, 0.1)) == {
        "b_lines": Verdict.PRESENT,
        "a_lines": Verdict.UNSURE,
        "severity_2_plus": Verdict.ABSENT,
    }


def test_a_clip_that_cannot_be_assessed_tells_nothing(finding_of) -> None:
    assert set(verdicts_of(finding_of(0.99, 0.99, 0.99, reason="TOO_DARK")).values()) == {Verdict.UNSURE}


def test_every_verdict_has_a_word_and_the_page_has_the_same() -> None:
    assert [WORDS[verdict] for verdict in Verdict] == ["likely present", "can't tell", "likely absent"]
    page = PAGE.read_text()
    assert all(f'"{word}"' in page for word in WORDS.values())
