"""The page of the child process is the page of this one; the child gives way to the live loop."""

import sys

import pytest

from edge.exam.report import press
from edge.exam.report.pdf import printed
from firmware_bridge.child import NICENESS

STATE = "import os, sys; sys.stdin.read(); print(os.nice(0), len(os.sched_getaffinity(0)))"


def test_the_page_is_the_same_as_without_a_child(report_with):
    report = report_with()
    assert press.pressed(report) == printed(report)


def test_the_child_has_a_low_priority_and_one_core():
    nice, cores = map(int, press._answer_of([sys.executable, "-c", STATE], b"").split())
    assert (nice >= NICENESS, cores) == (True, 1)


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "import time; time.sleep(60)"])
def test_a_child_that_fails_or_hangs_is_reported(monkeypatch, report_with, code):
    monkeypatch.setattr(press, "python", lambda *_: [sys.executable, "-c", code])
    monkeypatch.setattr(press, "LIMIT_S", 0.5 if "sleep" in code else 30)
    with pytest.raises(press.ReportNotPrinted, match="could not be printed"):
        press.pressed(report_with())
