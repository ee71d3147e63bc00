"""Redocly, a third-party linter, checks the OpenAPI document of a running appliance."""

import json
import os
import subprocess
import urllib.request
from pathlib import Path

import pytest

from edge.appliance import Appliance
from edge.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
REDOCLY = ROOT / ".venv" / "redocly" / "node_modules" / ".bin" / "redocly"
RULES = Path(__file__).parent / "redocly.yaml"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "CI": "true"}


@pytest.fixture
def document(tmp_path):
    with (
        Appliance(Settings(port=0, data_dir=tmp_path / "data", threads=1)) as appliance,
        urllib.request.urlopen(f"{appliance.url}openapi.json") as answer,
    ):
        file = tmp_path / "openapi.json"
        file.write_bytes(answer.read())
    return file


def lint(file):
    """The findings of Redocly, as (rule, place, message), and their totals."""
    command = [REDOCLY, "lint", file, "--config", RULES, "--format", "json", "--max-problems", "1000"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **QUIET})
    found = json.loads(done.stdout[done.stdout.index("{") :])
    return [(each["ruleId"], each["location"][0].get("pointer"), each["message"]) for each in found["problems"]], found["totals"]


@pytest.mark.peers
@pytest.mark.slow
def test_the_served_document_breaks_no_rule_and_has_valid_examples(document, missing, tmp_path):
    if not REDOCLY.exists():
        missing("Redocly (make peers, which needs npm)")
    problems, totals = lint(document)
    print(f"Redocly: {totals['errors']} errors, {totals['warnings']} warnings")
    assert problems == []
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({key: value for key, value in json.loads(document.read_text()).items() if key != "servers"}))
    assert [rule for rule, _, _ in lint(broken)[0]] == ["no-empty-servers"]  # the linter does find faults
