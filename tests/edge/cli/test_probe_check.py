"""`sonoedge probe check` on the virtual probe, through a real pty."""

import json
import os
import subprocess
import sys

import pytest

SONOEDGE = [sys.executable, "-m", "edge.cli"]


@pytest.fixture
def check(tmp_path):
    environment = {**os.environ, "SONOEDGE_DATA_DIR": str(tmp_path / "data")}

    def run(source, *options):
        command = [*SONOEDGE, "probe", "check", "--source", source, *options]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    return run


FAST = "fps=0&rendered=30"


def test_dead_elements_are_located_and_the_probe_is_not_to_be_used(check):
    said = check(f"virtual://?dead=40-41&{FAST}")
    assert said.returncode == 4
    assert said.stdout.startswith("DO NOT USE  SIMULATED  research use, not a diagnosis")
    assert "element 40-41" in said.stdout
    assert "Traceback" not in said.stderr
    profile, marks = said.stdout.splitlines()[-2:]
    assert marks.index("x") == profile.index(min(profile[2:66])) == 2 + 40 // 2


def test_a_healthy_probe_passes_and_a_loss_is_seen_against_its_baseline(check, tmp_path):
    out = tmp_path / "all.json"
    healthy = check(f"virtual://?{FAST}")
    air = check(f"virtual://?air=1&{FAST}", "--json")
    weak = check(f"virtual://?air=1&loss_db=3&{FAST}", "--json", "--export", str(out))
    assert (healthy.returncode, air.returncode, weak.returncode) == (0, 0, 3)
    assert json.loads(air.stdout)["is_baseline"]
    said = json.loads(weak.stdout)
    assert said["reasons"][0]["code"] == "WEAKER"
    assert said["loss"] == pytest.approx(3 * 255 / 58, rel=0.1)
    assert [one["verdict"] for one in json.loads(out.read_text())] == ["pass", "pass", "watch"]
    assert check(f"virtual://?air=1&{FAST}", "--new-baseline").stdout.count("new baseline") == 1


def test_what_cannot_be_told_is_no_pass(check):
    said = check("virtual://?frozen=1&fps=0&rendered=2")
    assert said.returncode == 5
    assert "CAN'T TELL" in said.stdout
    assert "Unfreeze" in said.stdout


def test_the_mode_that_is_asked_for_is_kept_to(check, tmp_path):
    from PIL import Image

    Image.new("L", (64, 64), 40).save(tmp_path / "still.png")
    said = check(str(tmp_path / "still.png"), "--mode", "air")
    assert said.returncode == 5
    assert "25 in air are needed" in said.stdout
    assert "no serial number" in said.stdout


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        ("virtual://?dead=999", [], "elements 0 to 127"),
        ("serial:///dev/nothing", [], "is not there"),
        ("virtual://", ["--mode", "water"], "water"),
        ("virtual://", ["--elements", "2"], "16"),
    ],
)
def test_what_cannot_be_is_refused_with_status_2(check, source, options, said):
    refused = check(source, *options)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
