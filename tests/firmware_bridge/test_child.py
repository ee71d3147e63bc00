"""A child process never runs code of the folder that the user stands in."""

import re
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

import firmware_bridge
from firmware_bridge.child import python
from firmware_bridge.sources.url import open_source

PROJECT = Path(firmware_bridge.__file__).parents[1]
PACKAGES = ("edge", "firmware_bridge", "models", "provisioning")
NAMES_THE_PROGRAM = "firmware_bridge/child.py"


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """The current folder, with files named like modules that every child imports."""
    for name in ("tty", "json", "socket", "pathlib", "numpy", "firmware_bridge"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name}.py of the current folder ran')\n")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("planted")
def test_the_virtual_probe_runs_beside_planted_files():
    with closing(open_source("virtual://chest")) as source:
        assert next(iter(source.frames())).pixels.size


@pytest.mark.usefixtures("planted")
@pytest.mark.parametrize("module", ["json.tool", "firmware_bridge.virtual_probe", "edge.cli"])
def test_a_module_runs_beside_planted_files(module):
    done = subprocess.run(python("-m", module, "--help"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_child_of_the_program_is_started_this_way():
    """`sys.executable` in a list is a command that goes around `python`."""
    for package in PACKAGES:
        for file in (PROJECT / package).rglob("*.py"):
            if file.relative_to(PROJECT).as_posix() != NAMES_THE_PROGRAM:
                assert "[sys.executable" not in file.read_text(), file


def test_the_installer_starts_python_isolated():
    """It runs as root, on a stick that anybody filled."""
    for line in (PROJECT / "provisioning/install.sh").read_text().splitlines():
        for called in re.findall(r'(?:\bpython3|/python") (-[-\w]+)', line):
            assert called in {"-I", "--version"}, line
