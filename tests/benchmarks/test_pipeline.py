"""`sonoedge bench` prints its figures. Their values depend on the machine, so no test asserts them."""

import json
import subprocess
import sys

import pytest

from edge.bench.pipeline import BUDGET_MS

pytestmark = pytest.mark.slow

PIPELINE = {"fps_ratio", "own_work_ratio", "invoke_ms_p50", "added_latency_ms_p50", "added_latency_ms_p99", "rss_mb", "start_to_ready_s"}


@pytest.mark.parametrize(("bench", "keys"), [("pipeline", PIPELINE), ("link", {"decode_mb_s", "crc32_ratio"})])
def test_all_figures_are_printed(bench, keys):
    command = [sys.executable, "-m", "edge.cli", "bench", bench, "--seconds", "3", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert keys <= set(figures)
    assert all(figures[key] > 0 for key in keys)
    if bench == "pipeline":
        assert set(figures["stage_ms"]) == set(BUDGET_MS)
        assert "overhead_ms" in figures  # below zero where other programs slow the bare rounds
    assert figures["passed"] in {True, False}
