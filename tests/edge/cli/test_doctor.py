"""`sonoedge doctor` ends with 0 where all that is essential works and with 1 where it does not, and says the same as JSON."""

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
    said = json.loads(done.stdout)
    assert (done.returncode, said["works"]) == (0, True)
    assert [check["name"] for check in said["checks"]] == list(QUESTIONS)


def test_a_model_that_is_not_there_is_said_with_what_to_do(tmp_path):
    done = doctor("--model", str(tmp_path))
    assert done.returncode == 1
    assert "release.json cannot be read" in done.stdout
    assert "-> " in done.stdout
