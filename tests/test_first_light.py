"""The main job on real lungs, as a user runs it."""

import json
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.slow]

SONOEDGE = [sys.executable, "-m", "edge.cli"]
FINDINGS = {"b_lines", "a_lines", "severity_2_plus"}


def test_a_real_lung_comes_through_the_virtual_probe_and_a_pty(data_folder):
    clip = data_folder / "covid_blues/lus_videos/patient_1_R2.mp4"
    command = [*SONOEDGE, "demo", "--input", str(clip), "--seconds", "5", "--json", "--port", "0"]
    summary = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    assert summary["simulated"] is False
    assert "patient_1_R2.mp4" in summary["source"]
    assert summary["frames"]["read"] > 20
    assert set(summary["findings"]) == FINDINGS


def test_each_twelfth_clip_of_the_data_set_is_read_whole_and_has_its_findings(data_folder):
    clips = sorted((data_folder / "covid_blues/lus_videos").glob("*.mp4"))[::12]
    result = subprocess.run([*SONOEDGE, "infer", *map(str, clips), "--json"], capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(answers) == len(clips) == 24
    for answer in answers:
        assert answer["frames"] > 0
        assert answer["simulated"] is False
        assert {k for k, v in answer["findings"].items() if 0 <= v["probability"] <= 1} == FINDINGS
