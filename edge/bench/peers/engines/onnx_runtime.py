"""ONNX Runtime with the int8 network that tf2onnx makes of the .tflite file, on one thread as its guide to threads sets it."""

import subprocess
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from edge.bench.peers.engines.picture import tensor_of
from edge.bench.peers.job import Engine, Job, Outputs, Pixels, Refused, looped
from firmware_bridge.child import python

OPSET = "18"
"""The newest that tf2onnx tests."""
LAST = 300
"""So many characters of an error say enough."""


class _Port(Protocol):
    name: str


class _Session(Protocol):
    def get_inputs(self) -> list[_Port]: ...
    def run(self, outputs: None, inputs: dict[str, NDArray[np.int8]]) -> Outputs: ...


def load(job: Job) -> Engine:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = cast("_Session", onnxruntime.InferenceSession(str(_converted(job)), options))
    name = session.get_inputs()[0].name

    def read(pixels: Pixels) -> Outputs:
        return session.run(None, {name: tensor_of(pixels, job)})

    return looped(read, job.frames)


def _converted(job: Job) -> Path:
    """In a process of its own, so that TensorFlow does not count as memory of this engine."""
    made = Path(job.folder) / "network.onnx"
    command = python("-m", "tf2onnx.convert", "--tflite", str(job.plain), "--output", str(made), "--opset", OPSET)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=job.folder)
    if done.returncode != 0:
        raise Refused(f"tf2onnx cannot convert the network: {done.stderr.strip()[-LAST:]}")
    return made
