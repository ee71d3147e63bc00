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


def test_every_clip_of_the_data_set_is_read_and_has_its_findings(data_folder):
    folder = data_folder / "covid_blues/lus_videos"
    said = subprocess.run([*SONOEDGE, "infer", str(folder), "--json"], capture_output=True, text=True, check=True)
    clips = [json.loads(line) for line in said.stdout.splitlines()]
    assert len(clips) == len(list(folder.glob("*.mp4"))) == 285
    for clip in clips:
        assert clip["frames"] > 0
        assert clip["simulated"] is False
        assert {k for k, v in clip["findings"].items() if 0 <= v["probability"] <= 1} == FINDINGS
