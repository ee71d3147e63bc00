"""One number looks the same on the page, in a report, in the API and in the shell."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import edge
from edge.api.exams import schema
from edge.cli import exam_report
from edge.cli.exam import _cell
from edge.cli.reread_text import _answer_text
from edge.exam.report import making
from edge.exam.summary import FindingSummary
from edge.exam.verdict import WORDS, Verdict
from edge.inference.shown import percent, whole
from edge.reread.answer import Answer, FindingAnswer

ROUNDING = re.compile(r"Math\.round\([^)]*(probability|quality)|:\.\d%|int\(100 \*|quality:\.0f|calc\.(floor|round)\(")
"""How a number of the model could be rounded by hand."""


@pytest.mark.parametrize(
    ("probability", "shown"), [(0.0, 0), (0.31496, 31), (0.315, 32), (0.385, 39), (0.9349, 93), (0.996, 100), (1.0, 100)]
)
def test_the_nearest_whole_percent_is_shown(probability, shown):
    assert percent(probability) == shown


@given(st.floats(0, 1))
def test_every_output_shows_the_same_percent(probability):
    finding = FindingSummary(
        "b_lines", "B-lines", probability, Verdict.UNSURE, WORDS[Verdict.UNSURE], ("present", "absent"), Verdict.UNSURE
    )
    text = f"{percent(probability)} %"
    assert _cell(finding, not_assessable=False) == f"can't tell {text}"
    assert f"model {text}," in exam_report._finding(making._finding(finding))
    assert f"{schema._finding(finding).percent} %" == text
    answer = Answer("lung-1", None, "", 0.0, {"b_lines": FindingAnswer(probability, ("present", "absent"))})
    assert _answer_text(answer, "b_lines") == f"can't tell {text}"


@given(st.floats(0, 100))
def test_a_half_goes_up_and_nothing_moves_further_than_a_half(value):
    assert abs(whole(value) - value) <= 0.5
    assert whole(2.5) == 3


def test_no_output_rounds_by_itself():
    for file in Path(edge.__file__).parent.rglob("*"):
        if file.suffix in {".py", ".js", ".typ"} and "bench" not in file.parts:
            for line in file.read_text().splitlines():
                assert not ROUNDING.search(line), f"{file}: {line}"
