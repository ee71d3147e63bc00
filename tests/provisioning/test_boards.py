import subprocess
import sys
from pathlib import Path

import pytest

from provisioning.boards import BoardUnknown, boards, find

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"
TFLITE_NEWEST_PYTHON = (3, 11)


@pytest.mark.parametrize("name", boards())
def test_the_lock_of_each_board_exists(name):
    assert (REQUIREMENTS / boards()[name].lock).is_file()


def version(text):
    return tuple(map(int, text.split(".")))


def test_only_python_310_has_a_lock_of_its_own():
    """As install.sh chooses it on the board."""
    assert {(board.lock, version(board.python) == (3, 10)) for board in boards().values()} == {
        ("runtime.txt", False),
        ("runtime-py310.txt", True),
    }


def test_the_coral_is_promised_only_where_its_runtime_exists():
    promised = {name for name, board in boards().items() if "coral-usb" in board.accelerators}
    assert promised == {name for name, board in boards().items() if version(board.python) <= TFLITE_NEWEST_PYTHON}


def test_the_wheels_of_a_board():
    board, architecture = find("jetpack-6-arm64")
    tags = list(board.wheel_tags(architecture))
    assert tags[0] == "manylinux_2_35_aarch64"
    assert {"manylinux_2_28_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64"} <= set(tags)
    assert not any("x86_64" in tag for tag in tags)


@pytest.mark.parametrize("name", ["", "debian-12", "jetpack-6-amd64"])
def test_an_unknown_board_is_refused_with_the_names(name):
    with pytest.raises(BoardUnknown, match="debian-12-arm64"):
        find(name)


def test_the_command_prints_options_of_pip():
    def told(*words):
        return subprocess.run([sys.executable, "-m", "provisioning.boards", *words], capture_output=True, text=True, check=False)

    done = told("debian-13-arm64")
    assert done.stdout.startswith(
        "--requirement=requirements/runtime.txt --python-version=3.13 --implementation=cp --platform=manylinux_2_41_aarch64 "
    )
    refused = told("mendel")
    assert (refused.returncode, refused.stdout, len(refused.stderr.splitlines())) == (2, "", 1)
