"""`sonoedge doctor`: exit status 0 if everything essential works, otherwise 1; the JSON output agrees."""

import json
import os
import subprocess
import sys

from edge.health.doctor import QUESTIONS


def doctor(*arguments):
    command = [sys.executable, "-m", "edge.cli", "doctor", "--port", "0", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "300"})


def test_a_machine_that_works():
    done = doctor("--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["works"]) == (0, True)
    assert [check["name"] for check in report["checks"]] == list(QUESTIONS)


def test_a_missing_model_is_reported_with_the_next_step(tmp_path):
    done = doctor("--model", str(tmp_path))
    assert done.returncode == 1
    assert "release.json cannot be read" in done.stdout
    assert "-> " in done.stdout
