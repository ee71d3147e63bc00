"""The process of one engine, as the benchmark drives it."""

import subprocess
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from typing_extensions import Self

from edge.bench.peers.job import Loaded, Refused, Round
from firmware_bridge.child import ONLY_INSTALLED

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = "import sys; sys.path.append(sys.argv[1]); from edge.bench.peers.worker import main; main(*sys.argv[2:])"
"""The peers' environment does not have SonoEdge installed: its place comes last on the path."""
LOADED, ROUND = TypeAdapter(Loaded), TypeAdapter(Round)
STOP_S = 10

Answer = TypeVar("Answer")


class Child:
    """Loads the engine at once; use it in a `with` block, which ends the process."""

    def __init__(self, python: Path, engine: str, folder: Path) -> None:
        """`folder` contains the job; the messages of the process go into a file there."""
        self._log = folder / f"{engine}.log"
        command = [str(python), ONLY_INSTALLED, "-c", PROGRAM, str(ROOT), engine, str(folder)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder)

    def loaded(self) -> None:
        """Waits until the engine can read.

        Raises:
            Refused: it cannot run the network, or its process ended.
        """
        answer = self._answer(LOADED)
        if answer.refused:
            raise Refused(answer.refused)

    def read(self, frames: int) -> Round:
        """Raises Refused: the process ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{frames}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Refused(self._end()) from None
        return self._answer(ROUND)

    def _answer(self, kind: TypeAdapter[Answer]) -> Answer:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            return kind.validate_json(line)
        except ValidationError:
            raise Refused(self._end()) from None

    def _end(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return f"its process ended: {lines[-1] if lines else 'without a message'}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.terminate()
        self._process.communicate(timeout=STOP_S)
