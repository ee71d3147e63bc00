"""`sonoedge` with the words, streams and exit status that a shell gives it."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from edge import cli


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
