"""The usual TFLite loop, as in TensorFlow Lite's example label_image.py: resize with Pillow, normalise in floats, set, invoke, get."""

from typing import Protocol, cast

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from edge.bench.peers.engines.picture import tensor_of
from edge.bench.peers.job import Engine, Job, Outputs, Pixels, looped


class _Detail(Protocol):
    def __getitem__(self, key: str) -> int: ...


class _Raw(Protocol):
    def allocate_tensors(self) -> None: ...
    def get_input_details(self) -> list[_Detail]: ...
    def get_output_details(self) -> list[_Detail]: ...
    def set_tensor(self, index: int, value: NDArray[np.int8]) -> None: ...
    def invoke(self) -> None: ...
    def get_tensor(self, index: int) -> NDArray[np.int8]: ...


def load(job: Job) -> Engine:
    interpreter = cast("_Raw", Interpreter(model_path=job.network, num_threads=1))
    interpreter.allocate_tensors()
    taken = interpreter.get_input_details()[0]["index"]
    given = [each["index"] for each in interpreter.get_output_details()]

    def read(pixels: Pixels) -> Outputs:
        interpreter.set_tensor(taken, tensor_of(pixels, job))
        interpreter.invoke()
        return [interpreter.get_tensor(index) for index in given]

    return looped(read, job.frames)
