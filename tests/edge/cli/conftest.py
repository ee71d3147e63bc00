"""`sonoedge` with the words, streams and exit status that a shell gives it."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial

import pytest

from edge import cli
from edge.disk.layout import DataFolder
from edge.inference.release import BUILT_IN
from edge.people.pin_tuning import board
from tests.edge.cli.publisher import Publisher


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def sonoedge():
    """Runs a command in this process: in a new one, its imports alone take seconds. `lines` are its standard input."""

    def run(*words, lines=()):
        with pytest.MonkeyPatch.context() as shell, redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            shell.setattr(cli, "give_way", lambda: None)  # the tests after this one keep their priority
            shell.setattr(sys, "argv", ["sonoedge", *map(str, words)])
            shell.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
            status = 0
            try:
                cli.main()
            except SystemExit as ended:
                status = ended.code or 0
        return Ended(status, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def model(sonoedge, tmp_path, monkeypatch):
    """Runs `sonoedge model` in an empty folder, on an appliance with fast PINs and the administrator boss, whose PIN is 482915."""
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    DataFolder(data).pin_hash.write_text(json.dumps({"passes": 1, "memory_kib": 8, "board": board()}))
    for name, value in {"DATA_DIR": data, "MODEL": BUILT_IN / "lung-s", "THREADS": 1}.items():
        monkeypatch.setenv(f"SONOEDGE_{name}", str(value))
    monkeypatch.chdir(tmp_path)
    assert sonoedge("operator", "claim", "boss", "Boss", lines=["482915"]).returncode == 0
    return partial(sonoedge, "model")


@pytest.fixture
def publisher(sonoedge, tmp_path):
    """A publisher with a new repository."""
    return Publisher(sonoedge, tmp_path)
