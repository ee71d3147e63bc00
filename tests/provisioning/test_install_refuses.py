"""install.sh and a wrong wheelhouse: one line states what is missing and the next step; what pip writes is not shown."""

import re
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "provisioning/install.sh"
NEXT_STEP = "Fill it with 'make wheelhouse'"

NOT_FOUND = """\
WARNING: The directory '/root' is not owned by the current user.
ERROR: Could not find a version that satisfies the requirement alembic==1.14.0 (from versions: none)
ERROR: No matching distribution found for alembic==1.14.0
"""
OTHER_HASH = """\
ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, please update them.
    alembic==1.14.0 from file:///stick/alembic-1.14.0-py3-none-any.whl:
        Expected sha256 aa
             Got        bb
"""
FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n\n"


def refused(done):
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("install: ")
    return line


def install(*words):
    return subprocess.run(["sh", SCRIPT, *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("files", [(), ("readme.txt",), ("package.tar.gz",)])
def test_a_folder_without_wheels_is_refused_before_anything_is_made(tmp_path, files):
    for name in files:
        (tmp_path / name).touch()
    line = refused(install("--wheelhouse", str(tmp_path)))
    assert f"{tmp_path} holds no Python packages (*.whl). {NEXT_STEP}" in line


@pytest.fixture
def explained(tmp_path):
    """What a technician reads when pip ends with these lines: the functions of the script, and a Python that only fails."""
    functions = re.findall(
        r"^(?:\w+\(\) \{.*?^\}|(?:say|refuse|holds_wheels)\(\) .*?|FILL=.*?)$", SCRIPT.read_text(), re.MULTILINE | re.DOTALL
    )
    python = tmp_path / "bin/python"
    python.parent.mkdir()

    def run(lines, wheelhouse="/stick"):
        (tmp_path / "lines").write_text(lines)
        python.write_text(f'#!/bin/sh\ncat "{tmp_path}/lines" >&2\nexit 1\n')
        python.chmod(0o755)
        script = "\n".join(["set -eu", f"wheelhouse={wheelhouse}", *functions, f'pip_install "{tmp_path}" -r lock.txt'])
        return refused(subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False))

    return run


def test_a_missing_package_is_named(explained):
    line = explained(NOT_FOUND)
    assert "/stick has no alembic==1.14.0 for Python 3" in line
    assert NEXT_STEP in line


def test_a_package_with_another_hash(explained):
    assert "a package from /stick is damaged, or not the locked one" in explained(OTHER_HASH)


def test_any_other_failure_has_the_last_line_of_pip_without_its_mark(explained):
    line = explained(FULL, wheelhouse="")
    assert (
        "from the network cannot be installed: Could not install packages due to an OSError: [Errno 28] No space left on device. " in line
    )
    assert "ERROR" not in line
