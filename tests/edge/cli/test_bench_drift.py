"""`sonoedge bench drift`: its keys in JSON, and its exit status."""

import json
import math

import pytest

from edge.bench.drift.measure import DriftFigures


@pytest.fixture
def measured(monkeypatch):
    """A benchmark that takes no time."""
    by_change = {"3_db_less_gain": {"simulated": 20.0}, "4_dead_elements": {"simulated": math.inf}}
    figures = DriftFigures({"simulated": 0.4}, {"simulated": 0.2}, {"simulated": 0.7}, by_change, by_change, {}, {"simulated": 240.0}, {})
    monkeypatch.setattr("edge.bench.drift.measure.measure", lambda *_: figures)
    monkeypatch.setenv("SONOEDGE_DATA", "/nowhere")


def test_the_json_has_false_alarms_and_the_delay_by_kind_of_shift(sonoedge, measured):
    done = sonoedge("bench", "drift", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert report["false_alarms_per_1000"] == {"simulated": 0.4}
    assert report["delay_exams"] == {"3_db_less_gain": {"simulated": 20.0}, "4_dead_elements": {"simulated": None}}
    assert report["verdicts"]["delay_exams 3_db_less_gain simulated"]["verdict"] == "PASS"
    assert report["verdicts"]["delay_exams 4_dead_elements simulated"]["verdict"] == "FAIL"
    assert not report["passed"]
    assert "SONOEDGE_DATA" in report["absent"]["real"]


def test_what_was_assumed_is_stated_under_the_table(sonoedge, measured):
    shown = sonoedge("bench", "drift").stdout
    assert "assumed: gain: a machine shows 60 dB" in shown
    assert "assumed: reading: the release was trained on the patients" in shown


def test_check_sets_the_exit_status(sonoedge, measured):
    assert sonoedge("bench", "drift", "--check").returncode == 1
    for word in ("--json", "--check", "--model", "--wards"):
        assert word in sonoedge("bench", "drift", "--help").stdout


def test_a_release_that_is_not_there_is_refused(sonoedge):
    done = sonoedge("bench", "drift", "--model", "lung-xl")
    assert done.returncode == 2
    assert "lung-xl" in done.stderr
