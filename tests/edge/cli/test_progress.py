"""Long work shows its progress on a terminal, and writes nothing about it elsewhere."""

import re
from pathlib import Path

import pytest

from edge.cli import progress
from edge.cli.model import install, list_
from edge.cli.model_try import verify
from edge.cli.recordings import info
from firmware_bridge.virtual_probe.chest import Chest

CLI = Path(progress.__file__).parent
LONG = {
    "provision_hand_over.py": 2,
    "provision_model.py": 2,
    "provision_selftest.py": 2,
    "provision_site.py": 1,
    "provision_stick.py": 1,
    "provision_update.py": 1,
    "release.py": 1,
    "accept_read.py": 1,
    "audit.py": 3,  # export, verify, verify of a file
    "backup.py": 5,  # make; verify: records, clips, copies; restore and free
    "bench.py": 1,
    "doctor.py": 1,
    "exam.py": 2,  # the model, the clips
    "exam_export.py": 2,
    "export.py": 2,
    "export_open.py": 1,
    "hospital.py": 2,
    "exam_report.py": 1,
    "infer.py": 2,
    "model.py": 2,
    "model_accept.py": 3,
    "model_acceptances.py": 1,
    "model_ledger.py": 1,
    "feedback_course.py": 2,
    "feedback_figures.py": 1,
    "feedback_import.py": 1,
    "feedback_card.py": 1,
    "feedback_drift.py": 1,
    "feedback_recalibration.py": 3,
    "feedback_replay.py": 3,
    "feedback_sites.py": 1,
    "feedback_training_set.py": 1,
    "hospital_encounters.py": 1,
    "model_change.py": 5,
    "model_sign.py": 1,
    "model_try.py": 2,
    "probe_check.py": 1,
    "recordings.py": 2,
    "reread.py": 3,
}
"""The modules with commands that can take more than five seconds on a board, and how many steps of them show their progress."""
DRAWS = re.compile(r"(?<![\w.])(?:bar|counting|counted_exams|working)\(")


@pytest.fixture
def terminal(monkeypatch):
    """Rich takes any stream for a terminal."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture
def clip(tmp_path):
    """A recording of one image."""
    from PIL import Image

    Image.fromarray(Chest(2, size=128).image(0)).save(tmp_path / "clip.png")
    return tmp_path / "clip.png"


@pytest.fixture(autouse=True)
def site(tmp_path, monkeypatch):
    monkeypatch.setenv("SONOEDGE_DATA_DIR", str(tmp_path / "data"))


def long_work():
    with progress.counting("counted") as counted:
        counted(1, 2)
    with progress.working("timed"):
        pass
    with progress.bar(*progress.CLIPS) as shown:
        shown.add_task("clips", total=2, frames=1)


def test_without_a_terminal_nothing_is_written(capsys):
    long_work()
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_the_progress_is_on_stderr_only(terminal, capsys):
    long_work()
    out, err = capsys.readouterr()
    assert out == ""
    for word in ("counted", "timed", "clips", "1 frames"):
        assert word in err


def test_each_long_step_draws_its_progress_with_the_same_helpers():
    found = {path.name: len(DRAWS.findall(path.read_text())) for path in CLI.glob("*.py") if path.name != "progress.py"}
    assert {name: count for name, count in found.items() if count} == LONG
    assert [path.name for path in CLI.glob("*.py") if re.search(r"\bProgress\(", path.read_text())] == ["progress.py"]


def test_the_commands_that_had_none_show_it(terminal, clip, candidate, tmp_path, capsys):
    folder = candidate(tmp_path / "new", "1.0.0")
    commands = {
        "reading": lambda: info(str(clip)),
        "digests": lambda: verify("lung-s"),
        "checking the releases": list_,
        "checking and copying": lambda: install(folder, unsigned=True),
    }
    for word, command in commands.items():
        command()
        assert word in capsys.readouterr().err
