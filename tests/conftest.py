"""Shared by all tests: the places of real data and real peers, and what happens if they are missing."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]


settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
"""No property test measures time: the machines are shared."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("hardware in the loop")
    group.addoption("--dut", metavar="URL", help="page of the device under test; without it an appliance is started here")
    group.addoption("--probe", metavar="PORT", help="serial port, the other end of which is the device's probe port; without it a pty")


PATIENCE_S = 150
SLOW_TIMEOUT_S = 900
"""A limit of its own ends a test that hangs. On a busy machine, a slow one takes many times as long as on an idle machine."""


LONGEST = (
    "edge/test_stop_anywhere.py",
    "browser/test_story.py",
    "browser/test_exam_page.py",
    "powercut/test_power_cut.py",
    "provisioning/test_install.py",
    "edge/cli/test_provision_story.py",
    "upgrade/test_programs.py",
    "benchmarks/test_vision.py",
    "edge/cli/test_reread.py",
    "peers/test_exam_story.py",
    "powercut/test_kill.py",
    "powercut/test_update_cuts.py",
    "test_first_light.py",
    "edge/probe/test_check.py",
    "edge/services/model/test_swap.py",
    "edge/reread/test_cluster.py",
    "edge/cli/test_run_and_demo.py",
    "browser/test_live_page.py",
    "edge/cli/test_model_change.py",
)
"""These files take longest and begin first, so that at the end no test process waits for one of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    turn = {ROOT / "tests" / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: turn.get(item.path, len(turn)))
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_TIMEOUT_S))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names bytes by their parameter: a packed file holds the time of its packing, and each test process must find the same names."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def missing() -> Callable[[str], None]:
    """Reports that a test needs something that is missing: a skip, or a failure with SONOEDGE_REQUIRE_ALL=1."""

    def report(what: str) -> None:
        if os.environ.get("SONOEDGE_REQUIRE_ALL") == "1":
            pytest.fail(f"SONOEDGE_REQUIRE_ALL=1, but {what} is missing")
        pytest.skip(f"{what} is missing")

    return report


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory, where nothing waits for the disk of this machine."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def other_disk(tmp_path: Path, missing: Callable[[str], None]) -> Iterator[Callable[..., Path]]:
    """Mounts a disk in memory at a folder, which is unmounted at the end; options are those of mount(8), such as `size=1m`."""
    points: list[Path] = []

    def mounted(folder: Path | None = None, *options: str) -> Path:
        point = folder or tmp_path / "other disk"
        point.mkdir(parents=True, exist_ok=True)
        if (
            os.geteuid()
            or subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(("size=64m", *options)), "none", point], check=False).returncode
        ):
            missing("the right to mount a disk (root)")
        points.append(point)
        return point

    yield mounted
    for point in reversed(points):
        subprocess.run(["umount", "--lazy", point], check=False, capture_output=True)


@pytest.fixture(scope="session")
def data_folder(missing: Callable[[str], None]) -> Path:
    """The folder of real ultrasound data that SONOEDGE_DATA names."""
    folder = Path(os.environ.get("SONOEDGE_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "README.md").exists():
        missing(f"real data in {folder} (set SONOEDGE_DATA)")
    return folder


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], object], str], None]:
    """Waits until something holds, and fails with the text `what` if it does not come."""

    def wait(seen: Callable[[], object], what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not seen():
            assert time.monotonic() < end, what
            time.sleep(0.02)

    return wait


class FailuresAtOnce:
    """Shows each failure when it happens: a run that somebody ends has no summary."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._terminal.ensure_newline()
            self._terminal.write_line(f"{report.nodeid} ({report.when})\n{report.longreprtext[-2000:]}")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if isinstance(terminal, pytest.TerminalReporter):
        config.pluginmanager.register(FailuresAtOnce(terminal))


def pytest_terminal_summary(terminalreporter):
    """Shows the figures that tests recorded with `record_property`, from every process."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, [])]
    figures = [(name, value) for report in reports if getattr(report, "when", "") == "call" for name, value in report.user_properties]
    if figures:
        terminalreporter.section("figures")
    for name, value in sorted(figures):
        terminalreporter.write_line(f"{value:>8} {name}")
