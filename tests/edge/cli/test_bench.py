"""`sonoedge bench`: each target passes or fails in text and in JSON, and `--check` sets the exit status."""

import json
import sys
from dataclasses import dataclass, field, fields
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from edge.bench import pipeline
from edge.bench.page import measure as page_bench
from edge.bench.peers.measure import Measured
from edge.bench.verdict import FAIL, PASS, judge, passes
from edge.cli import bench
from edge.pipeline.times import STAGES

ROOT = Path(__file__).resolve().parents[3]
BENCHES = {
    "pipeline": "PipelineFigures",
    "link": "LinkFigures",
    "live": "LiveFigures",
    "recording": "RecordingFigures",
    "reconnect": "ReconnectFigures",
    "swap": "SwapFigures",
    "vision": "VisionFigures",
    "records": "RecordsFigures",
}

IN_PACKAGES = {"page": "page.measure"}


@dataclass
class Figures:
    fps_ratio: float = 0.52
    core_percent: float = 3.0
    auc: dict = field(default_factory=lambda: {"blurred": 0.99, "dark": 0.9})


@dataclass
class RaceFigures:
    peers: dict = field(default_factory=lambda: {"openvino": {"fps": 100.0}})
    peers_missed: int = 0


TARGETS = {"fps_ratio": (">=", 0.85), "core_percent": ("<=", 5.0), "auc": (">=", 0.95)}


def test_each_figure_with_a_target_passes_or_fails():
    rows = judge({"fps_ratio": 0.52, "mb": 4.0, "core_percent": 5.0, "auc": {"blurred": 0.99, "dark": 0.9}}, TARGETS)
    assert [(row.name, row.part, row.verdict) for row in rows] == [
        ("fps_ratio", "", FAIL),
        ("mb", "", ""),
        ("core_percent", "", PASS),
        ("auc", "blurred", PASS),
        ("auc", "dark", FAIL),
    ]
    assert not passes(rows)


