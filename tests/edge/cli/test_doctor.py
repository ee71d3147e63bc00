"""`sonoedge doctor`: exit status 0 if everything essential works, otherwise 1; the JSON output agrees."""

import json
from functools import partial

import pytest

from edge.health.doctor import QUESTIONS


@pytest.fixture
def doctor(sonoedge, monkeypatch):
    """Runs `sonoedge doctor` on a wide terminal."""
    monkeypatch.setenv("COLUMNS", "300")
    return partial(sonoedge, "doctor", "--port", "0")


def test_a_machine_that_works(doctor):
    done = doctor("--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["works"]) == (0, True)
    assert [check["name"] for check in report["checks"]] == list(QUESTIONS)


def test_a_missing_model_is_reported_with_the_next_step(doctor, tmp_path):
    done = doctor("--model", str(tmp_path))
    assert done.returncode == 1
    assert "release.json cannot be read" in done.stdout
    assert "-> " in done.stdout
