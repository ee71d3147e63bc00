"""Data folders of released programs, and the programs that may open one."""

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.released import checkout, unpack

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))  # the script make.py and the tests drive programs with the same module

RELEASES = {"0001": "f4f6dfd"}
"""The last commit of each released schema; `made_by_COMMIT.tar.xz` is a data folder that its program made."""


@dataclass(frozen=True)
class Folder:
    """A data folder, and its exams as the program that made it showed them: by path of the API, and by command."""

    data: Path
    shown: dict

    def exams(self, *states):
        """The ids of the exams in one of these states, the last begun first."""
        return [exam["id"] for exam in self.shown["api"]["exams?limit=100"]["items"] if exam["state"] in states]


def copy_of(unpacked, place):
    shutil.copytree(unpacked / "data", place / "data")
    return Folder(place / "data", json.loads((unpacked / "shown.json").read_text()))


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory):
    """The archive of the newest released schema, to be copied."""
    place = tmp_path_factory.mktemp("released")
    unpack(HERE / f"made_by_{RELEASES[max(RELEASES)]}.tar.xz", place)
    return place


@pytest.fixture
def folder(unpacked, tmp_path):
    """As the released program left it."""
    return copy_of(unpacked, tmp_path)


@pytest.fixture(scope="module")
def read_folder(unpacked, tmp_path_factory):
    """A copy that the tests of one module share and only read."""
    return copy_of(unpacked, tmp_path_factory.mktemp("read"))


@pytest.fixture(scope="session")
def current():
    """This program."""
    from program import Program

    return Program(ROOT)


@pytest.fixture(scope="session")
def previous(tmp_path_factory, missing):
    """The program of the newest released schema, from the history."""
    from program import Program

    parts = ("edge", "firmware_bridge", "provisioning", "models")
    return Program(checkout(RELEASES[max(RELEASES)], tmp_path_factory.mktemp("previous"), missing, *parts))