@given(st.sampled_from(["<=", ">="]), st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_not_a_number_never_passes(relation, limit):
    assert not passes(judge({"x": float("nan")}, {"x": (relation, limit)}))
    assert passes(judge({"x": limit}, {"x": (relation, limit)}))


def test_a_target_without_a_figure_is_a_fault_of_the_program():
    with pytest.raises(KeyError, match="x was not measured"):
        judge({}, {"x": ("<=", 1.0)})


@pytest.fixture
def page(monkeypatch):
    """A page that takes no time, and no real clips."""
    figures = page_bench.PageFigures(30.0, 0, 1.0, 140.0, 2.0, 0.0, 2, 13, 6)
    monkeypatch.setattr("edge.bench.page.measure.measure", lambda *_: figures)
    monkeypatch.setenv("SONOEDGE_DATA", "/nowhere")
    return figures


def test_a_figure_of_the_page_that_needs_real_clips_is_absent_without_them_and_the_output_states_it(sonoedge, page):
    done = sonoedge("bench", "page", "--json")
    report = json.loads(done.stdout)
    assert "verdict_changes_per_min" not in report
    assert "SONOEDGE_DATA" in report["absent"]["verdict_changes_per_min"]
    assert report["passed"]
    assert "absent: verdict_changes_per_min" in sonoedge("bench", "page").stdout


def test_a_page_is_not_measured_without_a_browser_and_the_next_step_is_named(sonoedge, monkeypatch):
    monkeypatch.setattr("edge.bench.page.chromium.CHROMIUM", Path("/nowhere/chromium"))
    done = sonoedge("bench", "page")
    assert done.returncode == 2
    assert "apt-get install chromium" in done.stderr
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    assert "Playwright" in sonoedge("bench", "page").stderr


def test_every_target_of_the_page_names_a_figure():
    assert set(page_bench.TARGETS) <= {each.name for each in fields(page_bench.PageFiguresWithClips)}


@pytest.mark.parametrize("name", BENCHES)
def test_every_target_names_a_figure_of_its_benchmark(name):
    module = import_module(f"edge.bench.{name}")
    assert module.TARGETS
    assert {name.partition(" ")[0] for name in module.TARGETS} <= {each.name for each in fields(getattr(module, BENCHES[name]))}


@pytest.mark.parametrize("name", [*BENCHES, "peers", "page"])
def test_every_benchmark_has_check_and_json(sonoedge, name):
    shown = sonoedge("bench", name, "--help").stdout
    assert "--check" in shown
    assert "--json" in shown


@pytest.fixture
def measured(monkeypatch):
    """A benchmark that takes no time."""
    figures = Figures()
    monkeypatch.setattr("edge.bench.recording.measure", lambda _: figures)
    monkeypatch.setattr("edge.bench.recording.TARGETS", TARGETS)
    return figures


def test_the_table_shows_target_and_verdict(sonoedge, measured):
    done = sonoedge("bench", "recording")
    assert done.returncode == 0
    for word in ("fps_ratio", "0.52", ">= 0.85", PASS, FAIL):
        assert word in done.stdout
    assert done.stdout.splitlines()[-1] == FAIL


def test_check_sets_the_exit_status(sonoedge, measured):
    assert sonoedge("bench", "recording", "--check").returncode == 1
    measured.fps_ratio, measured.auc = 0.9, {"dark": 0.96}
    done = sonoedge("bench", "recording", "--check", "--json")
    assert (done.returncode, json.loads(done.stdout)["passed"]) == (0, True)


@pytest.fixture
def raced(monkeypatch):
    """A race that takes no time."""
    figures = RaceFigures()
    monkeypatch.setattr("edge.bench.peers.measure.measure", lambda *_: Measured(figures, {"ncnn": "it has no loop"}))
    monkeypatch.setattr("edge.bench.peers.measure.targets", lambda network: {"peers_missed": ("<=", 0.0)} if network == "lung-s" else {})
    return figures


def test_a_race_shows_each_peers_figures_and_why_another_is_absent(sonoedge, raced):
    report = json.loads(sonoedge("bench", "peers", "--json", "--model", "lung-s").stdout)
    assert report["peers"] == {"openvino": {"fps": 100.0}}
    assert report["absent"] == {"ncnn": "it has no loop"}
    assert report["passed"]
    shown = sonoedge("bench", "peers").stdout
    assert "peers openvino fps" in shown
    assert "absent: ncnn: it has no loop" in shown


def test_a_race_without_its_peers_is_never_green(sonoedge, raced):
    raced.peers_missed = 2
    done = sonoedge("bench", "peers", "--model", "lung-s", "--check")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == FAIL


def test_a_race_of_a_release_that_is_not_there_is_refused(sonoedge):
    done = sonoedge("bench", "peers", "--model", "lung-xl")
    assert done.returncode == 2
    assert "lung-xl" in done.stderr


def test_json_has_every_verdict_and_no_infinity(sonoedge, measured):
    measured.core_percent = float("inf")
    done = sonoedge("bench", "recording", "--json", "--check")
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert report["core_percent"] is None
    assert report["verdicts"]["core_percent"] == {"target": "<= 5", "verdict": FAIL}
    assert report["verdicts"]["auc dark"]["verdict"] == FAIL


def test_a_terminal_shows_progress(monkeypatch, capfd):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("edge.cli.progress.Console", partial(Console, force_terminal=True))
    with bench._progress("measuring"):
        pass
    assert "measuring" in capfd.readouterr().err


@pytest.fixture
def tries(monkeypatch):
    """The figures of each try of a benchmark that takes no time."""
    tries = []
    monkeypatch.setattr("edge.bench.link.measure", lambda _: Figures(fps_ratio=tries.pop(0)))
    monkeypatch.setattr("edge.bench.link.TARGETS", TARGETS)
    return tries


@pytest.fixture
def baseline(tmp_path):
    path = tmp_path / "baseline.json"
    path.write_text('{"link": {"fps_ratio": 0.9}}')
    return path


@pytest.mark.parametrize(("ratios", "status"), [([0.8], 0), ([0.7, 0.8], 0), ([0.7, 0.75], 1), ([float("nan"), 0.1], 1)])
def test_a_ratio_that_fell_in_each_try_fails(sonoedge, tries, baseline, ratios, status):
    tries[:] = ratios
    done = sonoedge("bench", "link", "--json", "--baseline", str(baseline))
    assert (done.returncode, tries) == (status, [])
    assert ("fps_ratio is" in done.stderr) == bool(json.loads(done.stdout)["fell"]) == bool(status)


@pytest.mark.parametrize(
    "content", [None, "", "[]", '{"link": {}}', '{"other": {"fps_ratio": 1}}', '{"link": {"fps_ratio": "x"}}', '{"link": {"fps": 1}}']
)
def test_a_baseline_that_compares_nothing_is_an_error(sonoedge, tries, baseline, content):
    tries[:] = [1.0]
    baseline.unlink() if content is None else baseline.write_text(content)
    done = sonoedge("bench", "link", "--baseline", str(baseline))
    assert done.returncode == 2
    assert "aseline" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_baseline_of_the_source_code_names_ratios_of_its_benchmarks():
    ratios = json.loads((ROOT / "tests" / "benchmarks" / "baseline.json").read_text())
    for name, of in ratios.items():
        targets = import_module(f"edge.bench.{IN_PACKAGES.get(name, name)}").TARGETS
        assert {targets[figure][0] for figure in of} == {">="}, "a larger ratio must be better"


def test_the_budgets_of_the_stages_fit_into_the_added_latency():
    assert set(pipeline.BUDGET_MS) == set(STAGES) - {"latency"}
    added = sum(ms for stage, ms in pipeline.BUDGET_MS.items() if stage not in {"invoke", "publish"})
    assert round(added, 6) <= pipeline.TARGETS["added_latency_ms_p50"][1]
