"""One prediction set gets one word, wherever it is shown."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from edge.exam.clip import DRIFT, MACHINE, NOVELTY, QUALITY, UNCERTAIN
from edge.exam.verdict import WHY_OPEN, WORDS, Verdict, reason_open, verdict_of, verdicts_of

WEB = Path(__file__).resolve().parents[3] / "edge" / "web"


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


def test_every_verdict_and_every_reason_has_its_words_in_the_report_and_on_the_page() -> None:
    assert [WORDS[verdict] for verdict in Verdict] == ["likely present", "can't tell", "likely absent"]
    page = json.loads((WEB / "i18n" / "en.json").read_text())
    assert {f"verdict.{verdict.value}" for verdict in Verdict} | {f"why.{reason}" for reason in WHY_OPEN} <= page.keys()


@pytest.mark.parametrize(
    ("reason", "why"),
    [(QUALITY, "poor image"), (NOVELTY, "not a lung view"), (MACHINE, "machine not validated"), (DRIFT, "model stopped")],
)
def test_why_every_finding_is_open_has_a_few_words(finding_of, reason: str, why: str) -> None:
    assert WHY_OPEN[reason_open(replace(finding_of(0.99, 0.99, 0.99), reason=reason))] == why


@pytest.mark.parametrize("reason", [None, UNCERTAIN])
def test_an_unsure_model_has_no_other_reason(finding_of, reason: str | None) -> None:
    assert reason_open(replace(finding_of(0.5, 0.5, 0.5), reason=reason)) == ""
