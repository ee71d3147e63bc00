"""OpenVINO, which reads .tflite files: compiled for the processor, for latency, with one thread."""

from collections.abc import Mapping
from typing import Protocol, cast

import numpy as np
import openvino
from numpy.typing import NDArray

from edge.bench.peers.engines.picture import tensor_of
from edge.bench.peers.job import Engine, Job, Outputs, Pixels, looped

CONFIG = {"INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY"}


class _Compiled(Protocol):
    def __call__(self, inputs: list[NDArray[np.int8]]) -> Mapping[object, NDArray[np.int8]]: ...


def load(job: Job) -> Engine:
    compiled = cast("_Compiled", openvino.Core().compile_model(str(job.plain), "CPU", CONFIG))

    def read(pixels: Pixels) -> Outputs:
        return list(compiled([tensor_of(pixels, job)]).values())

    return looped(read, job.frames)
