"""`sonoedge run` and `sonoedge demo` as processes, on a simulated chest and on a real lung."""

import json
import re
import signal
import subprocess
import sys
import urllib.request

import pytest

KEYS = {"source", "simulated", "model", "notice", "frames", "findings", "fps", "latency_ms"}


def demo(*arguments):
    command = [sys.executable, "-m", "edge.cli", "demo", "--seconds", "3", "--json", "--port", "0", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def check_accounts(summary):
    frames = summary["frames"]
    assert frames["read"] > 0
    assert frames["received"] == frames["read"] + sum(frames["dropped"].values())
    assert set(summary) == KEYS
    assert summary["latency_ms"]["p50"] <= summary["latency_ms"]["p90"] <= summary["latency_ms"]["p99"]
    assert set(summary["findings"]) == {"b_lines", "a_lines", "severity_2_plus"}
    for finding in summary["findings"].values():
        assert 0 <= finding["probability"] <= 1
        assert 0 <= finding["last"] <= 1


def test_a_demo_without_input_shows_a_simulated_chest_and_says_so():
    summary, said = demo()
    check_accounts(summary)
    assert summary["simulated"] is True
    assert "SIMULATED" in said
    assert re.search(r"Open http://127\.0\.0\.1:\d+/", said)
    assert "not a diagnosis" in said
    assert "not a diagnosis" in summary["notice"]


def test_a_demo_of_a_real_lung_goes_through_the_virtual_probe_and_is_not_simulated(data_folder):
    clip = data_folder / "covid_blues/lus_videos/patient_1_R2.mp4"
    summary, said = demo("--input", str(clip))
    check_accounts(summary)
    assert summary["simulated"] is False
    assert summary["source"].startswith("virtual://")
    assert "SIMULATED" not in said


def test_json_without_seconds_is_refused():
    done = subprocess.run([sys.executable, "-m", "edge.cli", "demo", "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--seconds" in done.stderr


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_run_serves_until_it_is_told_to_end(end):
    command = [sys.executable, "-m", "edge.cli", "run", "--port", "0", "--source", "virtual://chest?size=128&rendered=4"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        said = running.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/", said)[0]
        with urllib.request.urlopen(url + "api/v1/health") as answer:
            assert answer.status == 200
        running.send_signal(end)
        _, errors = running.communicate()
    assert running.returncode == 0
    assert "Traceback" not in errors
    assert "not a diagnosis" in said
