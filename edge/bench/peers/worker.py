"""The process of one engine: it loads the network, then reads a round of frames for each number on stdin, until stdin ends."""

import importlib
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Protocol, TextIO, cast

import numpy as np

from edge.bench.peers.job import Engine, Job, Loaded, Refused, Round

STDOUT, STDERR = 1, 2
KB_PER_MB = 1024


class _Module(Protocol):
    def load(self, job: Job) -> Engine: ...


def main(name: str, job_folder: str) -> None:
    """`name` is a module of `edge.bench.peers.engines`; the folder contains the job."""
    folder = Path(job_folder)
    answers = os.fdopen(os.dup(STDOUT), "w", buffering=1)
    os.dup2(STDERR, STDOUT)  # some libraries print, and only answers may arrive there
    try:
        module = cast("_Module", importlib.import_module(f"edge.bench.peers.engines.{name}"))
        engine = module.load(Job.read(folder))
    except Exception as error:  # whatever an engine raises is its reason
        text = " ".join(str(error).split())
        _answer(answers, Loaded(text if isinstance(error, Refused) else f"{type(error).__name__}: {text}"))
        return
    for position, outputs in enumerate(zip(*engine.outputs, strict=True)):
        np.save(folder / f"{name}-{position}.npy", np.stack(outputs))
    _answer(answers, Loaded())
    for line in sys.stdin:
        begun = time.process_time()
        took = engine.run(int(line))
        _answer(answers, Round(took, time.process_time() - begun, _peak_mb()))


def _answer(answers: TextIO, answer: Loaded | Round) -> None:
    answers.write(json.dumps(asdict(answer)) + "\n")


def _peak_mb() -> float:
    """Of this process alone; `getrusage` would count the memory of the parent before it started this program."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / KB_PER_MB
